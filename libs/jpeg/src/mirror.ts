import { BitReader, BitWriter, damaged, peek16, truncated, unstuff } from './bits';
import { codecOf, writeDc } from './codec';
import type { HuffmanLookup } from './huffman';
import { MCU_COMPONENTS, ZIGZAG } from './markers';
import type { TileProfile } from './profile';
import type { TileSegments } from './segments';
import { Head, HEAD_LENGTH } from './segments';

/** The block of a mirrored MCU -> the block of the source: the two columns of Y change places. */
const MIRRORED_BLOCKS = [1, 0, 3, 2, 4, 5] as const;

/** 1 where mirroring negates the coefficient (zigzag order): odd horizontal frequencies. */
const NEGATED = ZIGZAG.map((natural) => natural & 1);

/**
 * The tile turned left to right, exactly: cosines of odd horizontal frequency change their sign, the
 * blocks of a row change their order. Negating a coefficient inverts its appended bits and leaves its
 * Huffman code alone, so the AC bits of a block keep their length and are copied as a whole.
 * @throws PermanentError `jpeg.damaged` or `jpeg.truncated` when the segments are not of the profile.
 */
export function mirrorTile(tile: TileSegments, profile: TileProfile): TileSegments {
  const { dcLookups, acLookups, dcCodes } = codecOf(profile);
  const { rows, size } = tile;
  const blocks = MCU_COMPONENTS.length;
  const writer = new BitWriter(tile.data.length + 32 * rows);
  const offsets = new Uint32Array(rows + 1);
  const heads = new Int32Array(tile.heads.length);
  const values = new Int32Array(rows * blocks);
  const bounds = new Int32Array(rows * blocks * 2);
  for (let row = 0; row < rows; row++) {
    const reader = new BitReader(
      unstuff(tile.data.subarray(tile.offsets[row], tile.offsets[row + 1])),
    );
    const { bytes } = reader;
    const dc = [0, 0, 0];
    for (let block = 0; block < rows * blocks; block++) {
      const component = MCU_COMPONENTS[block % blocks]!;
      dc[component]! += reader.readDcDifference(dcLookups[component]);
      values[block] = dc[component]!;
      bounds[2 * block] = reader.position;
      mirrorAc(reader, acLookups[component]);
      bounds[2 * block + 1] = reader.position;
    }

    const head = row * HEAD_LENGTH;
    const previous = [0, 0, 0];
    for (let column = rows - 1; column >= 0; column--) {
      for (let n = 0; n < blocks; n++) {
        const component = MCU_COMPONENTS[n]!;
        const source = column * blocks + MIRRORED_BLOCKS[n]!;
        const value = values[source]!;
        if (column === rows - 1 && (n === 0 || component > 0)) {
          if (component > 0) heads[head + Head.cbPosition + component - 1] = writer.bits;
          heads[head + Head.y + component] = value;
        }
        writeDc(writer, dcCodes[component], value - previous[component]!);
        previous[component] = value;
        writer.copy(bytes, bounds[2 * source]!, bounds[2 * source + 1]!);
      }
    }
    heads[head + Head.bits] = writer.bits;
    heads.set(previous, head + Head.lastY);
    writer.align();
    offsets[row + 1] = writer.length;
  }
  return { size, rows, data: writer.toBytes(), offsets, heads };
}

/** Passes over the AC bits of a block and changes the signs of odd horizontal frequencies in place. */
function mirrorAc(reader: BitReader, table: HuffmanLookup): void {
  const { bytes } = reader;
  let position = reader.position;
  for (let index = 1; index < 64; index++) {
    const entry = table[peek16(bytes, position)]!;
    if (entry === 0) throw damaged();
    const symbol = entry >> 8;
    const size = symbol & 0xf;
    position += entry & 0xff;
    if (symbol === 0) break;
    index += symbol >> 4;
    if (index > 63) throw damaged();
    if (NEGATED[index]) {
      // At most 10 bits, so they lie within three bytes.
      const mask = ((1 << size) - 1) << (24 - (position & 7) - size);
      const at = position >> 3;
      bytes[at]! ^= mask >> 16;
      bytes[at + 1]! ^= mask >> 8;
      bytes[at + 2]! ^= mask;
    }
    position += size;
  }
  if (position > reader.length) throw truncated();
  reader.position = position;
}
