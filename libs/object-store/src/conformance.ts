import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { assertConditionalWrites } from './conditional-writes';
import { ObjectNotFound, PreconditionFailed, type ObjectInfo, type ObjectStore } from './port';

/** Keys that are easily confused, escaped wrongly or taken for paths. */
const oddKeys = [
  '!',
  '%2e%2e',
  '%zz',
  '..',
  '.hidden',
  'A',
  'a',
  'a b+c é#?&=%20.png',
  'a%2fb',
  'a+',
  'a-b',
  'a.',
  'a/',
  'a/b',
  'a//b',
  'a/b/c.jpg',
  'a\\b',
  'a~',
  'quotes\'"<>&',
  'e\u0301',
  '\u00e9',
  'line\nbreak\ttab',
  '名前/写真 📷.jpg',
  '\u{1f4f7}',
  '\uff5e',
  `long/${'x'.repeat(600)}`,
  `long/${'x'.repeat(600)}/y`,
  `long/${'É'.repeat(300)}`,
];

const megabyte = 1024 * 1024;
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const byUtf8 = (one: string, other: string): number =>
  Buffer.compare(Buffer.from(one), Buffer.from(other));
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function collect(items: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const item of items) parts.push(item);
  return Buffer.concat(parts);
}

async function keysOf(items: AsyncIterable<ObjectInfo>): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of items) keys.push(key);
  return keys;
}

/** The outcome of each put of a race: the etag of a winner, undefined for one that lost. */
async function race(
  puts: readonly Promise<{ readonly etag: string }>[],
): Promise<(string | undefined)[]> {
  const outcomes = await Promise.allSettled(puts);
  return outcomes.map((outcome) => {
    if (outcome.status === 'fulfilled') return outcome.value.etag;
    expect(outcome.reason).toBeInstanceOf(PreconditionFailed);
    return undefined;
  });
}

/**
 * What every object store must do. Each adapter runs it.
 * @param factory Opens the store under test; all tests of the suite share it.
 */
export function describeObjectStore(name: string, factory: () => Promise<ObjectStore>): void {
  describe(name, () => {
    jest.setTimeout(60_000);
    let store: ObjectStore;
    let bucket: string;
    const at = (key: string) => ({ bucket, key });

    beforeAll(async () => {
      store = await factory();
    });
    beforeEach(async () => {
      bucket = `conformance-${randomUUID()}`;
      await store.ensureBucket(bucket);
    });
    afterAll(async () => {
      await store?.close();
    });

    it('answers a ping', async () => {
      await expect(store.ping()).resolves.toBeUndefined();
    });

    it('gives back what was put', async () => {
      const before = Date.now();
      const { etag } = await store.put(at('k'), bytesOf('hello'), {
        contentType: 'text/plain',
        cacheControl: 'max-age=60',
      });
      expect(etag).toMatch(/^[^"]+$/);
      const object = await store.get(at('k'));
      expect(object).toMatchObject({ bucket, key: 'k', size: 5, etag, contentType: 'text/plain' });
      expect(textOf(object.bytes)).toBe('hello');
      // S3 gives whole seconds.
      expect(object.lastModified.getTime()).toBeGreaterThan(before - 2_000);
    });

    it('knows size and etag of an object without reading it', async () => {
      const { etag } = await store.put(at('k'), bytesOf('hello'));
      expect(await store.head(at('k'))).toMatchObject({ bucket, key: 'k', size: 5, etag });
      expect(await store.head(at('other'))).toBeUndefined();
    });

    it('replaces an object and its type as a whole', async () => {
      const first = await store.put(at('k'), bytesOf('a longer text'), {
        contentType: 'text/plain',
      });
      const second = await store.put(at('k'), bytesOf('short'), { contentType: 'image/png' });
      expect(second.etag).not.toBe(first.etag);
      const object = await store.get(at('k'));
      expect(object.contentType).toBe('image/png');
      expect(textOf(object.bytes)).toBe('short');
    });

    it('keeps empty objects', async () => {
      await store.put(at('put'), new Uint8Array(), { contentType: 'text/plain' });
      await store.putStream(at('stream'), emptyBody(), { contentType: 'text/plain' });
      for (const key of ['put', 'stream']) {
        expect(await store.get(at(key))).toMatchObject({ size: 0, contentType: 'text/plain' });
        expect((await store.get(at(key))).bytes).toHaveLength(0);
        expect(await collect((await store.stream(at(key))).body)).toHaveLength(0);
      }
    });

    it('names the object that is not there', async () => {
      await expect(store.get(at('no/such'))).rejects.toThrow(ObjectNotFound);
      await expect(store.get(at('no/such'))).rejects.toThrow(/'no\/such'.*bucket/);
      await expect(store.get(at('no/such'), { start: 0, end: 1 })).rejects.toThrow(ObjectNotFound);
      await expect(store.stream(at('no/such'))).rejects.toThrow(ObjectNotFound);
      await expect(store.copy(at('no/such'), at('to'))).rejects.toThrow(ObjectNotFound);
      await expect(
        store.copy(at('no/such'), at('to'), { contentType: 'text/plain' }),
      ).rejects.toThrow(ObjectNotFound);
      await expect(
        store.copy(at('no/such'), at('to'), {
          contentType: 'text/plain',
          cacheControl: 'no-store',
        }),
      ).rejects.toThrow(ObjectNotFound);
    });

    it('names the bucket that is not there', async () => {
      const ref = { bucket: `missing-${randomUUID()}`, key: 'k' };
      const error = {
        code: 'object-store.no-bucket',
        message: expect.stringContaining(ref.bucket),
      };
      await expect(store.put(ref, bytesOf('x'))).rejects.toMatchObject(error);
      await expect(store.putStream(ref, emptyBody())).rejects.toMatchObject(error);
      await expect(store.get(ref)).rejects.toMatchObject(error);
      await expect(keysOf(store.list(ref.bucket))).rejects.toMatchObject(error);
    });

    it.each([
      ['', 'object-store.bad-key'],
      ['k'.repeat(1025), 'object-store.bad-key'],
      ['half a pair \ud83d', 'object-store.bad-key'],
    ])('refuses a key that no store takes (%#)', async (key, code) => {
      await expect(store.put(at(key), bytesOf('x'))).rejects.toMatchObject({ code });
    });

    it.each(['', 'UPPER', '../x', 'a', 'a/b', 'dot..dot'])(
      'refuses the bucket name "%s"',
      async (bad) => {
        await expect(store.ensureBucket(bad)).rejects.toMatchObject({
          code: 'object-store.bad-bucket',
        });
        await expect(store.get({ bucket: bad, key: 'k' })).rejects.toMatchObject({
          code: 'object-store.bad-bucket',
        });
      },
    );

    it('makes a bucket once, also when many ask at the same time', async () => {
      const other = `conformance-${randomUUID()}`;
      await Promise.all(Array.from({ length: 4 }, () => store.ensureBucket(other)));
      await store.put({ bucket: other, key: 'k' }, bytesOf('x'));
      await store.ensureBucket(other);
      expect(await keysOf(store.list(other))).toEqual(['k']);
    });

    it('keeps odd keys apart and lists them in the order of their UTF-8 bytes', async () => {
      for (const key of oddKeys) await store.put(at(key), bytesOf(`content of ${key}`));
      for (const key of oddKeys) {
        expect(textOf((await store.get(at(key))).bytes)).toBe(`content of ${key}`);
      }
      expect(await keysOf(store.list(bucket))).toEqual([...oddKeys].sort(byUtf8));
      for (const key of oddKeys) await store.copy(at(key), at(`copies/${key}`));
      for (const key of oddKeys) await store.delete(at(key));
      expect(await keysOf(store.list(bucket))).toEqual(
        oddKeys.map((key) => `copies/${key}`).sort(byUtf8),
      );
    });

    describe('ranges', () => {
      it.each([
        [0, 4, '0123'],
        [3, 5, '34'],
        [8, 10, '89'],
        [8, 99, '89'],
        [0, 99, '0123456789'],
        [4, 4, ''],
        [10, 12, ''],
        [50, 99, ''],
      ])('reads the bytes from %i up to %i', async (start, end, expected) => {
        await store.put(at('digits'), bytesOf('0123456789'), { contentType: 'text/plain' });
        const part = await store.get(at('digits'), { start, end });
        expect(textOf(part.bytes)).toBe(expected);
        expect(part).toMatchObject({ size: 10, contentType: 'text/plain' });
      });

      it('reads nothing from an empty object', async () => {
        await store.put(at('empty'), new Uint8Array());
        expect((await store.get(at('empty'), { start: 0, end: 5 })).bytes).toHaveLength(0);
      });

      it.each([
        [-1, 5],
        [5, 4],
        [0.5, 4],
      ])('refuses the range from %d up to %d', async (start, end) => {
        await store.put(at('digits'), bytesOf('0123456789'));
        await expect(store.get(at('digits'), { start, end })).rejects.toThrow(RangeError);
      });
    });

    describe('streams', () => {
      const content = randomBytes(12 * megabyte + 17);
      async function* pieces(size: number): AsyncGenerator<Uint8Array> {
        for (let start = 0; start < content.length; start += size) {
          yield content.subarray(start, start + size);
        }
      }

      it.each([64 * 1024, 5 * megabyte])(
        'stores 12 MB that come in pieces of %i bytes',
        async (size) => {
          const { etag } = await store.putStream(at('big'), pieces(size), {
            contentType: 'image/jpeg',
          });
          const found = await store.stream(at('big'));
          expect(found).toMatchObject({ size: content.length, etag, contentType: 'image/jpeg' });
          expect(digest(await collect(found.body))).toBe(digest(content));
          expect(await store.head(at('big'))).toMatchObject({ etag, size: content.length });
          const part = await store.get(at('big'), {
            start: 8 * megabyte - 1,
            end: 8 * megabyte + 1,
          });
          expect(Buffer.from(part.bytes)).toEqual(
            content.subarray(8 * megabyte - 1, 8 * megabyte + 1),
          );
        },
      );

      it('can be left before its end, as often as one likes', async () => {
        await store.put(at('big'), content);
        for (let round = 0; round < 80; round += 1) {
          for await (const piece of (await store.stream(at('big'))).body) {
            expect(piece.length).toBeGreaterThan(0);
            break;
          }
        }
        await expect(store.ping()).resolves.toBeUndefined();
      });

      it.each([
        ['at once', 0],
        ['after 1 MB', 1],
        ['after 10 MB', 10],
      ])('leaves nothing when the body fails %s', async (_, megabytes) => {
        const failure = Object.assign(new Error('the picture broke'), {
          code: 'ENOENT',
          syscall: 'x',
        });
        async function* failing(): AsyncGenerator<Uint8Array> {
          for (let done = 0; done < megabytes; done += 1) yield content.subarray(0, megabyte);
          throw failure;
        }
        await expect(store.putStream(at('new'), failing())).rejects.toBe(failure);
        expect(await store.head(at('new'))).toBeUndefined();
        await store.put(at('old'), bytesOf('old'));
        await expect(store.putStream(at('old'), failing())).rejects.toBe(failure);
        expect(textOf((await store.get(at('old'))).bytes)).toBe('old');
        expect(await keysOf(store.list(bucket))).toEqual(['old']);
      });

      it('shows a reader the old object or the new one, never a part', async () => {
        const versions = ['a', 'b'].map((letter) => bytesOf(letter.repeat(200_000)));
        await store.put(at('k'), versions[0] ?? content);
        const writes = (async () => {
          for (let round = 0; round < 20; round += 1) {
            await store.put(at('k'), versions[round % 2] ?? content);
          }
        })();
        const seen = new Set<string>();
        for (let round = 0; round < 40; round += 1) {
          seen.add(digest((await store.get(at('k'))).bytes));
        }
        await writes;
        const whole = versions.map(digest);
        expect([...seen].filter((one) => !whole.includes(one))).toEqual([]);
      });
    });

    describe('conditional writes', () => {
      it('writes only where nothing is', async () => {
        await store.put(at('k'), bytesOf('first'), { only: { absent: true } });
        await expect(
          store.put(at('k'), bytesOf('second'), { only: { absent: true } }),
        ).rejects.toThrow(PreconditionFailed);
        expect(textOf((await store.get(at('k'))).bytes)).toBe('first');
        await store.delete(at('k'));
        await store.put(at('k'), bytesOf('third'), { only: { absent: true } });
        expect(textOf((await store.get(at('k'))).bytes)).toBe('third');
      });

      it('writes only over the version that it names', async () => {
        const first = await store.put(at('k'), bytesOf('first'));
        const second = await store.put(at('k'), bytesOf('second'), { only: first });
        await expect(store.put(at('k'), bytesOf('third'), { only: first })).rejects.toThrow(
          PreconditionFailed,
        );
        expect(await store.head(at('k'))).toMatchObject({ etag: second.etag });
      });

      it('writes over no version where nothing is', async () => {
        const { etag } = await store.put(at('other'), bytesOf('x'));
        await expect(store.put(at('k'), bytesOf('y'), { only: { etag } })).rejects.toThrow(
          PreconditionFailed,
        );
        expect(await store.head(at('k'))).toBeUndefined();
      });

      it.each([1, 2, 3])('lets exactly one of 24 writers create an object (%i)', async () => {
        const outcomes = await race(
          Array.from({ length: 24 }, (_, writer) =>
            store.put(at('k'), bytesOf(`writer ${writer}`), { only: { absent: true } }),
          ),
        );
        const winners = outcomes.flatMap((etag, writer) => (etag === undefined ? [] : [writer]));
        expect(winners).toHaveLength(1);
        expect(textOf((await store.get(at('k'))).bytes)).toBe(`writer ${winners[0]}`);
      });

      it.each([1, 2, 3])('lets exactly one of 24 writers replace a version (%i)', async () => {
        const first = await store.put(at('k'), bytesOf('first'));
        const outcomes = await race(
          Array.from({ length: 24 }, (_, writer) =>
            store.put(at('k'), bytesOf(`writer ${writer}`), { only: first }),
          ),
        );
        const winners = outcomes.flatMap((etag, writer) => (etag === undefined ? [] : [writer]));
        expect(winners).toHaveLength(1);
        expect(textOf((await store.get(at('k'))).bytes)).toBe(`writer ${winners[0]}`);
      });

      it('loses no increment when each writer reads again and tries again', async () => {
        const only = await store.put(at('counter'), bytesOf('0'));
        expect(only.etag).not.toBe('');
        const increment = async (): Promise<void> => {
          for (;;) {
            const { bytes, etag } = await store.get(at('counter'));
            try {
              await store.put(at('counter'), bytesOf(String(Number(textOf(bytes)) + 1)), {
                only: { etag },
              });
              return;
            } catch (error) {
              if (!(error instanceof PreconditionFailed)) throw error;
            }
          }
        };
        await Promise.all(Array.from({ length: 8 }, increment));
        expect(textOf((await store.get(at('counter'))).bytes)).toBe('8');
      });

      it('passes the probe for conditional writes, which leaves nothing behind', async () => {
        await assertConditionalWrites(store, bucket);
        expect(await keysOf(store.list(bucket))).toEqual([]);
      });
    });

    describe('listing', () => {
      it('lists nothing in an empty bucket', async () => {
        expect(await keysOf(store.list(bucket))).toEqual([]);
      });

      it('gives size, etag and time of each object', async () => {
        const { etag } = await store.put(at('k'), bytesOf('hello'));
        const found: ObjectInfo[] = [];
        for await (const info of store.list(bucket)) found.push(info);
        expect(found).toEqual([
          { bucket, key: 'k', size: 5, etag, lastModified: expect.any(Date) },
        ]);
      });

      it('lists by prefix, whether or not it ends at a slash', async () => {
        const keys = ['a/1', 'a/2', 'ab', 'b', 'b/a/1'];
        for (const key of keys) await store.put(at(key), bytesOf(key));
        expect(await keysOf(store.list(bucket, { prefix: 'a' }))).toEqual(['a/1', 'a/2', 'ab']);
        expect(await keysOf(store.list(bucket, { prefix: 'a/' }))).toEqual(['a/1', 'a/2']);
        expect(await keysOf(store.list(bucket, { prefix: 'a/2' }))).toEqual(['a/2']);
        expect(await keysOf(store.list(bucket, { prefix: 'c' }))).toEqual([]);
      });

      it('begins after a key, whether or not there is an object of that key', async () => {
        for (const key of ['a', 'a/1', 'a/2', 'a0', 'b/1']) await store.put(at(key), bytesOf(key));
        expect(await keysOf(store.list(bucket, { after: 'a/1' }))).toEqual(['a/2', 'a0', 'b/1']);
        expect(await keysOf(store.list(bucket, { after: 'a/' }))).toEqual([
          'a/1',
          'a/2',
          'a0',
          'b/1',
        ]);
        expect(await keysOf(store.list(bucket, { after: 'b/0' }))).toEqual(['b/1']);
        expect(await keysOf(store.list(bucket, { prefix: 'a/', after: 'a/1' }))).toEqual(['a/2']);
        expect(await keysOf(store.list(bucket, { after: 'c' }))).toEqual([]);
      });

      it('lists more objects than one page holds', async () => {
        const keys = Array.from({ length: 1_100 }, (_, n) => `many/${String(n).padStart(5, '0')}`);
        const waiting = keys.values();
        await Promise.all(
          Array.from({ length: 16 }, async () => {
            for (const key of waiting) await store.put(at(key), bytesOf('x'));
          }),
        );
        expect(await keysOf(store.list(bucket, { prefix: 'many/' }))).toEqual(keys);
        expect(await keysOf(store.list(bucket, { prefix: 'many/', after: 'many/00049' }))).toEqual(
          keys.slice(50),
        );
      });
    });

    it('copies an object with its type, or with another', async () => {
      await store.put(at('from'), bytesOf('hello'), { contentType: 'text/plain' });
      await store.copy(at('from'), at('same'));
      await store.copy(at('from'), at('other'), { contentType: 'text/html' });
      await store.copy(at('from'), at('cached'), { cacheControl: 'no-store' });
      const types: Record<string, string> = {};
      for (const key of ['same', 'other', 'cached']) {
        const object = await store.get(at(key));
        expect(textOf(object.bytes)).toBe('hello');
        types[key] = object.contentType;
      }
      expect(types).toEqual({ same: 'text/plain', other: 'text/html', cached: 'text/plain' });
    });

    it('copies into another bucket, over what is there', async () => {
      const other = `conformance-${randomUUID()}`;
      await store.ensureBucket(other);
      await store.put({ bucket: other, key: 'to' }, bytesOf('old'));
      await store.put(at('from'), bytesOf('new'));
      await store.copy(at('from'), { bucket: other, key: 'to' });
      await store.delete(at('from'));
      expect(textOf((await store.get({ bucket: other, key: 'to' })).bytes)).toBe('new');
    });

    it('removes an object, and one that is not there', async () => {
      await store.put(at('a/b'), bytesOf('x'));
      await store.put(at('a/c'), bytesOf('x'));
      await store.delete(at('a/b'));
      await store.delete(at('a/b'));
      await store.delete(at('never'));
      expect(await store.head(at('a/b'))).toBeUndefined();
      expect(await keysOf(store.list(bucket))).toEqual(['a/c']);
    });

    describe('deleting many', () => {
      it('removes what is named, and nothing else', async () => {
        await Promise.all(['a', 'b', 'c/d', 'c/e'].map((key) => store.put(at(key), bytesOf(key))));
        await store.deleteMany([at('a'), at('c/d'), at('never'), at('a')]);
        expect(await keysOf(store.list(bucket))).toEqual(['b', 'c/e']);
      });

      it('removes nothing where nothing is named', async () => {
        await store.put(at('k'), bytesOf('x'));
        await store.deleteMany([]);
        expect(await keysOf(store.list(bucket))).toEqual(['k']);
      });

      it('reaches into several buckets', async () => {
        const other = `conformance-${randomUUID()}`;
        await store.ensureBucket(other);
        await store.put(at('k'), bytesOf('x'));
        await store.put({ bucket: other, key: 'k' }, bytesOf('x'));
        await store.deleteMany([at('k'), { bucket: other, key: 'k' }]);
        expect(await keysOf(store.list(bucket))).toEqual([]);
        expect(await keysOf(store.list(other))).toEqual([]);
      });

      it('knows every key that can be put', async () => {
        const hostile = [...oddKeys, 'bell\u0007', 'return\rnewline\n', 'back\u0008'];
        for (const key of hostile) await store.put(at(key), bytesOf(key));
        await store.deleteMany(hostile.map(at));
        expect(await keysOf(store.list(bucket))).toEqual([]);
      });

      it('removes more than a request can name', async () => {
        const keys = Array.from({ length: 1_005 }, (_, n) => `many/${String(n).padStart(4, '0')}`);
        await store.put(at(keys[0]!), bytesOf('first'));
        await store.put(at(keys[1_004]!), bytesOf('last'));
        await store.put(at('stays'), bytesOf('x'));
        await store.deleteMany(keys.map(at));
        expect(await keysOf(store.list(bucket))).toEqual(['stays']);
      });

      it('refuses a key that cannot be', async () => {
        await expect(store.deleteMany([at('')])).rejects.toMatchObject({
          code: 'object-store.bad-key',
        });
      });
    });

    it('survives writes and deletes side by side in one folder of keys', async () => {
      await Promise.all(
        Array.from({ length: 20 }, async (_, n) => {
          for (let round = 0; round < 5; round += 1) {
            await store.put(at(`deep/folder/${n}`), bytesOf('x'));
            await store.delete(at(`deep/folder/${n}`));
          }
        }),
      );
      expect(await keysOf(store.list(bucket))).toEqual([]);
    });
  });
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {}
