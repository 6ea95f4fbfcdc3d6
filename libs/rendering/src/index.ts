/** From a prepared target and a tile library to picture, recipe and thumbnail. */
export {
  renderedSizes,
  renderMosaic,
  type Relaxation,
  type Rendering,
  type RenderOptions,
  type TileSource,
} from './render';
export { dotsPerInch, planOpenableGrid, type RenderGrid } from './grid';
export { renderThumbnail } from './thumbnail';
export { assembleRecipe, drawnSizes, type AssembleOptions } from './assemble';
