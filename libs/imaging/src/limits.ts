import { defaultPhotoLimits, type PhotoLimits } from '@mosaicme/contracts';

/** What a picture may cost before it is refused. */
export type ImageLimits = PhotoLimits;
export const defaultImageLimits: ImageLimits = defaultPhotoLimits;
