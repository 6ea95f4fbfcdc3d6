import { BitReader, BitWriter, unstuff } from './bits';
import { codecOf, writeDc } from './codec';
import { huffmanCodes } from './huffman';
import { MCU_COMPONENTS, MCU_SIZE } from './markers';
import type { TileProfile } from './profile';
import type { TileSegments } from './segments';
import { Head, HEAD_LENGTH } from './segments';

/** A colour in levels of 0 to 255; grey has Cb and Cr of 128. */
export interface YccColour {
  readonly y: number;
  readonly cb: number;
  readonly cr: number;
}

/** The level that a DC of 0 stands for. */
const MIDDLE = 128;

/** A DC step of 1 moves the mean of a block of 64 samples by an eighth of a level. */
const STEPS_OF_LEVEL = 8;

/**
 * A tile of one colour, as near as the profile can express it.
 * @param size Side in pixels: a multiple of 16, at most 512.
 * @param colour Clamped to 0 … 255.
 */
export function plainTile(profile: TileProfile, size: number, colour: YccColour): TileSegments {
  const { dcCodes } = codecOf(profile);
  const rows = size / MCU_SIZE;
  const tables = [profile.luma, profile.chroma, profile.chroma];
  const endsOfBlock = tables.map(({ ac }) => {
    const { codes, lengths } = huffmanCodes(ac);
    return { code: codes[0]!, length: lengths[0]! };
  });
  const dc = [colour.y, colour.cb, colour.cr].map((level, component) => {
    const clamped = Math.max(0, Math.min(2 * MIDDLE - 1, level)) - MIDDLE;
    return Math.round((clamped * STEPS_OF_LEVEL) / tables[component]!.quantisation[0]!);
  });
  const writer = new BitWriter(rows * rows * 8);
  const offsets = new Uint32Array(rows + 1);
  const heads = new Int32Array(rows * HEAD_LENGTH);
  for (let row = 0; row < rows; row++) {
    const head = row * HEAD_LENGTH;
    for (let mcu = 0; mcu < rows; mcu++) {
      MCU_COMPONENTS.forEach((component, block) => {
        const isFirst = mcu === 0 && (block === 0 || component > 0);
        if (isFirst && component > 0) heads[head + Head.cbPosition + component - 1] = writer.bits;
        if (isFirst) heads[head + Head.y + component] = dc[component]!;
        heads[head + Head.lastY + component] = dc[component]!;
        writeDc(writer, dcCodes[component], isFirst ? dc[component]! : 0);
        writer.write(endsOfBlock[component]!.code, endsOfBlock[component]!.length);
      });
    }
    heads[head + Head.bits] = writer.bits;
    writer.align();
    offsets[row + 1] = writer.length;
  }
  return { size, rows, data: writer.toBytes(), offsets, heads };
}

/**
 * The mean colour of a tile, from its DC coefficients alone.
 * @throws PermanentError `jpeg.damaged` or `jpeg.truncated` when the segments are not of the profile.
 */
export function meanColour(tile: TileSegments, profile: TileProfile): YccColour {
  const { dcLookups, acLookups } = codecOf(profile);
  const sums: [number, number, number] = [0, 0, 0];
  for (let row = 0; row < tile.rows; row++) {
    const stuffed = tile.data.subarray(tile.offsets[row], tile.offsets[row + 1]);
    const reader = new BitReader(unstuff(stuffed));
    const dc: [number, number, number] = [0, 0, 0];
    for (let block = 0; block < tile.rows * MCU_COMPONENTS.length; block++) {
      const component = MCU_COMPONENTS[block % MCU_COMPONENTS.length]!;
      dc[component] += reader.readDcDifference(dcLookups[component]);
      sums[component] += dc[component];
      reader.skipAc(acLookups[component]);
    }
  }
  const mcus = tile.rows * tile.rows;
  const level = (sum: number, blocks: number, step: number) =>
    MIDDLE + ((sum / blocks) * step) / STEPS_OF_LEVEL;
  return {
    y: level(sums[0], 4 * mcus, profile.luma.quantisation[0]!),
    cb: level(sums[1], mcus, profile.chroma.quantisation[0]!),
    cr: level(sums[2], mcus, profile.chroma.quantisation[0]!),
  };
}
