/** Pictures at the edge: the only library that decodes bytes which strangers sent. */
export { defaultImageLimits, type ImageLimits } from './limits';
export { encodedSideLimits, encodePicture, type EncodedFormat, type EncodeOptions } from './encode';
export { hammingDistance } from './perceptual-hash';
export { measureImaging } from './measure';
export { encodeJpeg, readPixels, thumbnail } from './pixels';
export { prepareTarget, type PreparedTarget } from './target';
export { makeTile, type TileImages } from './tile';
