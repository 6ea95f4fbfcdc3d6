import { PermanentError } from '@mosaicme/errors';
import { drawPicture } from '@mosaicme/drawing';
import { assembleChunks, plainTile, type TileProfile, type TileSegments } from '@mosaicme/jpeg';
import { recipeCell, type CellLayout, type Recipe } from '@mosaicme/mosaic';
import type { TileReader } from '@mosaicme/tile-library';
import { largeTileSizes, tileSizes, type DrawnSize } from '@mosaicme/tile-pack';
import { concatenate } from '../outputs/write';

/** Draws what is printed: the whole mosaic, or single cells of it. */
export interface RecipeDrawer {
  readonly recipe: Recipe;
  /** The whole mosaic as JPEG. @param unit Side of a unit in pixels, one of `drawableUnits`. */
  whole(unit: number): Promise<Uint8Array>;
  /**
   * Reads the tiles of some cells, each at the smallest size that has the pixels that are wanted, else at
   * the largest that there is.
   *
   * @param pixels How many pixels a side of a cell should have.
   * @returns The cells' JPEGs. A cell whose tile is gone is plain grey.
   */
  cells(
    cells: readonly number[],
    pixels: (cell: number) => number,
  ): Promise<(cell: number) => DrawnCell>;
}

export interface DrawnCell {
  readonly jpeg: Uint8Array;
  /** Pixels a side. */
  readonly side: number;
}

/** The sizes in pixels at which a unit can be drawn, largest first. */
export const drawableUnits = ({ span }: Pick<CellLayout, 'span'>): readonly number[] => {
  const spans = [...new Set(span)];
  return tileSizes.filter((unit) =>
    spans.every((side) => tileSizes.some((size) => size === side * unit)),
  );
};

const smallestFirst: readonly DrawnSize[] = [...largeTileSizes, ...tileSizes].toSorted(
  (a, b) => a - b,
);

/** The sizes at which a tile is looked for: the least that suffices first, then the next best ones. */
const preferredSizes = (pixels: number): readonly DrawnSize[] => [
  ...smallestFirst.filter((size) => size >= pixels),
  ...smallestFirst.filter((size) => size < pixels).reverse(),
];

/** A tile that is gone leaves a place that is neither light nor dark. */
const plain = { y: 128, cb: 128, cr: 128 };

export function createDrawer(recipe: Recipe, tiles: TileReader): RecipeDrawer {
  const tileIn = (cell: number) => recipe.tileIds[recipe.tiles[cell] ?? 0] ?? '';

  function draw(cell: number, found: TileSegments | undefined, profile: TileProfile): DrawnCell {
    const { mirrored, shift } = recipeCell(recipe, cell);
    const [y, cb, cr] = shift;
    const segments = found ?? plainTile(profile, tileSizes[0], plain);
    const jpeg = concatenate(
      assembleChunks({
        profile,
        grid: { columns: 1, rows: 1, tileSize: segments.size },
        tile: () => (found ? { segments, mirrored, shift: { y, cb, cr } } : { segments }),
      }),
    );
    return { jpeg, side: segments.size };
  }

  return {
    recipe,
    async whole(unit) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of drawPicture(recipe, tiles, { unit })) chunks.push(chunk);
      return concatenate(chunks);
    },
    async cells(cells, pixels) {
      const found = new Map<number, TileSegments>();
      let profile: TileProfile | undefined;
      for (const wanted of new Set(cells.map(pixels))) {
        let open = cells.filter((cell) => pixels(cell) === wanted);
        for (const size of preferredSizes(wanted)) {
          const batch = await tiles.read(new Set(open.map(tileIn)), size);
          profile ??= batch.profile;
          for (const cell of open) {
            const segments = batch.get(tileIn(cell));
            if (segments) found.set(cell, segments);
          }
          open = open.filter((cell) => !found.has(cell));
          if (open.length === 0) break;
        }
      }
      if (!profile) {
        throw new PermanentError(
          'tiles.empty',
          'The library of small photos is empty, so nothing of this recipe can be drawn.',
        );
      }
      const tables = profile;
      return (cell) => draw(cell, found.get(cell), tables);
    },
  };
}
