import fc from 'fast-check';
import { keyToNames, readName, textOf } from './names';

const keys = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 400 });
const hostileKeys = fc.stringMatching(/^[./%~+\\a-cA-CÉ📷\0]{1,60}$/u);

/** Reads names back by the rules of the walk. */
function namesToKey(names: readonly string[]): string {
  const pieces = names.flatMap((name) => {
    const meaning = readName(name);
    if (meaning === undefined) throw new Error(`'${name}' has no meaning`);
    return meaning.kind === 'folder' ? [meaning.bytes, Buffer.from('/')] : [meaning.bytes];
  });
  return textOf(Buffer.concat(pieces));
}

it.each([
  ['requests/abc/photo.jpg', ['requests+', 'abc+', 'photo.jpg']],
  ['a', ['a']],
  ['a/', ['a+', '%']],
  ['a//b', ['a+', '%+', 'b']],
  ['/', ['%+', '%']],
  ['..', ['%2e%2e']],
  ['../x', ['%2e%2e+', 'x']],
  ['.hidden', ['%2ehidden']],
  ['A b', ['%41%20b']],
  ['é', ['%c3%a9']],
  ['%2e', ['%252e']],
  ['a+', ['a%2b']],
  ['a~', ['a%7e']],
])('names the key %j as a person would', (key, names) => {
  expect(keyToNames(key)).toEqual(names);
});

it('reads every key back from its names', () => {
  fc.assert(
    fc.property(fc.oneof(keys, hostileKeys), (key) => {
      expect(namesToKey(keyToNames(key))).toBe(key);
    }),
  );
});

it('makes names that every file system takes', () => {
  fc.assert(
    fc.property(fc.oneof(keys, hostileKeys), (key) => {
      for (const name of keyToNames(key)) {
        expect(name).toMatch(/^[a-z0-9._%-]+[+~]?$/);
        expect(name).not.toMatch(/^\.|\.$/);
        expect(name.length).toBeLessThan(255);
      }
    }),
  );
});

it('cuts a long part at a whole escape', () => {
  const names = keyToNames('É'.repeat(100));
  expect(names.length).toBeGreaterThan(1);
  expect(names.slice(0, -1).every((name) => name.endsWith('~'))).toBe(true);
  expect(namesToKey(names)).toBe('É'.repeat(100));
});

it.each(['.DS_Store', 'Upper', 'a b', '%', '%4', '%zz', '', '+'].filter((name) => name !== '%'))(
  'finds no meaning in the foreign name %j',
  (name) => {
    expect(readName(name)).toBeUndefined();
  },
);
