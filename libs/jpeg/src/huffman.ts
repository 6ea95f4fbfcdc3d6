import { PermanentError } from '@mosaicme/errors';

/** A Huffman table as a DHT segment stores it (T.81, B.2.4.2). */
export interface HuffmanTable {
  /** 16 numbers: how many codes there are of 1, 2, … 16 bits. */
  readonly counts: Uint8Array;
  /** The symbols in the order of their codes. */
  readonly symbols: Uint8Array;
}

/** Codes by symbol. A symbol without a code has the length 0. */
export interface HuffmanCodes {
  readonly codes: Uint16Array;
  readonly lengths: Uint8Array;
}

/** Bits that a `HuffmanLookup` looks at: the longest code there is. */
export const LOOKUP_BITS = 16;

/** Indexed by the next 16 bits: `symbol << 8 | code length`, 0 where no code begins like that. */
export type HuffmanLookup = Uint16Array;

/**
 * Gives each symbol its canonical code (T.81, annex C).
 * @throws PermanentError `jpeg.huffman-table` when the counts do not describe a prefix code.
 */
export function huffmanCodes(table: HuffmanTable): HuffmanCodes {
  const codes = new Uint16Array(256);
  const lengths = new Uint8Array(256);
  let code = 0;
  let next = 0;
  for (let length = 1; length <= LOOKUP_BITS; length++) {
    for (let n = 0; n < table.counts[length - 1]!; n++) {
      const symbol = table.symbols[next++];
      if (symbol === undefined || code >= 1 << length) {
        throw new PermanentError(
          'jpeg.huffman-table',
          'A Huffman table has more codes than fit its code lengths: encode the picture anew.',
        );
      }
      codes[symbol] = code++;
      lengths[symbol] = length;
    }
    code <<= 1;
  }
  return { codes, lengths };
}

/** Spreads the codes over all 16-bit prefixes, so that one look-up decodes one symbol. */
export function huffmanLookup(table: HuffmanTable): HuffmanLookup {
  const { codes, lengths } = huffmanCodes(table);
  const lookup = new Uint16Array(1 << LOOKUP_BITS);
  for (const symbol of table.symbols) {
    const length = lengths[symbol]!;
    const first = codes[symbol]! << (LOOKUP_BITS - length);
    lookup.fill((symbol << 8) | length, first, first + (1 << (LOOKUP_BITS - length)));
  }
  return lookup;
}

/** The number of bits that a coefficient needs: its category SSSS (T.81, table F.1). */
export function category(value: number): number {
  return 32 - Math.clz32(Math.abs(value));
}

/** The value that `size` appended bits stand for (T.81, F.2.2.1 EXTEND). */
export function extend(bits: number, size: number): number {
  return size > 0 && bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits;
}

/** The bits appended to a category code for this value: the inverse of `extend`. */
export function appendedBits(value: number, size: number): number {
  return value < 0 ? value + (1 << size) - 1 : value;
}
