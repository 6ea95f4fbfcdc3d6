import {
  assembleModule,
  control,
  defineFunction,
  defineProcedure,
  i16x8,
  i32,
  i64,
  i64x2,
  i8x16,
  v128,
  type Code,
  type Variable,
  type WasmFunction,
} from '@mosaicme/wasm';

/**
 * The inner loops of moving segments to other bit positions, 16 bytes at a time. All of them read and write up to 16 bytes
 * beyond what they are asked for, so each area of the memory needs that much room behind it.
 *
 * `unstuff` takes out the zero bytes behind each 0xFF. `put` and `move` make the segment's head, in
 * which the DC codes change. `stuff` cuts the long rest at its new bit position and puts the zero bytes
 * in again. Stuffing is rare (a byte in three hundred), so both find the next 0xFF in a block of 16
 * bytes by one comparison, and mostly there is none.
 */
const BLOCK = 16;

/** Index of the first 0xFF byte in a block, 16 when there is none. */
function firstStuffed(block: Code): Code {
  const all = v128.const(Array.from({ length: BLOCK }, () => 0xff));
  return i32.ctz(i32.or(i8x16.bitmask(i8x16.eq(block, all)), i32.const(1 << BLOCK)));
}

/** unstuff(source, end, target): copies stuffed bytes without the byte behind each 0xFF. */
const unstuff = defineProcedure(
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

/** Variables for cutting bytes out of a source at any bit. */
const CUTTER = {
  source: 'i32',
  left: 'i32',
  right: 'i32',
  leftMask: 'v128',
  rightMask: 'v128',
} as const;

type Cutter = Readonly<Record<keyof typeof CUTTER, Variable>>;

/** Makes `cut` begin at bit `from`. */
function startCut({ source, left, right, leftMask, rightMask }: Cutter, from: Code): Code {
  return [
    ...source.set(i32.shrU(from, i32.const(3))),
    ...left.set(i32.and(from, i32.const(7))),
    ...right.set(i32.sub(i32.const(8), left.get)),
    ...leftMask.set(i8x16.splat(i32.shl(i32.const(0xff), left.get))),
    ...rightMask.set(i8x16.splat(i32.shrU(i32.const(0xff), right.get))),
  ];
}

/**
 * The 16 bytes that begin `left` bits behind the start of `source`, cut out of two blocks that lie one
 * byte apart. WebAssembly can shift bytes, but processors cannot: this shifts lanes of 16 bits and
 * masks the bits that cross from one byte of a lane to the other.
 */
function cut({ source, left, right, leftMask, rightMask }: Cutter): Code {
  return v128.or(
    v128.and(i16x8.shl(v128.load(source.get), left.get), leftMask.get),
    v128.and(i16x8.shrU(v128.load(source.get, 1), right.get), rightMask.get),
  );
}

/** move(from, to, at): copies the bits `from` … `to - 1` to bit `at`; returns the bit behind them. */
const move = defineFunction(
  'move',
  ['from', 'to', 'at'],
  { ...CUTTER, before: 'i32', target: 'i32', end: 'i32' },
  ({ from, to, at, before, target, end, ...cutter }) => {
    const first = i32.shrU(at.get, i32.const(3));
    const lead = i32.and(at.get, i32.const(7));
    const after = i32.add(at.get, i32.sub(to.get, from.get));
    return [
      ...before.set(bitsBefore(at.get)),
      // The source as if it began where the target's first byte begins.
      ...startCut(cutter, i32.sub(from.get, lead)),
      ...target.set(first),
      ...end.set(i32.shrU(i32.add(after, i32.const(7)), i32.const(3))),
      ...control.doWhile(
        [
          ...v128.store(target.get, cut(cutter)),
          ...cutter.source.set(i32.add(cutter.source.get, i32.const(BLOCK))),
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

/**
 * stuff(from, to, target): copies the bits `from` … `to - 1`, a whole number of bytes, to the byte
 * `target` with a 0 behind each 0xFF; returns target's end.
 */
const stuff = defineFunction(
  'stuff',
  ['from', 'to', 'target'],
  { ...CUTTER, block: 'v128', plain: 'i32', end: 'i32' },
  ({ from, to, target, block, plain, end, ...cutter }) => {
    const { source } = cutter;
    const bytes = i32.shrU(i32.sub(to.get, from.get), i32.const(3));
    const left = i32.sub(end.get, source.get);
    return [
      ...startCut(cutter, from.get),
      ...end.set(i32.add(source.get, bytes)),
      ...control.forever([
        ...block.set(cut(cutter)),
        ...v128.store(target.get, block.get),
        ...plain.set(firstStuffed(block.get)),
        ...control.if(i32.geU(plain.get, left), control.return(i32.add(target.get, left))),
        ...source.set(i32.add(source.get, plain.get)),
        ...target.set(i32.add(target.get, plain.get)),
        ...control.if(i32.ltU(plain.get, i32.const(BLOCK)), [
          ...source.set(i32.add(source.get, i32.const(1))),
          ...target.set(i32.add(target.get, i32.const(2))),
          ...i32.store8(i32.sub(target.get, i32.const(1)), i32.const(0)),
        ]),
      ]),
      ...control.unreachable,
    ];
  },
);

/** Where `append` keeps the unstuffed segment and its new head; segments are shorter than 64 KB. */
const PLAIN = 1024;
const HEAD = PLAIN + 96 * 1024;

/** The byte in which the bits wait that did not fill one. */
export const PENDING = HEAD;

/** The first byte of the memory that the kernel leaves to its caller. */
export const KERNEL_MEMORY = HEAD + 96 * 1024;

/** In the order of their indices, by which they are called. */
const HELPERS: readonly WasmFunction[] = [unstuff, put, move, stuff];

/**
 * append(source, end, target, pending, …): writes a segment with other first DC codes behind the
 * `pending` highest bits of the byte `PENDING`; returns target's end. What does not fill a byte is left
 * in `PENDING`. Old codes are given by position and length, new ones by bits and length (`…Count`).
 */
const append = defineFunction(
  'append',
  [
    ...(['source', 'end', 'target', 'pending', 'bits', 'yOld', 'yBits', 'yCount'] as const),
    ...(['cbAt', 'cbOld', 'cbBits', 'cbCount', 'crAt', 'crOld', 'crBits', 'crCount'] as const),
  ],
  { at: 'i32', tail: 'i32', whole: 'i32' },
  (v) => {
    const plainBit = (...positions: readonly Code[]) =>
      positions.reduce((sum, position) => i32.add(sum, position), i32.const(PLAIN * 8));
    const call = (callee: WasmFunction, ...operands: readonly Code[]) =>
      control.call(HELPERS.indexOf(callee), ...operands);
    const code = (value: Code, count: Code) => v.at.set(call(put, value, count, v.at.get));
    const bits = (from: Code, to: Code) => v.at.set(call(move, from, to, v.at.get));
    const wholeBytes = (position: Code) => i32.and(position, i32.const(-8));
    const room = i32.and(i32.sub(i32.const(0), v.at.get), i32.const(7));
    const left = i32.sub(plainBit(v.bits.get), v.tail.get);
    return [
      ...call(unstuff, v.source.get, v.end.get, i32.const(PLAIN)),
      ...v.at.set(i32.add(i32.const(HEAD * 8), v.pending.get)),
      ...code(v.yBits.get, v.yCount.get),
      ...bits(plainBit(v.yOld.get), plainBit(v.cbAt.get)),
      ...code(v.cbBits.get, v.cbCount.get),
      ...bits(plainBit(v.cbAt.get, v.cbOld.get), plainBit(v.crAt.get)),
      ...code(v.crBits.get, v.crCount.get),
      ...v.tail.set(plainBit(v.crAt.get, v.crOld.get)),
      // The head takes as many bits of the tail as its last byte has room for, or all there are.
      ...v.whole.set(room),
      ...control.if(i32.ltU(left, v.whole.get), v.whole.set(left)),
      ...v.whole.set(i32.add(v.tail.get, v.whole.get)),
      ...bits(v.tail.get, v.whole.get),
      ...v.tail.set(v.whole.get),
      ...v.target.set(call(stuff, i32.const(HEAD * 8), wholeBytes(v.at.get), v.target.get)),
      ...control.if(
        i32.ltU(v.tail.get, plainBit(v.bits.get)),
        [
          // Now the target is at a whole byte, and the tail goes there without a detour.
          ...v.whole.set(i32.add(v.tail.get, wholeBytes(left))),
          ...v.target.set(call(stuff, v.tail.get, v.whole.get, v.target.get)),
          ...control.drop(call(move, v.whole.get, plainBit(v.bits.get), i32.const(HEAD * 8))),
        ],
        i32.store8(i32.const(HEAD), i32.load8U(i32.shrU(v.at.get, i32.const(3)))),
      ),
      ...v.target.get,
    ];
  },
);

/** What the kernel exports. Addresses are in bytes of the imported memory, positions in bits. */
export interface Kernel {
  readonly append: (...operands: number[]) => number;
}

/** The kernel as a WebAssembly module of about 1 KB that imports `env.memory`. */
export function kernelModule(): Uint8Array<ArrayBuffer> {
  return assembleModule([...HELPERS, append]);
}
