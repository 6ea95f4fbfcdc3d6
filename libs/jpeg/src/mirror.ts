import { BitReader, BitWriter, unstuff } from './bits';
import { codecOf, writeDc } from './codec';
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
      reader.readAc(acLookups[component], (index, _value, length) => {
        if (NEGATED[index]) invert(bytes, reader.position - length, length);
      });
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
    writer.align();
    offsets[row + 1] = writer.length;
  }
  return { size, rows, data: writer.toBytes(), offsets, heads };
}

/** Inverts `length` bits from `position` on. */
function invert(bytes: Uint8Array, position: number, length: number): void {
  for (let bit = position; bit < position + length; bit++) {
    bytes[bit >> 3]! ^= 0x80 >> (bit & 7);
  }
}
