import { crc32 } from 'node:zlib';

export interface PngChunk {
  readonly type: string;
  readonly data: Uint8Array;
}

export const pngSignature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** The chunks of a PNG, as far as they are whole. Their checksums are left to the decoder. */
export function* readPngChunks(png: Uint8Array): Generator<PngChunk> {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  for (let at = pngSignature.length; at + 12 <= png.length;) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...png.subarray(at + 4, at + 8));
    if (at + 12 + length > png.length) return;
    yield { type, data: png.subarray(at + 8, at + 8 + length) };
    at += 12 + length;
  }
}

/** Writes a PNG of these chunks. */
export function writePng(chunks: readonly PngChunk[]): Uint8Array {
  return Buffer.concat([pngSignature, ...chunks.map(encodeChunk)]);
}

export function encodeChunk({ type, data }: PngChunk): Uint8Array {
  const chunk = Buffer.alloc(12 + data.length);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, 'latin1');
  chunk.set(data, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
  return chunk;
}
