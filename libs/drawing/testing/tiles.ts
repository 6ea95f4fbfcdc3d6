import { encodeJpeg } from '@mosaicme/imaging';
import { readProfile, transcodeTile, type TileProfile, type TileSegments } from '@mosaicme/jpeg';
import {
  defaultMatchOptions,
  divideIntoCells,
  type CellArea,
  type CellLayout,
  type Recipe,
} from '@mosaicme/mosaic';
import type { TileReader } from '@mosaicme/tile-library';
import { largeTileSizes, tileSizes, type DrawnSize } from '@mosaicme/tile-pack';

const sizes: readonly DrawnSize[] = [...largeTileSizes, ...tileSizes];

/** The id of a test tile. */
export const tileId = (index: number): string => index.toString(16).padStart(32, '0');

/** A picture by a formula, the same at every size; each tile has another. */
async function paint(tile: number, size: number): Promise<Uint8Array> {
  const data = new Uint8Array(size * size * 3);
  const across = Array.from({ length: size }, (_, x) =>
    Math.sin((tile + 1) * 1.7 + (2.5 * (x + 0.5)) / size),
  );
  for (let y = 0; y < size; y++) {
    const down = 90 * Math.cos(tile - (2 * (y + 0.5)) / size);
    for (let x = 0; x < size; x++) {
      const level = 128 + across[x]! * down;
      const at = (y * size + x) * 3;
      data[at] = level;
      data[at + 1] = (level * 3 + tile * 47) / 4;
      data[at + 2] = 255 - level;
    }
  }
  return encodeJpeg({ width: size, height: size, data });
}

/** Painted once for all tests of a file. */
const painted = new Map<string, Promise<Uint8Array>>();

function paintOnce(tile: number, size: number): Promise<Uint8Array> {
  const key = `${tile}.${size}`;
  let jpeg = painted.get(key);
  if (!jpeg) painted.set(key, (jpeg = paint(tile, size)));
  return jpeg;
}

/** Tiles in memory, by id. */
export interface TestTiles extends TileReader {
  readonly profile: TileProfile;
  /** Ids that were asked for, by size. */
  readonly reads: { readonly size: DrawnSize; readonly ids: number }[];
  /** Takes a tile out of the library. */
  remove(id: string): void;
  /** Makes a tile unreadable for now, or readable again. */
  hide(id: string, isHidden: boolean): void;
}

/**
 * So many tiles.
 * @param largest The largest size that is kept.
 */
export async function testTiles(count: number, largest: DrawnSize = 512): Promise<TestTiles> {
  const kept = new Map<string, Map<DrawnSize, TileSegments>>();
  let profile: TileProfile | undefined;
  for (let tile = 0; tile < count; tile++) {
    const bySize = new Map<DrawnSize, TileSegments>();
    for (const size of sizes.filter((each) => each <= largest)) {
      const jpeg = await paintOnce(tile, size);
      profile ??= readProfile(jpeg);
      bySize.set(size, transcodeTile(jpeg, profile));
    }
    kept.set(tileId(tile), bySize);
  }
  const hidden = new Set<string>();
  const reads: TestTiles['reads'] = [];
  return {
    profile: profile!,
    reads,
    remove: (id) => void kept.delete(id),
    hide: (id, isHidden) => void (isHidden ? hidden.add(id) : hidden.delete(id)),
    async read(ids, size) {
      const wanted = [...ids];
      reads.push({ size, ids: wanted.length });
      return {
        profile: kept.size > 0 ? profile : undefined,
        get: (id) => (hidden.has(id) ? undefined : kept.get(id)?.get(size)),
        isComplete: !wanted.some((id) => hidden.has(id)),
      };
    },
  };
}

/** A recipe of cells that take the tiles in turn, some mirrored, some shifted. */
export function testRecipe(layout: CellLayout, tiles: number): Recipe {
  const cells = Array.from({ length: layout.count }, (_, cell) => cell);
  return {
    layout,
    options: { ...defaultMatchOptions, mirror: true, colourShift: 24 },
    tileIds: Array.from({ length: tiles }, (_, tile) => tileId(tile)),
    tiles: Uint32Array.from(cells, (cell) => (cell * 7 + (cell >> 3)) % tiles),
    mirrored: Uint8Array.from(cells, (cell) => (cell % 3 === 0 ? 1 : 0)),
    shifts: Int8Array.from(cells.flatMap((cell) => [(cell % 5) * 6 - 12, 0, (cell % 7) - 3])),
  };
}

/** A layout whose blocks are divided where a seeded coin says so. */
export function testLayout(area: CellArea, seed: number): CellLayout {
  return divideIntoCells(
    area,
    (left, top, span) => (left * 31 + top * 17 + span * 7 + seed) % 3 !== 0,
  );
}
