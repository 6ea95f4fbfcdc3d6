import { defaultBucketNames, photoId, type PublishedMosaic } from '@mosaicme/contracts';
import { drawThumbnail } from '@mosaicme/drawing';
import { makeTile } from '@mosaicme/imaging';
import {
  defaultMatchOptions,
  encodeRecipe,
  uniformCells,
  type CellLayout,
  type Recipe,
} from '@mosaicme/mosaic';
import { silentLogger } from '@mosaicme/service';
import { createTileAppender, openTileReader } from '@mosaicme/tile-library';
import sharp from 'sharp';
import { drawingOf, keys, mosaicOf, type TestSite } from './site';

const bucket = defaultBucketNames.tiles;
const hues = 24;

const sourceOf = (tile: number) =>
  ({ network: 'x', instance: 'x.com', postId: `tile-${tile}`, mediaIndex: 0 }) as const;

/** The id of small photo `tile`. */
export const tilePhotoId = (tile: number): string => photoId(sourceOf(tile));

const photoSide = 160;

/** A disc on a plain ground, each of other colours. */
async function photoOf(tile: number): Promise<Buffer> {
  const colour = (turn: number, light: number) =>
    [0, 120, 240].map(
      (angle) => 128 + light * Math.cos(((tile * 360) / hues + turn - angle) * (Math.PI / 180)),
    );
  const ground = colour(0, 90);
  const disc = colour(150, 110);
  const data = new Uint8Array(photoSide * photoSide * 3);
  for (let at = 0; at < photoSide * photoSide; at++) {
    const [x, y] = [at % photoSide, Math.floor(at / photoSide)];
    const isDisc = Math.hypot(x - 40 - tile * 3, y - 80) < 16 + tile * 2;
    data.set(isDisc ? disc : ground, at * 3);
  }
  const raw = { width: photoSide, height: photoSide, channels: 3 } as const;
  return sharp(data, { raw }).jpeg({ quality: 92 }).toBuffer();
}

const made = new Map<number, ReturnType<typeof makeTile>>();

/** Made once for all tests of a file. */
function imagesOf(tile: number): ReturnType<typeof makeTile> {
  let images = made.get(tile);
  if (!images) made.set(tile, (images = photoOf(tile).then((photo) => makeTile(photo))));
  return images;
}

/** Fills the site's tile library with photos `0` to `count - 1`, each of a person of its own. */
export async function addTilePhotos({ store }: TestSite, count = hues): Promise<void> {
  const appender = await createTileAppender({
    ...{ store, bucket, maxWaitMs: 60_000, nearDuplicateBits: 0, logger: silentLogger },
  });
  const images = await Promise.all(Array.from({ length: count }, (_, tile) => imagesOf(tile)));
  const added = images.map((each, tile) => {
    const photo = {
      id: tilePhotoId(tile),
      network: 'x' as const,
      author: { handle: `person${tile}`, name: `Person ${tile}` },
      link: `https://x.com/person${tile}/status/1`,
    };
    return appender.add(photo, each);
  });
  await appender.flush();
  await Promise.all(added);
  await appender.close();
}

/** Cell n shows photo n * 5 + row, modulo the number of photos. */
export const tileInCell = (cell: number, columns: number): number =>
  (cell * 5 + Math.floor(cell / columns)) % hues;

/** A recipe over those photos. */
export function drawnRecipe(
  layout: CellLayout = uniformCells({ columns: 20, rows: 15, tileSize: 32 }),
): Recipe {
  const cells = Array.from({ length: layout.count }, (_, cell) => cell);
  return {
    layout,
    options: { ...defaultMatchOptions, colourShift: 24 },
    tileIds: Array.from({ length: hues }, (_, tile) => tilePhotoId(tile)),
    tiles: Uint32Array.from(cells, (cell) => tileInCell(cell, layout.columns)),
    mirrored: new Uint8Array(cells.length),
    shifts: Int8Array.from(cells.flatMap((cell) => [(cell % 9) - 4, 0, 0])),
  };
}

/** Publishes a mosaic with recipe and thumbnail, as the pipeline does. */
export async function publishDrawn(
  site: TestSite,
  name: string,
  recipe = drawnRecipe(),
): Promise<PublishedMosaic> {
  const { layout } = recipe;
  const { columns, rows, unit: tileSize } = layout;
  const mosaic: PublishedMosaic = {
    ...mosaicOf(name),
    size: { width: columns * tileSize, height: rows * tileSize },
    grid: { columns, rows, tileSize, cells: layout.count },
    distinctTiles: hues,
  };
  const tiles = openTileReader({
    ...{ store: site.store, bucket, memoryBudgetBytes: 10_000_000, logger: silentLogger },
  });
  await site.put(drawingOf(name).recipe, encodeRecipe(recipe));
  await site.put(drawingOf(name).thumbnail, await drawThumbnail(recipe, tiles, 600));
  await site.put(keys.mosaicRecord(mosaic.id), JSON.stringify(mosaic));
  await site.catalogue.addMosaic(mosaic);
  return mosaic;
}
