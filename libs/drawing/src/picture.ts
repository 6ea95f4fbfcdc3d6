import { thumbnail } from '@mosaicme/imaging';
import { PermanentError, TransientError } from '@mosaicme/errors';
import { PictureAssembler, type Density } from '@mosaicme/jpeg';
import { commonSpan, type CellLayout, type Recipe } from '@mosaicme/mosaic';
import type { TileReader } from '@mosaicme/tile-library';
import { tileSizes } from '@mosaicme/tile-pack';
import { concatenate } from './assemble-area';
import { createCellIndex } from './cell-index';
import { loadCells } from './load-cells';

export interface PictureOptions {
  /** Side of a unit in pixels; another than the recipe's for a smaller or larger picture. */
  readonly unit?: number | undefined;
  /** Pixels an inch to be written into the header, for printing; rounded. */
  readonly dpi?: number | undefined;
}

/** Cells whose tiles are read at a time, roughly. */
const cellsAtOnce = 1_024;

/**
 * Draws a recipe as a JPEG, without decoding or encoding a pixel: the tiles' ready-made segments are put
 * in order. It holds the tiles of some bands. A cell whose tile is gone becomes a plain one in the colour
 * of its neighbours.
 *
 * @returns The JPEG in chunks, the same ones for the same recipe and tiles.
 * @throws PermanentError `recipe.cell-size` when a cell would have a size in which no tile is kept;
 *   `jpeg.too-large`; TransientError `drawing.incomplete` when a tile cannot be read now, so that what is
 *   stored for good has no holes.
 */
export async function* drawPicture(
  recipe: Recipe,
  tiles: TileReader,
  { unit = recipe.layout.unit, dpi }: PictureOptions = {},
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const { layout } = recipe;
  requireKeptSizes(layout, unit);
  const { columns, rows, largestSpan, left, top } = layout;
  const equal = commonSpan(layout);
  const bandUnits = equal ?? largestSpan;
  const bandsAtOnce = Math.max(1, Math.floor((cellsAtOnce * bandUnits) / columns));
  const index = createCellIndex(recipe);
  let assembler: PictureAssembler | undefined;
  try {
    for (let from = 0; from < rows; from += bandsAtOnce * bandUnits) {
      const bands = Array.from({ length: bandsAtOnce }, (_, band) => from + band * bandUnits)
        .filter((row) => row < rows)
        .map((row) =>
          index.cellsIn({ left: 0, top: row, right: columns, bottom: row + bandUnits }),
        );
      const loaded = await loadCells({ recipe, index, tiles }, bands.flat(), unit);
      if (!loaded.isComplete) throw incomplete();
      if (!assembler) {
        assembler = new PictureAssembler({
          profile: loaded.profile,
          width: columns * unit,
          height: rows * unit,
          bandHeight: bandUnits * unit,
          cellSize: equal && equal * unit,
          ...(dpi !== undefined && { density: densityOf(dpi) }),
        });
        yield assembler.header;
      }
      for (const band of bands) {
        yield* assembler.band(
          band.map((cell) => ({
            ...loaded.cell(cell),
            left: left[cell]! * unit,
            top: top[cell]! * unit,
          })),
        );
      }
    }
    const rest = assembler?.end();
    if (rest && rest.length > 0) yield rest;
  } finally {
    assembler?.release();
  }
}

/**
 * Draws a recipe as a small JPEG, at most `maxSide` pixels a side: assembled from the smallest tiles
 * that are large enough, then scaled.
 */
export async function drawThumbnail(
  recipe: Recipe,
  tiles: TileReader,
  maxSide: number,
): Promise<Uint8Array> {
  const unit = previewUnit(recipe.layout, maxSide);
  const chunks = [];
  for await (const chunk of drawPicture(recipe, tiles, { unit })) chunks.push(chunk);
  return thumbnail(concatenate(chunks), { maxSide });
}

/** The fewest pixels a unit that make `maxSide`; as many as the kept sizes allow where none do. */
function previewUnit({ columns, rows, span }: CellLayout, maxSide: number): number {
  const spans = [...new Set(span)];
  const isKept = (side: number) => tileSizes.some((size) => size === side);
  const units = tileSizes
    .map((size) => size / Math.max(...spans))
    .filter((unit) => spans.every((side) => isKept(side * unit)))
    .reverse();
  const fitting = units.find((unit) => unit * Math.max(columns, rows) >= maxSide);
  return fitting ?? units.at(-1) ?? tileSizes[0];
}

function requireKeptSizes({ span }: CellLayout, unit: number): void {
  const odd = span.find((side) => !tileSizes.some((size) => size === side * unit));
  if (odd === undefined) return;
  throw new PermanentError(
    'recipe.cell-size',
    `A cell would be ${odd * unit} px wide, but tiles are kept at ${tileSizes.join(', ')} px: draw the ` +
      'recipe at another size.',
  );
}

const densityOf = (dpi: number): Density => ({
  unit: 'inch',
  x: Math.round(dpi),
  y: Math.round(dpi),
});

const incomplete = () =>
  new TransientError(
    'drawing.incomplete',
    'A tile pack that the library lists cannot be read now; try again when the object store is well.',
  );
