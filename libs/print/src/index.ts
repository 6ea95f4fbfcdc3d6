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
export type { Page } from './page';
