import fc from 'fast-check';
import { idBefore, laterId } from './ids';
import { createMark } from './search';

/** A snowflake: milliseconds since X's epoch, shifted by 22 bits. */
const idAt = (ms: number) => (BigInt(ms) << 22n).toString();

describe('createMark', () => {
  it('starts at the id that was given', () => {
    expect(createMark('5', 1000).searchFrom()).toBe('5');
    expect(createMark(undefined, 1000).searchFrom()).toBeUndefined();
  });

  it('searches from a little before the newest post, because search learns of posts late', () => {
    const mark = createMark(undefined, 1000);
    mark.advance(idAt(5000));
    mark.advance(idAt(3000));
    expect(mark.searchFrom()).toBe(idAt(4000));
  });

  it('never goes back behind where it started', () => {
    const mark = createMark(idAt(4500), 1000);
    mark.advance(idAt(5000));
    expect(mark.searchFrom()).toBe(idAt(4500));
  });
});

describe('ids', () => {
  it('compare as numbers, not as texts', () => {
    expect(laterId('999', '1000')).toBe('1000');
    expect(laterId('1000', '999')).toBe('1000');
    expect(laterId(undefined, '9')).toBe('9');
    expect(laterId('9', undefined)).toBe('9');
  });

  it('go back by exactly the time, and never below zero', () => {
    const time = fc.integer({ min: 0, max: 2 ** 41 });
    fc.assert(
      fc.property(time, time, (at, back) => {
        expect(idBefore(idAt(at), back)).toBe(idAt(Math.max(0, at - back)));
      }),
    );
  });
});
