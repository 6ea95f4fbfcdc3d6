import { PermanentError } from '@mosaicme/errors';
import type { HuffmanLookup } from './huffman';
import { extend } from './huffman';

/** Zero bytes that must follow the data of a `BitReader`, so that look-ahead needs no bounds check. */
export const READ_AHEAD = 4;

/**
 * Removes byte stuffing: in entropy-coded data each 0xFF is followed by a 0x00 (T.81, B.1.1.5).
 * @returns The plain bytes, followed by `READ_AHEAD` zero bytes.
 */
export function unstuff(stuffed: Uint8Array): Uint8Array {
  const plain = new Uint8Array(stuffed.length + READ_AHEAD);
  let length = 0;
  for (let i = 0; i < stuffed.length; i++) {
    plain[length++] = stuffed[i]!;
    if (stuffed[i] === 0xff) i++;
  }
  return plain.subarray(0, length + READ_AHEAD);
}

/** Reads plain (unstuffed) entropy-coded bits, most significant first. */
export class BitReader {
  /** Index of the next bit. */
  position = 0;

  /** @param bytes Plain bytes with `READ_AHEAD` zero bytes behind them, as `unstuff` returns them. */
  constructor(readonly bytes: Uint8Array) {}

  /** The number of bits, without the read-ahead. */
  get length(): number {
    return (this.bytes.length - READ_AHEAD) * 8;
  }

  /** The next `count` bits, at most 16. */
  read(count: number): number {
    const bits = peek16(this.bytes, this.position) >>> (16 - count);
    this.position += count;
    return bits;
  }

  /** Reads a DC difference (T.81, F.2.2.1). */
  readDcDifference(table: HuffmanLookup): number {
    const entry = this.#entry(table);
    this.position += entry & 0xff;
    const size = entry >> 8;
    const difference = extend(this.read(size), size);
    if (this.position > this.length) throw truncated();
    return difference;
  }

  /**
   * Reads the 63 AC coefficients of a block (T.81, F.2.2.2).
   * @param onCoefficient Gets the zigzag index, the value and its number of bits.
   */
  readAc(
    table: HuffmanLookup,
    onCoefficient: (index: number, value: number, size: number) => void,
  ): void {
    for (let index = 1; index < 64; index++) {
      const entry = this.#entry(table);
      this.position += entry & 0xff;
      const run = entry >> 12;
      const size = (entry >> 8) & 0xf;
      if (size === 0 && run !== 15) break;
      index += run;
      if (index > 63) throw damaged();
      if (size > 0) onCoefficient(index, extend(this.read(size), size), size);
    }
    if (this.position > this.length) throw truncated();
  }

  /** Passes over the 63 AC coefficients of a block: `readAc` without values, several times faster. */
  skipAc(table: HuffmanLookup): void {
    const { bytes } = this;
    let position = this.position;
    for (let index = 1; index < 64; index++) {
      const entry = table[peek16(bytes, position)]!;
      if (entry === 0) throw this.position > this.length ? truncated() : damaged();
      const symbol = entry >> 8;
      position += (entry & 0xff) + (symbol & 0xf);
      if (symbol === 0) break;
      index += symbol >> 4;
      if (index > 63) throw damaged();
    }
    if (position > this.length) throw truncated();
    this.position = position;
  }

  #entry(table: HuffmanLookup): number {
    const entry = table[peek16(this.bytes, this.position)]!;
    if (entry === 0) throw this.position > this.length ? truncated() : damaged();
    return entry;
  }
}

/** The 16 bits from `position` on. */
export function peek16(bytes: Uint8Array, position: number): number {
  const at = position >>> 3;
  const three = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
  return (three >>> (8 - (position & 7))) & 0xffff;
}

/** Writes entropy-coded data with byte stuffing, most significant bit first. */
export class BitWriter {
  #bytes: Uint8Array;
  #length = 0;
  #pending = 0;
  #pendingBits = 0;
  #bits = 0;

  /** @param capacity Expected number of bytes; the buffer grows when that is not enough. */
  constructor(capacity = 1024) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** Bytes written so far, stuffing included. */
  get length(): number {
    return this.#length;
  }

  /** Bits written since the last `align`, stuffing not included. */
  get bits(): number {
    return this.#bits;
  }

  /** Appends the lowest `count` bits of `value`; at most 24. */
  write(value: number, count: number): void {
    this.#pending = (this.#pending << count) | (value & ((1 << count) - 1));
    this.#pendingBits += count;
    this.#bits += count;
    while (this.#pendingBits >= 8) {
      this.#pendingBits -= 8;
      const byte = (this.#pending >>> this.#pendingBits) & 0xff;
      if (this.#length + 2 > this.#bytes.length) this.#grow();
      this.#bytes[this.#length++] = byte;
      if (byte === 0xff) this.#bytes[this.#length++] = 0;
    }
  }

  /** Appends the bits `from` … `to - 1` of plain bytes that are followed by `READ_AHEAD` zeros. */
  copy(bytes: Uint8Array, from: number, to: number): void {
    let position = from;
    for (; position + 16 <= to; position += 16) this.write(peek16(bytes, position), 16);
    const rest = to - position;
    if (rest > 0) this.write(peek16(bytes, position) >>> (16 - rest), rest);
  }

  /** Fills the last byte with 1 bits (T.81, F.1.2.3) and starts a new segment. */
  align(): void {
    const missing = (8 - this.#pendingBits) & 7;
    this.write(0xff, missing);
    this.#bits = 0;
  }

  /** A copy of what was written up to the last whole byte. */
  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #grow(): void {
    const larger = new Uint8Array(this.#bytes.length * 2 + 16);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

export function truncated(): PermanentError {
  return new PermanentError(
    'jpeg.truncated',
    'The JPEG ends before its last block: it was cut off. Fetch or encode the picture anew.',
  );
}

export function damaged(): PermanentError {
  return new PermanentError(
    'jpeg.damaged',
    'The JPEG holds bits that are no valid Huffman code. Fetch or encode the picture anew.',
  );
}
