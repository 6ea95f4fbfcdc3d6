/** Pictures on paper: the pages as data, and pdf-lib, which writes them with the JPEGs as they are. */
export { writePdf, type PdfOptions } from './pdf';
export { orient, paperNames, paperOf, type Orientation, type Paper } from './paper';
export {
  dotsPerInchIn,
  pageOfPicture,
  planPoster,
  posterPicture,
  type PixelSize,
  type PosterOptions,
} from './poster';
export { placeName, placeOf, type Place } from './coordinates';
export {
  pageOfSheet,
  pagesOfStickers,
  planOfWall,
  planSheets,
  wallPicture,
  type Sheet,
  type SheetOptions,
  type Sticker,
  type Wall,
} from './sheets';
export { jpegSize } from './jpeg-size';
export type { Page } from './page';
