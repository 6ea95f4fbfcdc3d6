import { readPngChunks, writePng, type PngChunk } from './png-chunks';

/** Chunks before the pictures that say how all of them are to be read. */
const sharedTypes = new Set(['PLTE', 'tRNS', 'iCCP', 'sRGB', 'gAMA', 'cHRM', 'cICP', 'sBIT']);

/**
 * The first frame of an animated PNG whose plain picture is not part of the animation: that one is shown
 * by programs that cannot animate, and often says only so. A PNG decoder reads no other.
 *
 * @returns undefined when the plain picture is the first frame, or the PNG is not animated.
 * @see https://www.w3.org/TR/png-3/#apng-frame-based-animation
 */
export function firstFrameOfApng(png: Uint8Array): Uint8Array | undefined {
  let header: Uint8Array | undefined;
  let control: Uint8Array | undefined;
  let isAnimated = false;
  let hasPlainPicture = false;
  const shared: PngChunk[] = [];
  const data: Uint8Array[] = [];
  for (const chunk of readPngChunks(png)) {
    const { type } = chunk;
    if (type === 'IHDR') header = chunk.data;
    else if (type === 'acTL') isAnimated = true;
    else if (type === 'IDAT') {
      if (!isAnimated || control) return undefined;
      hasPlainPicture = true;
    } else if (type === 'fcTL') {
      // The control of the second frame ends the first.
      if (control) break;
      control = chunk.data;
    } else if (type === 'fdAT') data.push(chunk.data.subarray(4));
    else if (sharedTypes.has(type) && !hasPlainPicture) shared.push(chunk);
  }
  if (!header || !control || control.length < 12 || data.length === 0) return undefined;
  const frameHeader = Uint8Array.from(header);
  frameHeader.set(control.subarray(4, 12));
  return writePng([
    { type: 'IHDR', data: frameHeader },
    ...shared,
    ...data.map((bytes) => ({ type: 'IDAT', data: bytes })),
    { type: 'IEND', data: new Uint8Array() },
  ]);
}
