export { parseJpeg } from './parse';
export type { JpegComponent, ParsedJpeg } from './parse';
export type { HuffmanTable } from './huffman';
export {
  decodeProfile,
  encodeProfile,
  isTileSize,
  MAX_SHIFT,
  MAX_TILE_SIZE,
  readProfile,
  sameProfile,
  shiftResolution,
  shiftToSteps,
} from './profile';
export type { ColourShift, ComponentTables, DcSteps, TileProfile } from './profile';
export { transcodeTile } from './transcode';
export { mirrorTile } from './mirror';
export { shiftSegment } from './shift';
export {
  decodeTileSegments,
  encodedLength,
  encodeTileSegments,
  Head,
  HEAD_LENGTH,
} from './segments';
export type { TileSegments } from './segments';
export {
  assembleCells,
  assembleChunks,
  assembledLength,
  assembleJpeg,
  CHUNK_BYTES,
  LIBJPEG_MAX_SIDE,
  MAX_SIDE,
  PictureAssembler,
} from './assemble';
export { meanColour, plainTile } from './plain';
export type { YccColour } from './plain';
export type {
  Assembly,
  AssemblyCell,
  CellAssembly,
  Density,
  PictureShape,
  PlacedCell,
} from './assemble';
export { decodeCoefficients } from './coefficients';
export type { ComponentBlocks } from './coefficients';
