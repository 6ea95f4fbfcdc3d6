/** Pictures at the edge: the only library that decodes bytes which strangers sent. */
export { defaultImageLimits, type ImageLimits } from './limits';
export { encodedSideLimits, encodePicture, type EncodedFormat, type EncodeOptions } from './encode';
export {
  photoFormatNames,
  photoFormats,
  sniffedBytes,
  sniffFormat,
  type PhotoFormat,
  type SniffedFile,
} from './formats';
export { localDecoder, type PhotoDecoder } from './decoder';
export { createDecoderPool, type DecoderPool, type DecoderPoolOptions } from './decoder-pool';
export { hammingDistance } from './perceptual-hash';
export { measureImaging } from './measure';
export { encodeJpeg, readPart, readPixels, thumbnail } from './pixels';
export { sceneParts, type SceneHashes } from './scene-hashes';
export { prepareTarget, type PreparedTarget, type TargetOptions } from './target';
export { crops, makeTile, type Crop, type TileImages, type TileOptions } from './tile';
