/** A picture in memory: interleaved sRGB, 3 bytes a pixel (R, G, B; 0 to 255), row by row. */
export interface Pixels {
  readonly data: Uint8Array;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}
