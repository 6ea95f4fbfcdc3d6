import { PermanentError } from '@mosaicme/errors';
import fc from 'fast-check';
import {
  addFailure,
  deadHeaders,
  headerNames,
  readDeadMessage,
  readTrail,
  retryHeaders,
  type Trail,
} from './trail';

const empty: Trail = { attempts: 0, failures: [] };
const at = new Date('2026-01-02T03:04:05Z');
const error = new PermanentError('test.no-image', 'It is no image.');
const content = new Uint8Array([1, 2, 3]);

describe('the trail of a message', () => {
  it('is empty at first', () => {
    expect(readTrail(undefined)).toEqual(empty);
    expect(readTrail({})).toEqual(empty);
  });

  it('survives its way through the headers', () => {
    const trail = addFailure(addFailure(empty, error, at), new Error('Again.'), at);

    expect(trail.attempts).toBe(2);
    expect(readTrail(retryHeaders(trail))).toEqual(trail);
    expect(readTrail(deadHeaders(trail, 'queue', at))).toEqual(trail);
  });

  it('keeps count, and the last failures only', () => {
    let trail = empty;
    for (let n = 1; n <= 500; n++) trail = addFailure(trail, new Error('x'.repeat(9_999)), at);

    expect(trail.attempts).toBe(500);
    expect(trail.failures.map(({ attempt }) => attempt)).toEqual([
      491, 492, 493, 494, 495, 496, 497, 498, 499, 500,
    ]);
    // The headers of one message must fit into 64 KiB.
    expect(JSON.stringify(retryHeaders(trail)).length).toBeLessThan(32_768);
  });

  it.each([
    ['no number', { [headerNames.attempts]: 'many' }],
    ['a negative number', { [headerNames.attempts]: -1 }],
    ['a broken number', { [headerNames.attempts]: 1.5 }],
    ['a history that is no JSON', { [headerNames.history]: '[' }],
    ['a history of something else', { [headerNames.history]: '[{"attempt":"first"}]' }],
    ['a history that is no text', { [headerNames.history]: 7 }],
  ])('takes headers of strangers that make no sense for absent: %s', (_name, headers) => {
    expect(readTrail(headers)).toEqual(empty);
  });

  it('can be read from any headers', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...Object.values(headerNames)), fc.anything()),
        (h) => {
          expect(readTrail(h).attempts).toBeGreaterThanOrEqual(0);
          expect(readDeadMessage(content, h).code).not.toBe(undefined);
        },
      ),
    );
  });
});

describe('a dead letter', () => {
  it('says where it comes from, why and when', () => {
    const trail = addFailure(empty, error, at);

    expect(readDeadMessage(content, deadHeaders(trail, 'mosaic-raw', at))).toEqual({
      content,
      queue: 'mosaic-raw',
      code: 'test.no-image',
      reason: 'It is no image.',
      attempts: 1,
      failedAt: '2026-01-02T03:04:05.000Z',
      history: [
        { attempt: 1, at: at.toISOString(), code: 'test.no-image', reason: 'It is no image.' },
      ],
    });
  });

  it('that the broker dead-lettered by itself keeps its history and names the delivery limit', () => {
    const waited = retryHeaders(addFailure(empty, error, at));

    expect(readDeadMessage(content, waited)).toMatchObject({
      queue: undefined,
      code: 'messaging.delivery-limit',
      attempts: 1,
      failedAt: undefined,
      history: [{ code: 'test.no-image' }],
    });
  });
});
