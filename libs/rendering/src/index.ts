/** From a prepared target and a tile library to picture, recipe and thumbnail. */
export { renderMosaic, type Rendering, type RenderOptions, type TileSource } from './render';
export { renderThumbnail } from './thumbnail';
export { assembleRecipe } from './assemble';
