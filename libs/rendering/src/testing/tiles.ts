import { encodeJpeg } from '@mosaicme/imaging';
import { readProfile, transcodeTile, type TileSegments } from '@mosaicme/jpeg';
import { collectFeatures, prepareLibrary, tileFeatures, type Pixels } from '@mosaicme/mosaic';
import { tileSizes, type TileSize } from '@mosaicme/tile-pack';
import type { TileSource } from '../render';

/** A picture by a formula: red, green and blue of each place, from 0 to 1 across and down. */
export type Painting = (x: number, y: number) => readonly [number, number, number];

/** Paints width x height pixels. */
export function paint(width: number, height: number, painting: Painting): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let at = 0; at < width * height; at++) {
    const x = ((at % width) + 0.5) / width;
    const y = (Math.floor(at / width) + 0.5) / height;
    data.set(painting(x, y), at * 3);
  }
  return { width, height, data };
}

export const flat =
  (level: number): Painting =>
  () => [level, level, level];

/** Dark on the left, light on the right. */
export const slope: Painting = (x) => {
  const level = x < 0.5 ? 40 : 200;
  return [level, level, level];
};

/** The id of a test tile. */
export const tileId = (index: number): string => index.toString(16).padStart(32, '0');

/** A library in memory, of one tile for each painting. */
export async function tileSource(paintings: readonly Painting[]): Promise<TileSource> {
  const jpegs = await Promise.all(
    paintings.map(async (painting) => {
      const sizes = tileSizes.map(
        async (size) => [size, await encodeJpeg(paint(size, size, painting))] as const,
      );
      return new Map(await Promise.all(sizes));
    }),
  );
  const first = jpegs[0]?.get(128);
  const profile = first && readProfile(first);
  const segments = (index: number, size: TileSize): TileSegments =>
    transcodeTile(jpegs[index]!.get(size)!, profile!);
  const ids = paintings.map((_, index) => tileId(index));
  const vectors = paintings.map((painting) => tileFeatures(paint(8, 8, painting)));
  return {
    ids,
    indexOf: (id) => (ids.includes(id) ? ids.indexOf(id) : undefined),
    prepared: prepareLibrary(collectFeatures(vectors)),
    load: async () => undefined,
    profile: () => profile!,
    segments,
  };
}
