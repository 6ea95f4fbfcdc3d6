/** The sides in pixels at which every tile is kept ready, largest first. Each halves the one before. */
export const tileSizes = [128, 64, 32, 16] as const;
export type TileSize = (typeof tileSizes)[number];
