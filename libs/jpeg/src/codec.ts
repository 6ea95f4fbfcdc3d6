import type { BitWriter } from './bits';
import type { HuffmanCodes, HuffmanLookup, HuffmanTable } from './huffman';
import { appendedBits, category, huffmanCodes, huffmanLookup } from './huffman';
import type { TileProfile } from './profile';

/** Bits of a DC difference: its Huffman code and the appended bits. */
export interface DcCodes {
  /** Indexed by difference + `DC_LIMIT`: the bits, right-aligned. */
  readonly bits: Uint32Array;
  /** Indexed by difference + `DC_LIMIT`: how many bits, at most 27. */
  readonly lengths: Uint8Array;
}

/** The largest DC difference that baseline can code: eleven categories. */
export const DC_LIMIT = 2047;

/** A profile's tables in the forms that reading and writing need. */
export interface ProfileCodec {
  readonly dcLookups: readonly [HuffmanLookup, HuffmanLookup, HuffmanLookup];
  readonly acLookups: readonly [HuffmanLookup, HuffmanLookup, HuffmanLookup];
  readonly dcCodes: readonly [DcCodes, DcCodes, DcCodes];
}

const codecs = new WeakMap<TileProfile, ProfileCodec>();

/** The codec of a profile by component (Y, Cb, Cr); built once for each profile object. */
export function codecOf(profile: TileProfile): ProfileCodec {
  let codec = codecs.get(profile);
  if (!codec) {
    const { luma, chroma } = profile;
    codec = {
      dcLookups: forComponents(huffmanLookup(luma.dc), huffmanLookup(chroma.dc)),
      acLookups: forComponents(huffmanLookup(luma.ac), huffmanLookup(chroma.ac)),
      dcCodes: forComponents(dcCodesOf(luma.dc), dcCodesOf(chroma.dc)),
    };
    codecs.set(profile, codec);
  }
  return codec;
}

/** Appends the code of a DC difference of at most ±`DC_LIMIT`. */
export function writeDc(writer: BitWriter, { bits, lengths }: DcCodes, difference: number): void {
  const index = difference + DC_LIMIT;
  const size = category(difference);
  const length = lengths[index]!;
  // In two parts, since Huffman code and appended bits may together exceed what `write` takes.
  writer.write(bits[index]! >>> size, length - size);
  writer.write(bits[index]!, size);
}

/** Bits of the code of a DC difference. */
export function dcLength({ lengths }: DcCodes, difference: number): number {
  return lengths[difference + DC_LIMIT]!;
}

function forComponents<T>(luma: T, chroma: T): readonly [T, T, T] {
  return [luma, chroma, chroma];
}

function dcCodesOf(table: HuffmanTable): DcCodes {
  const { codes, lengths }: HuffmanCodes = huffmanCodes(table);
  const result = {
    bits: new Uint32Array(2 * DC_LIMIT + 1),
    lengths: new Uint8Array(2 * DC_LIMIT + 1),
  };
  for (let difference = -DC_LIMIT; difference <= DC_LIMIT; difference++) {
    const size = category(difference);
    result.bits[difference + DC_LIMIT] = (codes[size]! << size) | appendedBits(difference, size);
    result.lengths[difference + DC_LIMIT] = lengths[size]! + size;
  }
  return result;
}
