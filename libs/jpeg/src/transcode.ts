import { BitReader, BitWriter, unstuff } from './bits';
import { codecOf, writeDc } from './codec';
import { MCU_COMPONENTS, MCU_SIZE } from './markers';
import { parseJpeg, unusable } from './parse';
import type { TileProfile } from './profile';
import { isTileSize, profileOf, sameProfile } from './profile';
import type { TileSegments } from './segments';
import { Head, HEAD_LENGTH } from './segments';

/**
 * Turns a JPEG into segments whose DC prediction restarts at each row of MCUs. Nothing is decoded to
 * pixels and no coefficient changes: only the first DC difference of each component in a row is coded
 * anew, all other bits are copied.
 * @param jpeg A square baseline 4:2:0 JPEG of 16, 32, 48, … 512 px a side.
 * @param profile The tables that the JPEG must have.
 * @throws PermanentError as `parseJpeg` and `readProfile`, and `jpeg.profile-mismatch`,
 * `jpeg.tile-size`, `jpeg.restart-interval`, `jpeg.dc-range`.
 */
export function transcodeTile(jpeg: Uint8Array, profile: TileProfile): TileSegments {
  const parsed = parseJpeg(jpeg);
  if (!sameProfile(profileOf(parsed), profile)) {
    throw unusable('profile-mismatch', 'has other tables than the tile pack');
  }
  if (parsed.restartInterval !== 0) throw unusable('restart-interval', 'has restart markers');
  const { width, height } = parsed;
  if (width !== height || !isTileSize(width)) {
    throw unusable(
      'tile-size',
      `is ${width} x ${height} px, not 512, 256, 128, 64, 32 or 16 px square`,
    );
  }
  return transcodeScan(parsed.scan, width, profile);
}

function transcodeScan(scan: Uint8Array, size: number, profile: TileProfile): TileSegments {
  const { dcLookups, acLookups, dcCodes } = codecOf(profile);
  const steps = [profile.luma, profile.chroma, profile.chroma].map((t) => t.quantisation[0]!);
  const rows = size / MCU_SIZE;
  const reader = new BitReader(unstuff(scan));
  const writer = new BitWriter(scan.length + 32 * rows);
  const offsets = new Uint32Array(rows + 1);
  const heads = new Int32Array(rows * HEAD_LENGTH);
  const dc = [0, 0, 0];
  for (let row = 0; row < rows; row++) {
    const head = row * HEAD_LENGTH;
    let copied = reader.position;
    for (let column = 0; column < rows; column++) {
      for (let block = 0; block < MCU_COMPONENTS.length; block++) {
        const component = MCU_COMPONENTS[block]!;
        const start = reader.position;
        dc[component]! += reader.readDcDifference(dcLookups[component]);
        requireDcRange(dc[component]!, steps[component]!);
        // The first block of each component in the row: Y's first of four, Cb's, Cr's.
        if (column === 0 && (block === 0 || component > 0)) {
          writer.copy(reader.bytes, copied, start);
          if (component > 0) heads[head + Head.cbPosition + component - 1] = writer.bits;
          heads[head + Head.y + component] = dc[component]!;
          writeDc(writer, dcCodes[component], dc[component]!);
          copied = reader.position;
        }
        reader.skipAc(acLookups[component]);
      }
    }
    writer.copy(reader.bytes, copied, reader.position);
    heads[head + Head.bits] = writer.bits;
    heads.set(dc, head + Head.lastY);
    writer.align();
    offsets[row + 1] = writer.length;
  }
  if (reader.length - reader.position >= 8) {
    throw unusable('damaged', 'holds more data than its size needs');
  }
  return { size, rows, data: writer.toBytes(), offsets, heads };
}

/** The DC of 8-bit samples is within -1024 … 1016 before quantisation; rounding adds half a step. */
function requireDcRange(dc: number, step: number): void {
  const value = dc * step;
  if (value < -1024 - step / 2 || value > 1023 + step / 2) {
    throw unusable('dc-range', 'has a mean colour outside the range of 8-bit samples');
  }
}
