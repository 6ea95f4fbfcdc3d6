import { BitWriter, unstuff } from './bits';
import { codecOf, dcLength, DC_LIMIT, writeDc } from './codec';
import type { DcSteps, TileProfile } from './profile';
import type { TileSegments } from './segments';
import { beyondDcRange, Head, HEAD_LENGTH } from './segments';

/** A segment that is to stand in a scan. */
export interface MovedSegment {
  readonly tile: TileSegments;
  /** Which segment of the tile. */
  readonly row: number;
  /** Whole DC steps, see `shiftToSteps`. */
  readonly steps: DcSteps;
}

/**
 * One segment with another mean colour. Only the first DC difference of each component is coded anew:
 * later ones are relative to it.
 * @returns The entropy-coded bytes of the segment, stuffed and filled up with 1 bits.
 */
export function shiftSegment(
  tile: TileSegments,
  row: number,
  steps: DcSteps,
  profile: TileProfile,
): Uint8Array {
  return joinSegments([{ tile, row, steps }], profile);
}

/**
 * Several segments as one: each first DC difference becomes that from the last DC before it. This is the
 * readable version; assembly uses `SegmentMover`, which tests compare with it.
 * @returns The entropy-coded bytes, stuffed and filled up with 1 bits.
 * @throws PermanentError `jpeg.dc-range`, only possible with a quantisation step of 1.
 */
export function joinSegments(segments: readonly MovedSegment[], profile: TileProfile): Uint8Array {
  const { dcCodes } = codecOf(profile);
  const writer = new BitWriter();
  let previous = [0, 0, 0];
  for (const { tile, row, steps } of segments) {
    const head = tile.heads.subarray(row * HEAD_LENGTH, (row + 1) * HEAD_LENGTH);
    const plain = unstuff(tile.data.subarray(tile.offsets[row], tile.offsets[row + 1]));
    const firsts = [
      { at: 0, dc: head[Head.y]!, step: steps.y },
      { at: head[Head.cbPosition]!, dc: head[Head.cb]!, step: steps.cb },
      { at: head[Head.crPosition]!, dc: head[Head.cr]!, step: steps.cr },
    ];
    let copied = 0;
    firsts.forEach(({ at, dc, step }, component) => {
      const codes = dcCodes[component]!;
      const difference = dc + step - previous[component]!;
      if (Math.abs(difference) > DC_LIMIT) throw beyondDcRange();
      writer.copy(plain, copied, at);
      writeDc(writer, codes, difference);
      copied = at + dcLength(codes, dc);
    });
    writer.copy(plain, copied, head[Head.bits]!);
    previous = [
      head[Head.lastY]! + steps.y,
      head[Head.lastCb]! + steps.cb,
      head[Head.lastCr]! + steps.cr,
    ];
  }
  writer.align();
  return writer.toBytes();
}
