/** The sides in pixels at which every tile is kept ready, largest first. Each halves the one before. */
export const tileSizes = [128, 64, 32, 16] as const;
export type TileSize = (typeof tileSizes)[number];

/**
 * Larger sides in pixels, largest first, for looking at one photo closely. They are no part of the packs,
 * which would grow tenfold: each is a JPEG of its own, with the tables of the packs.
 */
export const largeTileSizes = [512, 256] as const;
export type LargeTileSize = (typeof largeTileSizes)[number];

/** The sides at which a tile can be drawn. */
export type DrawnSize = LargeTileSize | TileSize;

/** A value for each size. */
export const bySize = <Value>(value: (size: TileSize) => Value): Record<TileSize, Value> =>
  Object.fromEntries(tileSizes.map((size) => [size, value(size)])) as Record<TileSize, Value>;
