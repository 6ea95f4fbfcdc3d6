import { seededRandom } from '@mosaicme/random';
import { makeTile, sceneParts, type TileImages } from '@mosaicme/imaging';
import { createFolderStore } from '@mosaicme/object-store';
import { silentLogger } from '@mosaicme/service';
import { createTileAppender, openTileLibrary } from '@mosaicme/tile-library';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Measured } from './measure';
import { readSmallPhotos, variations } from './variations';

const bucket = 'growth';

/** Photos whose encoded forms the many tiles share; what tells them apart is varied for each. */
const sharedForms = 64;

/**
 * Adds photos to a small and to a large library: how long until they are stored, and until a reader that
 * is running has them.
 */
export async function growLibrary(work: {
  readonly photos: string;
  /** Empty folder for the library. */
  readonly folder: string;
  readonly fewTiles: number;
  readonly manyTiles: number;
  readonly added: number;
}): Promise<Measured> {
  const store = createFolderStore({ root: work.folder });
  await store.ensureBucket(bucket);
  const nextTile = await tileSource(work.photos);
  const appender = await createTileAppender({
    store,
    bucket,
    packSize: 256,
    maxWaitMs: 60_000,
    nearDuplicateBits: 0,
    logger: silentLogger,
  });
  let number = 0;
  const add = async (count: number) => {
    const outcomes: Promise<unknown>[] = [];
    for (let index = 0; index < count; index++) {
      const photo = {
        id: (++number).toString(16).padStart(32, '0'),
        network: 'spool',
        author: { handle: 'bench' },
      } as const;
      outcomes.push(appender.add(photo, nextTile()));
      // Lets full packs be written, as between two photos that come over the network.
      if (index % 256 === 255) await Promise.all(outcomes.splice(0));
    }
    await appender.flush();
    await Promise.all(outcomes);
  };
  const library = await openTileLibrary({
    store,
    bucket,
    memoryBudgetBytes: 0,
    logger: silentLogger,
  });
  const measure = async () => {
    const startedAt = performance.now();
    await add(work.added);
    const storedAt = performance.now();
    await library.refresh();
    return {
      add: (storedAt - startedAt) / 1_000,
      refresh: (performance.now() - storedAt) / 1_000,
    };
  };
  await add(work.fewTiles);
  await library.refresh();
  const few = await measure();
  await add(work.manyTiles - work.fewTiles - work.added);
  await library.refresh();
  const many = await measure();
  await appender.close();
  await library.close();
  await store.close();
  return {
    seconds: [many.add],
    figures: {
      tilesBefore: library.size - work.added,
      secondsFew: few.add,
      refreshFew: few.refresh,
      refreshMany: many.refresh,
    },
  };
}

async function tileSource(folder: string): Promise<() => TileImages> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jpg')).sort();
  const forms: TileImages[] = [];
  for (const name of names.slice(0, sharedForms)) {
    forms.push(await makeTile(await readFile(join(folder, name))));
  }
  const tiles = variations(await readSmallPhotos(folder), 3);
  const random = seededRandom(4);
  let next = 0;
  return () => {
    const form = forms[next++ % forms.length];
    if (!form) throw new Error(`There are no photos in ${folder}.`);
    const hashes = () =>
      BigUint64Array.from({ length: sceneParts }, () => (half() << 32n) | half());
    const half = () => BigInt(Math.floor(random() * 2 ** 32));
    return {
      jpegs: form.jpegs,
      subCells: { ...form.subCells, 8: tiles.next().value },
      hash: (half() << 32n) | half(),
      scene: { parts: hashes(), mirrored: hashes() },
    };
  };
}
