import { thumbnail } from '@mosaicme/imaging';
import type { Recipe } from '@mosaicme/mosaic';
import { tileSizes } from '@mosaicme/tile-pack';
import { assembleRecipe } from './assemble';
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
  const cells = Math.max(recipe.layout.columns, recipe.layout.rows);
  const ascending = tileSizes.toSorted((a, b) => a - b);
  const size = ascending.find((side) => side * cells >= maxSide) ?? tileSizes[0];
  await library.load(size);
  return thumbnail(concatenate(assembleRecipe(recipe, library, { unit: size })), { maxSide });
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
