import { BitWriter, unstuff } from './bits';
import { codecOf, dcLength, writeDc } from './codec';
import type { DcSteps, TileProfile } from './profile';
import type { TileSegments } from './segments';
import { Head, HEAD_LENGTH } from './segments';

/**
 * One segment with another mean colour. Only the first DC difference of each component is coded anew:
 * later ones are relative to it. This is the readable version; assembly uses `SegmentMover`, which
 * tests compare with it.
 * @param steps Whole DC steps, see `shiftToSteps`.
 * @returns The entropy-coded bytes of the segment, stuffed and filled up with 1 bits.
 */
export function shiftSegment(
  tile: TileSegments,
  row: number,
  steps: DcSteps,
  profile: TileProfile,
): Uint8Array {
  const { dcCodes } = codecOf(profile);
  const head = tile.heads.subarray(row * HEAD_LENGTH, (row + 1) * HEAD_LENGTH);
  const plain = unstuff(tile.data.subarray(tile.offsets[row], tile.offsets[row + 1]));
  const writer = new BitWriter(plain.length + 16);
  const firsts = [
    { at: 0, dc: head[Head.y]!, step: steps.y },
    { at: head[Head.cbPosition]!, dc: head[Head.cb]!, step: steps.cb },
    { at: head[Head.crPosition]!, dc: head[Head.cr]!, step: steps.cr },
  ];
  let copied = 0;
  firsts.forEach(({ at, dc, step }, component) => {
    const codes = dcCodes[component]!;
    writer.copy(plain, copied, at);
    writeDc(writer, codes, dc + step);
    copied = at + dcLength(codes, dc);
  });
  writer.copy(plain, copied, head[Head.bits]!);
  writer.align();
  return writer.toBytes();
}
