/**
 * A WebAssembly assembler, just large enough for search-kernel.ts. Code is a list of bytes; each
 * instruction is a function from its operands' code to its own, so that programs read like expressions.
 * Opcodes and binary format: WebAssembly core specification 2.0, chapters 5.4 and 5.5.
 */
export type Code = readonly number[];

/** Unsigned LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  do {
    const rest = Math.floor(value / 128);
    bytes.push((value % 128) + (rest > 0 ? 128 : 0));
    value = rest;
  } while (value > 0);
  return bytes;
}

/** Signed LEB128 of a 32-bit number. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  for (;;) {
    const byte = value & 0x7f;
    value >>= 7;
    const isLast = (value === 0 && !(byte & 0x40)) || (value === -1 && (byte & 0x40) !== 0);
    bytes.push(isLast ? byte : byte | 0x80);
    if (isLast) return bytes;
  }
}

const unary = (opcode: Code) => (operand: Code) => [...operand, ...opcode];
const binary = (opcode: Code) => (left: Code, right: Code) => [...left, ...right, ...opcode];
const simd = (opcode: number): Code => [0xfd, ...unsigned(opcode)];
/** Memory operand: alignment hint (a power of two) and constant offset. */
const memory = (alignment: number, offset: number): Code => [alignment, ...unsigned(offset)];

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  load: (address: Code, offset = 0): Code => [...address, 0x28, ...memory(2, offset)],
  loadByte: (address: Code, offset = 0): Code => [...address, 0x2d, ...memory(0, offset)],
  store: (address: Code, value: Code, offset = 0): Code => [
    ...address,
    ...value,
    0x36,
    ...memory(2, offset),
  ],
  add: binary([0x6a]),
  sub: binary([0x6b]),
  mul: binary([0x6c]),
  and: binary([0x71]),
  or: binary([0x72]),
  shl: binary([0x74]),
  eq: binary([0x46]),
  eqz: unary([0x45]),
  ltS: binary([0x48]),
  ltU: binary([0x49]),
  gtS: binary([0x4a]),
  leS: binary([0x4c]),
};

export const i64 = {
  load: (address: Code, offset = 0): Code => [...address, 0x29, ...memory(3, offset)],
  store: (address: Code, value: Code, offset = 0): Code => [
    ...address,
    ...value,
    0x37,
    ...memory(3, offset),
  ],
  fromI32: unary([0xad]),
  shl32: (value: Code): Code => [...value, 0x42, 0x20, 0x86],
  or: binary([0x84]),
  /** 1 or 0, as i32. */
  gtU: binary([0x56]),
};

export const v128 = {
  load: (address: Code, offset = 0): Code => [...address, ...simd(0), ...memory(4, offset)],
  load32Splat: (address: Code, offset = 0): Code => [...address, ...simd(9), ...memory(2, offset)],
  store: (address: Code, value: Code, offset = 0): Code => [
    ...address,
    ...value,
    ...simd(11),
    ...memory(4, offset),
  ],
  zero: [...simd(12), ...Array.from({ length: 16 }, () => 0)] as Code,
  anyTrue: unary(simd(83)),
};

export const i16x8 = {
  add: binary(simd(142)),
  sub: binary(simd(145)),
  minS: binary(simd(150)),
  maxS: binary(simd(152)),
};

export const i32x4 = {
  splat: unary(simd(17)),
  extractLane: (vector: Code, lane: number): Code => [...vector, ...simd(27), lane],
  add: binary(simd(174)),
  leS: binary(simd(61)),
  bitmask: unary(simd(164)),
  /** Multiplies 8 pairs of 16-bit numbers and adds neighbouring products. */
  dot: binary(simd(186)),
};

/** A local variable of a function. */
export interface Local {
  readonly get: Code;
  readonly set: (value: Code) => Code;
}

export const when = (condition: Code, then: Code): Code => [
  ...condition,
  0x04,
  0x40,
  ...then,
  0x0b,
];

/** Repeats `body` while `condition` holds, tested before each round. */
export const whileDo = (condition: Code, body: Code): Code => [
  ...[0x02, 0x40, 0x03, 0x40],
  ...condition,
  ...[0x45, 0x0d, 0x01],
  ...body,
  ...[0x0c, 0x00, 0x0b, 0x0b],
];

export const call = (functionIndex: number, ...operands: readonly Code[]): Code => [
  ...operands.flat(),
  0x10,
  ...unsigned(functionIndex),
];

export const returnNow: Code = [0x0f];

export type ValueType = 'i32' | 'i64' | 'v128';

export interface FunctionSource {
  /** Exported under this name. */
  readonly name: string;
  /** How many i32 parameters; the functions here return nothing. */
  readonly parameters: number;
  readonly body: (parameters: readonly Local[], declare: (type: ValueType) => Local) => Code;
}

/** Assembles a module that imports one memory, `env.memory`, and exports the functions. */
export function assembleModule(functions: readonly FunctionSource[]): Uint8Array<ArrayBuffer> {
  const valueTypes = { i32: 0x7f, i64: 0x7e, v128: 0x7b } as const;
  const text = (value: string) => [
    ...unsigned(value.length),
    ...Array.from(value, (character) => character.charCodeAt(0)),
  ];
  const vector = (items: readonly Code[]) => [...unsigned(items.length), ...items.flat()];
  const section = (id: number, content: Code) => [id, ...unsigned(content.length), ...content];
  const bodies = functions.map(({ parameters, body }) => {
    const types: number[] = [];
    const local = (index: number): Local => ({
      get: [0x20, ...unsigned(index)],
      set: (value) => [...value, 0x21, ...unsigned(index)],
    });
    const declare = (type: ValueType) => local(parameters + types.push(valueTypes[type]) - 1);
    const own = Array.from({ length: parameters }, (_, index) => local(index));
    const code = body(own, declare);
    const content = [...vector(types.map((type) => [1, type])), ...code, 0x0b];
    return [...unsigned(content.length), ...content];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(
      1,
      vector(
        functions.map(({ parameters }) => [
          0x60,
          ...vector(Array.from({ length: parameters }, () => [valueTypes.i32])),
          0,
        ]),
      ),
    ),
    ...section(2, vector([[...text('env'), ...text('memory'), 0x02, 0x00, 0x00]])),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(
      7,
      vector(functions.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)])),
    ),
    ...section(10, vector(bodies)),
  ]);
}
