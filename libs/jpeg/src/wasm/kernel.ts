import type { Code, WasmFunction } from './assembler';
import {
  assembleModule,
  control,
  defineFunction,
  i16x8,
  i32,
  i64,
  i64x2,
  i8x16,
  v128,
} from './assembler';

/**
 * The inner loops of the colour shift, 16 bytes at a time. All of them read and write up to 16 bytes
 * beyond what they are asked for, so each area of the memory needs that much room behind it.
 *
 * A segment is shifted in three passes over buffers that stay in the first-level cache: `unstuff`
 * takes out the zero bytes behind each 0xFF, `move` lays the bits behind the new DC codes, `stuff`
 * puts the zero bytes in again. Stuffing is rare (about one byte in a hundred), so both find the next
 * 0xFF in a block of 16 bytes by one comparison, and mostly there is none.
 */
const BLOCK = 16;

/** Index of the first 0xFF byte in a block, 16 when there is none. */
function firstStuffed(block: Code): Code {
  const all = v128.const(Array.from({ length: BLOCK }, () => 0xff));
  return i32.ctz(i32.or(i8x16.bitmask(i8x16.eq(block, all)), i32.const(1 << BLOCK)));
}

/** unstuff(source, end, target): copies stuffed bytes without the byte behind each 0xFF; returns 0. */
const unstuff = defineFunction(
  'unstuff',
  ['source', 'end', 'target'],
  { block: 'v128', plain: 'i32' },
  ({ source, end, target, block, plain }) => [
    ...control.doWhile(
      [
        ...block.set(v128.load(source.get)),
        ...v128.store(target.get, block.get),
        ...plain.set(firstStuffed(block.get)),
        ...control.if(
          i32.ltU(plain.get, i32.const(BLOCK)),
          [
            ...source.set(i32.add(i32.add(source.get, plain.get), i32.const(2))),
            ...target.set(i32.add(i32.add(target.get, plain.get), i32.const(1))),
          ],
          [
            ...source.set(i32.add(source.get, i32.const(BLOCK))),
            ...target.set(i32.add(target.get, i32.const(BLOCK))),
          ],
        ),
      ],
      i32.ltU(source.get, end.get),
    ),
    ...i32.const(0),
  ],
);

/** stuff(source, end, target): copies plain bytes with a 0 behind each 0xFF; returns target's end. */
const stuff = defineFunction(
  'stuff',
  ['source', 'end', 'target'],
  { block: 'v128', plain: 'i32' },
  ({ source, end, target, block, plain }) => [
    ...control.forever([
      ...block.set(v128.load(source.get)),
      ...v128.store(target.get, block.get),
      ...plain.set(firstStuffed(block.get)),
      ...control.if(
        i32.geU(plain.get, i32.sub(end.get, source.get)),
        control.return(i32.add(target.get, i32.sub(end.get, source.get))),
      ),
      ...source.set(i32.add(source.get, plain.get)),
      ...target.set(i32.add(target.get, plain.get)),
      ...control.if(i32.ltU(plain.get, i32.const(BLOCK)), [
        ...source.set(i32.add(source.get, i32.const(1))),
        ...target.set(i32.add(target.get, i32.const(2))),
        ...i32.store8(i32.sub(target.get, i32.const(1)), i32.const(0)),
      ]),
    ]),
    ...control.unreachable,
  ],
);

/** The bits before bit `at` that its byte holds already. */
function bitsBefore(at: Code): Code {
  const mask = i32.shrU(i32.const(0xff00), i32.and(at, i32.const(7)));
  return i32.and(i32.load8U(i32.shrU(at, i32.const(3))), mask);
}

/** put(bits, count, at): writes `count` bits (at most 57) at bit `at`; returns the bit behind them. */
const put = defineFunction(
  'put',
  ['bits', 'count', 'at'],
  { before: 'i32' },
  ({ bits, count, at, before }) => {
    const first = i32.shrU(at.get, i32.const(3));
    const used = i32.add(i32.and(at.get, i32.const(7)), count.get);
    const aligned = i64.shl(i64.extendI32U(bits.get), i64.extendI32U(i32.sub(i32.const(64), used)));
    const bigEndian = v128.const(Array.from({ length: BLOCK }, (_, n) => 7 - (n % 8)));
    return [
      ...before.set(bitsBefore(at.get)),
      ...v128.store(first, i8x16.swizzle(i64x2.splat(aligned), bigEndian)),
      ...i32.store8(first, i32.or(before.get, i32.load8U(first))),
      ...i32.add(at.get, count.get),
    ];
  },
);

/**
 * move(from, to, at): copies the bits `from` … `to - 1` to bit `at`; returns the bit behind them.
 * Bytes of the target are cut out of two source blocks that lie one byte apart, by shifts of 16-bit
 * lanes: WebAssembly has shifts of bytes, but processors have not. Masks drop the bits that cross
 * from one byte of a lane to the other.
 */
const move = defineFunction(
  'move',
  ['from', 'to', 'at'],
  {
    ...{ before: 'i32', source: 'i32', target: 'i32', end: 'i32', left: 'i32', right: 'i32' },
    ...{ leftMask: 'v128', rightMask: 'v128' },
  } as const,
  ({ from, to, at, before, source, target, end, left, right, leftMask, rightMask }) => {
    const first = i32.shrU(at.get, i32.const(3));
    const lead = i32.and(at.get, i32.const(7));
    // The source as if it began where the target's first byte begins.
    const aligned = i32.sub(from.get, lead);
    const after = i32.add(at.get, i32.sub(to.get, from.get));
    return [
      ...before.set(bitsBefore(at.get)),
      ...source.set(i32.shrU(aligned, i32.const(3))),
      ...left.set(i32.and(aligned, i32.const(7))),
      ...right.set(i32.sub(i32.const(8), left.get)),
      ...leftMask.set(i8x16.splat(i32.shl(i32.const(0xff), left.get))),
      ...rightMask.set(i8x16.splat(i32.shrU(i32.const(0xff), right.get))),
      ...target.set(first),
      ...end.set(i32.shrU(i32.add(after, i32.const(7)), i32.const(3))),
      ...control.doWhile(
        [
          ...v128.store(
            target.get,
            v128.or(
              v128.and(i16x8.shl(v128.load(source.get), left.get), leftMask.get),
              v128.and(i16x8.shrU(v128.load(source.get, 1), right.get), rightMask.get),
            ),
          ),
          ...source.set(i32.add(source.get, i32.const(BLOCK))),
          ...target.set(i32.add(target.get, i32.const(BLOCK))),
        ],
        i32.ltU(target.get, end.get),
      ),
      ...i32.store8(
        first,
        i32.or(before.get, i32.and(i32.load8U(first), i32.shrU(i32.const(0xff), lead))),
      ),
      ...after,
    ];
  },
);

/** Where the passes of a shift leave their results; 64 KB segments fit even when all is stuffing. */
const PLAIN = 1024;
const MOVED = PLAIN + 96 * 1024;

/** The first byte of the memory that the kernel leaves to its caller. */
export const KERNEL_MEMORY = MOVED + 96 * 1024;

/** In the order of their indices, by which they are called. */
const HELPERS: readonly WasmFunction[] = [unstuff, stuff, put, move];

/**
 * shift(source, end, target, …): writes a segment with other first DC codes; returns target's end.
 * Old codes are given by position and length, new ones by bits and length (`…Count`).
 */
const shift = defineFunction(
  'shift',
  [
    ...(['source', 'end', 'target', 'bits', 'yOld', 'yBits', 'yCount'] as const),
    ...(['cbAt', 'cbOld', 'cbBits', 'cbCount', 'crAt', 'crOld', 'crBits', 'crCount'] as const),
  ],
  { at: 'i32' },
  (v) => {
    const plainBit = (...positions: readonly Code[]) =>
      positions.reduce((sum, position) => i32.add(sum, position), i32.const(PLAIN * 8));
    const call = (callee: WasmFunction, ...operands: readonly Code[]) =>
      control.call(HELPERS.indexOf(callee), ...operands);
    return [
      ...control.drop(call(unstuff, v.source.get, v.end.get, i32.const(PLAIN))),
      ...v.at.set(call(put, v.yBits.get, v.yCount.get, i32.const(MOVED * 8))),
      ...v.at.set(call(move, plainBit(v.yOld.get), plainBit(v.cbAt.get), v.at.get)),
      ...v.at.set(call(put, v.cbBits.get, v.cbCount.get, v.at.get)),
      ...v.at.set(call(move, plainBit(v.cbAt.get, v.cbOld.get), plainBit(v.crAt.get), v.at.get)),
      ...v.at.set(call(put, v.crBits.get, v.crCount.get, v.at.get)),
      ...v.at.set(call(move, plainBit(v.crAt.get, v.crOld.get), plainBit(v.bits.get), v.at.get)),
      // Seven 1 bits fill the last byte up, whatever is missing in it (T.81, F.1.2.3).
      ...call(
        stuff,
        i32.const(MOVED),
        i32.shrU(call(put, i32.const(0x7f), i32.const(7), v.at.get), i32.const(3)),
        v.target.get,
      ),
    ];
  },
);

/** What the kernel exports. Addresses are in bytes of the imported memory, positions in bits. */
export interface Kernel {
  readonly shift: (...operands: number[]) => number;
}

/** The kernel as a WebAssembly module of about 1 KB that imports `env.memory`. */
export function kernelModule(): Uint8Array<ArrayBuffer> {
  return assembleModule([...HELPERS, shift]);
}
