import { thumbnail } from '@mosaicme/imaging';
import type { CellLayout, Recipe } from '@mosaicme/mosaic';
import { tileSizes } from '@mosaicme/tile-pack';
import { assembleRecipe, drawnSizes } from './assemble';
import type { TileSource } from './render';

/**
 * Draws a recipe as a small JPEG, at most `maxSide` pixels a side: assembled from the smallest tiles
 * that are large enough, then scaled.
 */
export async function renderThumbnail(
  recipe: Recipe,
  library: TileSource,
  maxSide: number,
): Promise<Uint8Array> {
  const unit = previewUnit(recipe.layout, maxSide);
  for (const size of drawnSizes(recipe.layout, unit)) await library.load(size);
  return thumbnail(concatenate(assembleRecipe(recipe, library, { unit })), { maxSide });
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

function concatenate(chunks: Iterable<Uint8Array>): Uint8Array {
  const parts = [...chunks];
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
