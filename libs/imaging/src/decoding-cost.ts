import type { PhotoFormat } from './formats';

/** What `ImageLimits.maxPixels` reckons with: a pixel of 16 bits a channel with alpha, held whole. */
export const usualBytesPerPixel = 8;

/**
 * Bytes that a decoder holds at the worst for each pixel of a picture, measured as peaks of the resident
 * memory: a baseline JPEG passes through in strips and is reduced on the way (0.2 to 0.8 for
 * 200 megapixels), a progressive one is held whole as coefficients (two bytes each).
 */
export function decodingBytesPerPixel(bytes: Uint8Array, format: PhotoFormat['name']): number {
  if (format === 'AVIF') return 16;
  if (format !== 'JPEG') return usualBytesPerPixel;
  const frame = readJpegFrame(bytes);
  // Nothing is known of it, so the worst is taken: four components without subsampling.
  if (!frame) return usualBytesPerPixel;
  return frame.isHeldWhole ? 2 * frame.samplesPerPixel : 1;
}

export interface JpegFrame {
  /** Pixels, as stored: EXIF may turn it. */
  readonly width: number;
  readonly height: number;
  /** Progressive, or with several scans: the decoder keeps all coefficients until the end. */
  readonly isHeldWhole: boolean;
  readonly samplesPerPixel: number;
}

/** Reads the frame header and the first scan header; undefined when they are not there. */
export function readJpegFrame(bytes: Uint8Array): JpegFrame | undefined {
  let frame: ReturnType<typeof readFrameHeader> | undefined;
  for (let at = 2; at + 4 <= bytes.length;) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    if (isFrameHeader(marker)) {
      frame = readFrameHeader(marker, bytes.subarray(at + 4, at + 2 + length));
    }
    if (marker === startOfScan) {
      if (!frame) return undefined;
      const { progressive, components, ...rest } = frame;
      return { isHeldWhole: progressive || bytes[at + 4]! < components, ...rest };
    }
    at += 2 + length;
  }
  return undefined;
}

const startOfScan = 0xda;

/** SOF0 to SOF15 without DHT, JPG and DAC, which lie among them. */
const isFrameHeader = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

function readFrameHeader(marker: number, body: Uint8Array) {
  const uint16 = (at: number) => ((body[at] ?? 0) << 8) | (body[at + 1] ?? 0);
  const components = body[5] ?? 0;
  const factors = Array.from({ length: components }, (_, index) => {
    const sampling = body[7 + index * 3] ?? 0x11;
    return { horizontal: sampling >> 4, vertical: sampling & 15 };
  });
  const most =
    Math.max(1, ...factors.map(({ horizontal }) => horizontal)) *
    Math.max(1, ...factors.map(({ vertical }) => vertical));
  const samples = factors.reduce((sum, { horizontal, vertical }) => sum + horizontal * vertical, 0);
  return {
    width: uint16(3),
    height: uint16(1),
    progressive: marker > 0xc1,
    components,
    samplesPerPixel: samples / most,
  };
}
