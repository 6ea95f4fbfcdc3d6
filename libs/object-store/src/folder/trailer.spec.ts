import fc from 'fast-check';
import { readTrailer, trailerLength, writeTrailer } from './trailer';

it('reads every trailer back from the end of a file', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.string(), fc.string(), (content, etag, contentType) => {
      const file = Buffer.concat([content, writeTrailer({ etag, contentType })]);
      const length = trailerLength(file);
      expect(length).toBe(file.length - content.length);
      expect(readTrailer(file.subarray(content.length))).toEqual({ etag, contentType });
    }),
  );
});

it.each([
  ['an empty file', Buffer.alloc(0)],
  ['a file without mark', Buffer.alloc(100)],
  ['a file cut in its trailer', writeTrailer({ etag: 'e', contentType: 't' }).subarray(0, -1)],
])('finds no trailer in %s', (_, file) => {
  expect(trailerLength(file)).toBeUndefined();
});

it.each(['not json', '{}', 'null', '{"etag":1,"contentType":"t"}'])(
  'finds a trailer of %j damaged',
  (json) => {
    const whole = writeTrailer({ etag: 'e', contentType: 't' });
    expect(readTrailer(Buffer.concat([Buffer.from(json), whole.subarray(-12)]))).toBeUndefined();
  },
);
