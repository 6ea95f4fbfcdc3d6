/** From a prepared target and a tile library to picture, recipe and thumbnail. */
export { renderMosaic, type Rendering, type RenderOptions, type TileSource } from './render';
export { dotsPerInch, planOpenableGrid, type RenderGrid } from './grid';
export { renderThumbnail } from './thumbnail';
export { assembleRecipe, drawnSizes, type AssembleOptions } from './assemble';
