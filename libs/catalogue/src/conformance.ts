import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { Answer, PublishedMosaic } from '@mosaicme/contracts';
import type { Catalogue, CatalogueEntry } from './port';

/** The id that belongs to a name in these tests. */
export const idOf = (name: string | number): string =>
  createHash('sha256').update(String(name)).digest('hex').slice(0, 32);

/** A published mosaic; `second` is its time, in seconds of one hour. */
export function mosaicOf(
  name: string | number,
  second = 0,
  changes: Partial<PublishedMosaic> = {},
): PublishedMosaic {
  const id = idOf(name);
  const at = new Date(Date.UTC(2026, 0, 1, 12) + second * 1_000).toISOString();
  return {
    id,
    campaign: 'default',
    answerable: true,
    revision: '5f0c9a17be34d268',
    library: 'default',
    photo: {
      id,
      network: 'web',
      instance: 'web',
      postId: String(name),
      mediaIndex: 0,
      author: { handle: 'anna' },
      postedAt: at,
    },
    picture: { bucket: 'large', key: `${id}.jpg` },
    thumbnail: { bucket: 'small', key: `${id}.jpg` },
    recipe: { bucket: 'large', key: `${id}.recipe` },
    size: { width: 1_280, height: 1_280 },
    grid: { columns: 10, rows: 10, tileSize: 128 },
    distinctTiles: 90,
    requestedAt: at,
    publishedAt: at,
    ...changes,
  };
}

const answered: Answer = { status: 'answered', postId: '77', answeredAt: '2026-01-01T12:30:00Z' };
const refused: Answer = { status: 'refused', reason: 'the post is gone' };

/** A moment; `second` counts in one hour of the past. */
const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 12) + second * 1_000);

async function* entriesOf(...entries: readonly CatalogueEntry[]): AsyncGenerator<CatalogueEntry> {
  yield* entries;
}

/** Entries that come when the test says so. */
export function controlledEntries() {
  const events = new EventEmitter();
  const steps: (CatalogueEntry | Error | 'end')[] = [];
  async function* entries(): AsyncGenerator<CatalogueEntry> {
    events.emit('begun');
    for (;;) {
      if (steps.length === 0) await once(events, 'step');
      const step = steps.shift();
      if (step === undefined || step === 'end') return;
      if (step instanceof Error) throw step;
      yield step;
    }
  }
  const add = (...added: typeof steps): void => {
    steps.push(...added);
    events.emit('step');
  };
  return {
    entries: entries(),
    /** Resolves when somebody reads the entries. */
    begun: once(events, 'begun'),
    give: (...given: CatalogueEntry[]) => add(...given),
    end: () => add('end'),
    fail: (error: Error) => add(error),
  };
}

/** All ids, page by page. */
async function readAll(
  catalogue: Catalogue,
  limit: number,
  campaigns?: readonly string[],
): Promise<string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const page = await catalogue.list({
      limit,
      ...(after !== undefined && { after }),
      ...(campaigns && { campaigns }),
    });
    ids.push(...page.entries.map(({ mosaic }) => mosaic.id));
    after = page.next;
  } while (after !== undefined);
  return ids;
}

/**
 * What every catalogue must do. Each adapter runs it.
 * @param factory Opens a catalogue that was never filled.
 */
export function describeCatalogue(name: string, factory: () => Promise<Catalogue>): void {
  describe(name, () => {
    let catalogue: Catalogue;
    beforeEach(async () => {
      catalogue = await factory();
    });
    afterEach(async () => {
      await catalogue?.close();
    });

    it('answers a ping', async () => {
      await expect(catalogue.ping()).resolves.toBeUndefined();
    });

    it('gives back a mosaic with all its fields, also those that this version does not know', async () => {
      const mosaic = mosaicOf('a', 0, { 'later field': { of: ['a', 'newer', 'version'] } });
      await catalogue.addMosaic(mosaic);
      expect(await catalogue.get(mosaic.id)).toEqual({ mosaic });
      expect(await catalogue.list({ limit: 10 })).toEqual({ entries: [{ mosaic }] });
      expect(await catalogue.get(idOf('other'))).toBeUndefined();
    });

    it('takes everything twice', async () => {
      for (let round = 0; round < 2; round += 1) {
        await catalogue.addMosaic(mosaicOf('a'));
        await catalogue.addAnswer(idOf('a'), answered);
      }
      expect(await catalogue.count()).toBe(1);
      expect(await catalogue.get(idOf('a'))).toEqual({ mosaic: mosaicOf('a'), answer: answered });
    });

    it('takes an answer before its mosaic', async () => {
      await catalogue.addAnswer(idOf('a'), answered);
      expect(await catalogue.get(idOf('a'))).toBeUndefined();
      expect(await catalogue.list({ limit: 10 })).toEqual({ entries: [] });
      await catalogue.addMosaic(mosaicOf('a'));
      expect(await catalogue.get(idOf('a'))).toEqual({ mosaic: mosaicOf('a'), answer: answered });
      expect((await catalogue.list({ limit: 10 })).entries).toEqual([
        { mosaic: mosaicOf('a'), answer: answered },
      ]);
    });

    it('moves a mosaic that is published anew', async () => {
      await catalogue.addMosaic(mosaicOf('a', 1));
      await catalogue.addMosaic(mosaicOf('b', 2));
      await catalogue.addMosaic(mosaicOf('a', 3));
      expect(await readAll(catalogue, 10)).toEqual([idOf('a'), idOf('b')]);
    });

    it('puts a mosaic that was drawn anew in the place of the old one', async () => {
      await catalogue.addMosaic(mosaicOf('a', 1), at(1));
      await catalogue.addAnswer(idOf('a'), answered);
      await catalogue.addMosaic(mosaicOf('b', 2), at(2));
      const redrawn = mosaicOf('a', 1, { revision: 'ffffffffffffffff' });
      await catalogue.addMosaic(redrawn, at(3));
      // The message of the first drawing is delivered once more.
      await catalogue.addMosaic(mosaicOf('a', 1), at(1));
      expect(await catalogue.get(idOf('a'))).toEqual({ mosaic: redrawn, answer: answered });
      expect(await readAll(catalogue, 10)).toEqual([idOf('b'), idOf('a')]);
      expect(await catalogue.count()).toBe(2);
    });

    describe('removing', () => {
      it('leaves nothing of a mosaic, and takes what is not there', async () => {
        await catalogue.addMosaic(mosaicOf('a'));
        await catalogue.addAnswer(idOf('a'), answered);
        await catalogue.addMosaic(mosaicOf('b'));
        await catalogue.remove(idOf('a'));
        await catalogue.remove(idOf('a'));
        await catalogue.remove(idOf('never'));
        expect(await catalogue.get(idOf('a'))).toBeUndefined();
        expect(await readAll(catalogue, 10)).toEqual([idOf('b')]);
        expect(await catalogue.count()).toBe(1);
        expect(await catalogue.count(['default'])).toBe(1);
      });

      it('holds against what was said before and comes late', async () => {
        await catalogue.remove(idOf('a'), at(2));
        await catalogue.addMosaic(mosaicOf('a'), at(1));
        await catalogue.addAnswer(idOf('a'), answered);
        expect(await catalogue.get(idOf('a'))).toBeUndefined();
        expect(await readAll(catalogue, 10)).toEqual([]);
        expect(await catalogue.count(['default'])).toBe(0);
      });

      it('ends when the mosaic is published again, without its old answer', async () => {
        await catalogue.addMosaic(mosaicOf('a'), at(1));
        await catalogue.addAnswer(idOf('a'), answered);
        await catalogue.remove(idOf('a'), at(2));
        await catalogue.addMosaic(mosaicOf('a'), at(3));
        await catalogue.remove(idOf('a'), at(2));
        expect(await catalogue.get(idOf('a'))).toEqual({ mosaic: mosaicOf('a') });
      });

      it('is forgotten by a rebuild that finds the mosaic', async () => {
        await catalogue.remove(idOf('a'));
        await catalogue.rebuild(entriesOf({ mosaic: mosaicOf('a') }));
        expect(await catalogue.get(idOf('a'))).toEqual({ mosaic: mosaicOf('a') });
        await catalogue.addMosaic(mosaicOf('a', 0, { distinctTiles: 7 }));
        expect(await catalogue.get(idOf('a'))).toMatchObject({ mosaic: { distinctTiles: 7 } });
      });
    });

    describe('campaigns', () => {
      const inCampaign = (campaign: string, name: string, second: number) =>
        mosaicOf(name, second, { campaign });
      const mosaics = [
        inCampaign('summer', 's1', 1),
        inCampaign('winter', 'w2', 2),
        inCampaign('summer', 's3', 3),
        inCampaign('summer', 's4', 4),
        inCampaign('winter', 'w5', 5),
      ];
      const fillers = {
        'one by one': async () => {
          for (const mosaic of mosaics) await catalogue.addMosaic(mosaic);
        },
        'by a rebuild': async () => {
          await catalogue.rebuild(entriesOf(...mosaics.map((mosaic) => ({ mosaic }))));
        },
      };

      describe.each(Object.entries(fillers))('filled %s', (_how, fill) => {
        it.each([
          [['summer'], ['s4', 's3', 's1']],
          [['winter'], ['w5', 'w2']],
          [
            ['winter', 'summer'],
            ['w5', 's4', 's3', 'w2', 's1'],
          ],
          [
            ['summer', 'autumn'],
            ['s4', 's3', 's1'],
          ],
          [['autumn'], []],
          [[], []],
          [undefined, ['w5', 's4', 's3', 'w2', 's1']],
        ])('%j have their own mosaics and no others', async (campaigns, names) => {
          await fill();
          for (const limit of [1, 2, 200]) {
            expect(await readAll(catalogue, limit, campaigns)).toEqual(names.map(idOf));
          }
          expect(await catalogue.count(campaigns)).toBe(names.length);
        });
      });

      it('read on side by side where mosaics share their time', async () => {
        const names = Array.from({ length: 12 }, (_, index) => `n${index}`);
        for (const [index, name] of names.entries()) {
          await catalogue.addMosaic(inCampaign(index % 3 === 0 ? 'summer' : 'winter', name, 1));
        }
        const expected = names.map(idOf).sort().reverse();
        for (const limit of [1, 5]) {
          expect(await readAll(catalogue, limit, ['summer', 'winter'])).toEqual(expected);
        }
      });

      it('lose a mosaic that is removed', async () => {
        await fillers['one by one']();
        await catalogue.remove(idOf('s3'));
        expect(await readAll(catalogue, 2, ['summer'])).toEqual(['s4', 's1'].map(idOf));
        expect(await catalogue.count(['summer'])).toBe(2);
      });
    });

    describe('the list', () => {
      const names = Array.from({ length: 25 }, (_, index) => index);

      it('has the newest first, and of the same time the greater id', async () => {
        // Five mosaics share each second.
        const mosaics = names.map((index) => mosaicOf(index, Math.floor(index / 5)));
        for (const mosaic of mosaics) await catalogue.addMosaic(mosaic);
        const expected = mosaics
          .map(({ publishedAt, id }) => `${publishedAt} ${id}`)
          .sort()
          .reverse()
          .map((text) => text.split(' ')[1]);
        for (const limit of [1, 2, 5, 7, 25, 200]) {
          expect(await readAll(catalogue, limit)).toEqual(expected);
        }
        expect(await catalogue.count()).toBe(25);
      });

      it('has no next page after the last mosaic', async () => {
        for (const index of names.slice(0, 4)) await catalogue.addMosaic(mosaicOf(index, index));
        const first = await catalogue.list({ limit: 2 });
        expect(first.next).toMatch(/^[\w-]+$/);
        const second = await catalogue.list({ limit: 2, after: first.next ?? '' });
        expect(second.entries).toHaveLength(2);
        expect(second.next).toBeUndefined();
      });

      it('reads on where it was, whatever is added or removed meanwhile', async () => {
        for (const index of [10, 20, 30, 40]) await catalogue.addMosaic(mosaicOf(index, index));
        const first = await catalogue.list({ limit: 2 });
        expect(first.entries.map(({ mosaic }) => mosaic.id)).toEqual([idOf(40), idOf(30)]);
        await catalogue.addMosaic(mosaicOf(50, 50));
        await catalogue.addMosaic(mosaicOf(25, 25));
        await catalogue.remove(idOf(30));
        const second = await catalogue.list({ limit: 10, after: first.next ?? '' });
        expect(second.entries.map(({ mosaic }) => mosaic.id)).toEqual([25, 20, 10].map(idOf));
      });

      it('reads on over a rebuild', async () => {
        const entries = [1, 2, 3].map((index) => ({ mosaic: mosaicOf(index, index) }));
        await catalogue.rebuild(entriesOf(...entries));
        const { next = '' } = await catalogue.list({ limit: 1 });
        await catalogue.rebuild(entriesOf(...entries));
        const page = await catalogue.list({ limit: 5, after: next });
        expect(page.entries.map(({ mosaic }) => mosaic.id)).toEqual([2, 1].map(idOf));
      });

      it.each([0, 201, 1.5, -1])('refuses the limit %d', async (limit) => {
        await expect(catalogue.list({ limit })).rejects.toThrow(RangeError);
      });

      it.each(['', 'x', 'not a cursor', Buffer.from('1 2').toString('base64url')])(
        'refuses the cursor "%s"',
        async (after) => {
          await expect(catalogue.list({ limit: 1, after })).rejects.toMatchObject({
            name: 'PermanentError',
            code: 'catalogue.bad-cursor',
          });
        },
      );
    });

    describe('a rebuild', () => {
      it('replaces the content', async () => {
        await catalogue.addMosaic(mosaicOf('old'));
        const outcome = await catalogue.rebuild(
          entriesOf({ mosaic: mosaicOf('a', 1), answer: answered }, { mosaic: mosaicOf('b', 2) }),
        );
        expect(outcome).toEqual({ count: 2 });
        expect(await readAll(catalogue, 10)).toEqual([idOf('b'), idOf('a')]);
        expect(await catalogue.get(idOf('a'))).toEqual({
          mosaic: mosaicOf('a', 1),
          answer: answered,
        });
        expect(await catalogue.get(idOf('old'))).toBeUndefined();
        expect(await catalogue.isRebuilding()).toBe(false);
      });

      it('takes thousands', async () => {
        const mosaics = Array.from({ length: 2_345 }, (_, index) => mosaicOf(index, index));
        const entries = mosaics.map((mosaic) => ({ mosaic }));
        expect(await catalogue.rebuild(entriesOf(...entries))).toEqual({ count: 2_345 });
        expect(await catalogue.count()).toBe(2_345);
        expect(await readAll(catalogue, 200)).toEqual(mosaics.map(({ id }) => id).reverse());
      });

      it('leaves the old content readable until it is done', async () => {
        await catalogue.rebuild(entriesOf({ mosaic: mosaicOf('old') }));
        const source = controlledEntries();
        const rebuild = catalogue.rebuild(source.entries);
        await source.begun;
        source.give({ mosaic: mosaicOf('new') });
        expect(await catalogue.isRebuilding()).toBe(true);
        expect(await catalogue.isEmpty()).toBe(false);
        expect(await readAll(catalogue, 10)).toEqual([idOf('old')]);
        source.end();
        await rebuild;
        expect(await catalogue.isRebuilding()).toBe(false);
        expect(await readAll(catalogue, 10)).toEqual([idOf('new')]);
      });

      it('shows what it has found so far where all was lost, but nothing that was removed', async () => {
        const source = controlledEntries();
        const rebuild = catalogue.rebuild(source.entries);
        await source.begun;
        await catalogue.remove(idOf(0));
        source.give(
          ...Array.from({ length: 500 }, (_, index) => ({ mosaic: mosaicOf(index, index) })),
        );
        while ((await catalogue.count()) === 0) await new Promise(setImmediate);
        expect(await catalogue.isRebuilding()).toBe(true);
        expect(await catalogue.isEmpty()).toBe(true);
        source.end();
        await rebuild;
        expect(await catalogue.count()).toBe(499);
        expect(await catalogue.get(idOf(0))).toBeUndefined();
      });

      it('loses nothing that is said meanwhile, and lets it win over what it found itself', async () => {
        await catalogue.rebuild(entriesOf({ mosaic: mosaicOf('removed', 9) }));
        const source = controlledEntries();
        const rebuild = catalogue.rebuild(source.entries);
        await source.begun;
        await catalogue.addMosaic(mosaicOf('added', 1));
        await catalogue.addMosaic(mosaicOf('changed', 2, { distinctTiles: 7 }));
        await catalogue.addAnswer(idOf('changed'), refused);
        await catalogue.addAnswer(idOf('answered first'), answered);
        await catalogue.remove(idOf('removed'));
        await catalogue.remove(idOf('removed, then added'));
        await catalogue.addMosaic(mosaicOf('removed, then added', 3));
        // Found before all that was said.
        source.give(
          { mosaic: mosaicOf('changed', 2), answer: answered },
          { mosaic: mosaicOf('answered first', 4) },
          { mosaic: mosaicOf('removed', 9) },
        );
        source.end();
        expect(await rebuild).toEqual({ count: 4 });
        const { entries } = await catalogue.list({ limit: 10 });
        expect(entries).toEqual([
          { mosaic: mosaicOf('answered first', 4), answer: answered },
          { mosaic: mosaicOf('removed, then added', 3) },
          { mosaic: mosaicOf('changed', 2, { distinctTiles: 7 }), answer: refused },
          { mosaic: mosaicOf('added', 1) },
        ]);
      });

      it('leaves the old content, and what was added, when its source fails', async () => {
        await catalogue.rebuild(entriesOf({ mosaic: mosaicOf('old', 1) }));
        const source = controlledEntries();
        const rebuild = catalogue.rebuild(source.entries);
        await source.begun;
        source.give({ mosaic: mosaicOf('new') });
        await catalogue.addMosaic(mosaicOf('added', 2));
        const failed = expect(rebuild).rejects.toThrow('the bucket is away');
        source.fail(new Error('the bucket is away'));
        await failed;
        expect(await catalogue.isRebuilding()).toBe(false);
        expect(await readAll(catalogue, 10)).toEqual([idOf('added'), idOf('old')]);
        expect(await catalogue.rebuild(entriesOf())).toEqual({ count: 0 });
      });

      it('is refused while another one runs', async () => {
        const source = controlledEntries();
        const rebuild = catalogue.rebuild(source.entries);
        await source.begun;
        await expect(catalogue.rebuild(entriesOf())).rejects.toMatchObject({
          name: 'TransientError',
          code: 'catalogue.rebuild-running',
        });
        source.give({ mosaic: mosaicOf('a') });
        source.end();
        expect(await rebuild).toEqual({ count: 1 });
      });
    });

    describe('being empty', () => {
      it('ends with a rebuild, also one that finds nothing', async () => {
        expect(await catalogue.isEmpty()).toBe(true);
        await catalogue.rebuild(entriesOf());
        expect(await catalogue.isEmpty()).toBe(false);
      });

      it('does not end with one new mosaic, because older ones may be missing', async () => {
        await catalogue.addMosaic(mosaicOf('a'));
        expect(await catalogue.isEmpty()).toBe(true);
        expect(await catalogue.count()).toBe(1);
      });
    });
  });
}
