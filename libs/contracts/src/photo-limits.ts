/** What one photo may cost, whichever way it came. Each limit has an error code of its own. */
export interface PhotoLimits {
  /** Bytes of the file. `image.too-many-bytes` */
  readonly maxBytes: number;
  /**
   * Pixels that are decoded at full size. `image.too-many-pixels`
   *
   * It stands for memory: eight bytes for each of them. A baseline JPEG is reduced while it is read and
   * may have eight times as many; AVIF takes sixteen bytes, so it may have half.
   */
  readonly maxPixels: number;
  /** Shorter side in pixels. `image.too-small` */
  readonly minSide: number;
  /** Whole seconds of decoding, 1 to 3600, without the wait for a free decoder. `image.too-slow` */
  readonly maxSeconds: number;
}

/**
 * The limits of every way in, unless configured otherwise. There is room for what phones and networks
 * deliver: 50 megapixels, 400 as a baseline JPEG; one photo takes 0.6 GB at the worst.
 */
export const defaultPhotoLimits: PhotoLimits = {
  maxBytes: 25_000_000,
  maxPixels: 52_000_000,
  minSide: 32,
  maxSeconds: 20,
};
