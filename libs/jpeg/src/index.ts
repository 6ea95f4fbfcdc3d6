export { parseJpeg } from './parse';
export type { JpegComponent, ParsedJpeg } from './parse';
export type { HuffmanTable } from './huffman';
export {
  decodeProfile,
  encodeProfile,
  isTileSize,
  MAX_SHIFT,
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
} from './assemble';
export type { Assembly, AssemblyCell, CellAssembly, Density, PlacedCell } from './assemble';
export { decodeCoefficients } from './coefficients';
export type { ComponentBlocks } from './coefficients';
