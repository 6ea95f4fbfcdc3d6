/** Pictures from recipe and tiles: whole ones, any region, any deep-zoom tile. */
export { openDrawing, type DrawnPart, type Drawing } from './drawing';
export { drawPicture, drawThumbnail, type PictureOptions } from './picture';
export {
  deepZoomTileSize,
  pyramidOf,
  tileRectangle,
  type Pyramid,
  type PyramidLevel,
  type Rectangle,
} from './pyramid';
export { dziDescription, iiifInfo, iiifPart, type IiifPart } from './iiif';
