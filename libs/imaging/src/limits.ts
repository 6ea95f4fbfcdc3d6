/** What a picture may cost before it is refused. Each limit has an error code of its own. */
export interface ImageLimits {
  /** Bytes of the file. `image.too-many-bytes` */
  readonly maxBytes: number;
  /**
   * Width times height, as the header states them. `image.too-many-pixels`
   *
   * Bytes say nothing about memory: a PNG of 600 KB can need 690 MB. A progressive JPEG or an interlaced
   * PNG is held whole, at up to 8 bytes a pixel; AVIF takes twice that, so it may have half the pixels.
   */
  readonly maxPixels: number;
  /** Frames of an animation; only the first is used. `image.too-many-frames` */
  readonly maxFrames: number;
  /** Shorter side in pixels. `image.too-small` */
  readonly minSide: number;
  /** Whole seconds of decoding, 1 to 3600, without the wait for a free decoder. `image.too-slow` */
  readonly maxSeconds: number;
}

/** Room for what phones and networks deliver: 50 megapixels, 25 MiB. One picture takes at most 0.5 GB. */
export const defaultImageLimits: ImageLimits = {
  maxBytes: 25 * 1024 * 1024,
  maxPixels: 52_000_000,
  maxFrames: 500,
  minSide: 64,
  maxSeconds: 20,
};
