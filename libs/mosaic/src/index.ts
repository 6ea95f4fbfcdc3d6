export {
  collectFeatures,
  defaultFeatureSpace,
  featureLength,
  isTextureSeen,
  mirrorFeatures,
  targetFeatures,
  tileFeatures,
  type Features,
  type FeatureSpace,
} from './features';
export {
  cellSpans,
  commonSpan,
  createCellFinder,
  divideIntoCells,
  pictureSize,
  uniformCells,
  type CellArea,
  type CellLayout,
  type CellSpan,
} from './cells';
export {
  cellCount,
  maximumJpegSide,
  planGrid,
  targetSize,
  type Grid,
  type GridOptions,
} from './grid';
export { chooseCells, type ChooseCellsRequest, type ChosenCells } from './choose-cells';
export { matchTiles } from './matching';
export { findCandidates, type Candidates } from './candidates';
export type { Pixels } from './pixels';
export {
  defaultMatchOptions,
  type MatchOptions,
  type MatchRequest,
  type Placement,
} from './placement';
export { decodeRecipe, encodeRecipe, recipeCell, type Recipe, type RecipeCell } from './recipe';
export { neededTiles } from './rules';
export type { PlacementStatistics } from './statistics';
export {
  extendLibrary,
  prepareLibrary,
  type FastMatchRequest,
  type PreparedLibrary,
} from './library';
export { matchTilesOptimally, maxPairs, type OptimalPlacement } from './optimal';
