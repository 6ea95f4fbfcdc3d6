/**
 * An assembler for the small part of WebAssembly that the kernels of this system need. Code is a list
 * of bytes; an instruction takes the code of its operands and appends its own opcode, so a kernel reads
 * like nested expressions. Opcodes and binary format: WebAssembly core specification 2.0, chapters 5.4
 * and 5.5. Memory operands state no alignment: it is a hint, and wrong hints are what costs time.
 */
export type Code = readonly number[];

/** A parameter or local variable of a function. */
export interface Variable {
  readonly get: Code;
  readonly set: (value: Code) => Code;
}

export type ValueType = 'i32' | 'i64' | 'v128';

/** A function: its name is exported, all its parameters and its result, if any, are i32. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: number;
  readonly locals: readonly ValueType[];
  readonly hasResult: boolean;
  readonly body: Code;
}

/** Declares one more local variable, for code that needs as many as its operands say. */
export type Declare = (type: ValueType) => Variable;

/** Gets parameters and locals by name. */
export type Body<Name extends string> = (
  variables: Readonly<Record<Name, Variable>>,
  declare: Declare,
) => Code;

/**
 * Defines a function that returns one i32.
 * @param locals Variables by name and type, besides the parameters.
 * @param body Must leave one i32 on the stack.
 */
export function defineFunction<P extends string, L extends string>(
  name: string,
  parameters: readonly P[],
  locals: Readonly<Record<L, ValueType>>,
  body: Body<P | L>,
): WasmFunction {
  return define(name, parameters, locals, body, true);
}

/** Defines a function that returns nothing; as `defineFunction` otherwise. */
export function defineProcedure<P extends string, L extends string>(
  name: string,
  parameters: readonly P[],
  locals: Readonly<Record<L, ValueType>>,
  body: Body<P | L>,
): WasmFunction {
  return define(name, parameters, locals, body, false);
}

function define<P extends string, L extends string>(
  name: string,
  parameters: readonly P[],
  locals: Readonly<Record<L, ValueType>>,
  body: Body<P | L>,
  hasResult: boolean,
): WasmFunction {
  const types = Object.values<ValueType>(locals);
  const names = [...parameters, ...Object.keys(locals)];
  const variables = Object.fromEntries(names.map((each, index) => [each, variable(index)]));
  const code = body(variables as Record<P | L, Variable>, (type) =>
    variable(parameters.length + types.push(type) - 1),
  );
  return { name, parameters: parameters.length, locals: types, hasResult, body: code };
}

const valueTypes: Record<ValueType, number> = { i32: 0x7f, i64: 0x7e, v128: 0x7b };

/**
 * A module that imports a memory as `env.memory` and exports its functions by their names. Functions
 * call each other by their index in the list.
 */
export function assembleModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters, hasResult }) => [
    0x60,
    ...list(Array.from({ length: parameters }, () => [valueTypes.i32])),
    ...list(hasResult ? [[valueTypes.i32]] : []),
  ]);
  const memory = [...text('env'), ...text('memory'), 0x02, 0x00, ...unsigned(0)];
  const bodies = functions.map(({ locals, body }) => {
    const code = [...list(locals.map((type) => [1, valueTypes[type]])), ...body, 0x0b];
    return [...unsigned(code.length), ...code];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, list(types)),
    ...section(2, list([memory])),
    ...section(3, list(functions.map((_, index) => unsigned(index)))),
    ...section(7, list(functions.map(({ name }, n) => [...text(name), 0x00, ...unsigned(n)]))),
    ...section(10, list(bodies)),
  ]);
}

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  load: load(0x28),
  load8U: load(0x2d),
  store: store(0x36),
  store8: store(0x3a),
  eqz: unary(0x45),
  eq: binary(0x46),
  ltS: binary(0x48),
  ltU: binary(0x49),
  gtS: binary(0x4a),
  leS: binary(0x4c),
  geU: binary(0x4f),
  ctz: unary(0x68),
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  and: binary(0x71),
  or: binary(0x72),
  shl: binary(0x74),
  shrU: binary(0x76),
};

export const i64 = {
  const: (value: number): Code => [0x42, ...signed(value)],
  load: load(0x29),
  store: store(0x37),
  /** 1 or 0, as i32. */
  gtU: binary(0x56),
  or: binary(0x84),
  shl: binary(0x86),
  extendI32U: unary(0xad),
};

export const v128 = {
  load: load(...simd(0)),
  load32Splat: load(...simd(9)),
  store: store(...simd(11)),
  const: (bytes: readonly number[]): Code => [...simd(12), ...bytes],
  zero: [...simd(12), ...Array.from({ length: 16 }, () => 0)] as Code,
  and: binary(...simd(78)),
  or: binary(...simd(80)),
  anyTrue: unary(...simd(83)),
};

export const i8x16 = {
  swizzle: binary(...simd(14)),
  splat: unary(...simd(15)),
  eq: binary(...simd(35)),
  bitmask: unary(...simd(100)),
};

export const i16x8 = {
  shl: binary(...simd(139)),
  shrU: binary(...simd(141)),
  add: binary(...simd(142)),
  sub: binary(...simd(145)),
  minS: binary(...simd(150)),
  maxS: binary(...simd(152)),
};

export const i32x4 = {
  splat: unary(...simd(17)),
  extractLane: (vector: Code, lane: number): Code => [...vector, ...simd(27), lane],
  leS: binary(...simd(61)),
  bitmask: unary(...simd(164)),
  add: binary(...simd(174)),
  /** Multiplies 8 pairs of 16-bit numbers and adds neighbouring products. */
  dot: binary(...simd(186)),
};

export const i64x2 = { splat: unary(...simd(18)) };

export const control = {
  if: (condition: Code, yes: Code, no: Code = []): Code => [
    ...[...condition, 0x04, 0x40, ...yes],
    ...(no.length > 0 ? [0x05, ...no] : []),
    0x0b,
  ],
  /** Repeats the body while the condition, computed before it, is not 0. */
  while: (condition: Code, body: Code): Code => [
    ...[0x02, 0x40, 0x03, 0x40],
    ...[...condition, 0x45, 0x0d, 1],
    ...[...body, 0x0c, 0],
    ...[0x0b, 0x0b],
  ],
  /** Repeats the body while the condition, computed after it, is not 0. */
  doWhile: (body: Code, condition: Code): Code => [
    ...[0x03, 0x40, ...body, ...condition],
    ...[0x0d, 0, 0x0b],
  ],
  /** Repeats the body until it returns from the function. */
  forever: (body: Code): Code => [0x03, 0x40, ...body, 0x0c, 0, 0x0b],
  return: (value: Code = []): Code => [...value, 0x0f],
  /** Ends a function whose every path has returned. */
  unreachable: [0x00] as Code,
  call: (index: number, ...operands: readonly Code[]): Code => [
    ...operands.flat(),
    ...[0x10, ...unsigned(index)],
  ],
  drop: (value: Code): Code => [...value, 0x1a],
};

function variable(index: number): Variable {
  return {
    get: [0x20, ...unsigned(index)],
    set: (value) => [...value, 0x21, ...unsigned(index)],
  };
}

function unary(...opcode: readonly number[]) {
  return (value: Code): Code => [...value, ...opcode];
}

function binary(...opcode: readonly number[]) {
  return (a: Code, b: Code): Code => [...a, ...b, ...opcode];
}

function load(...opcode: readonly number[]) {
  return (address: Code, offset = 0): Code => [...address, ...opcode, 0, ...unsigned(offset)];
}

function store(...opcode: readonly number[]) {
  return (address: Code, value: Code, offset = 0): Code => [
    ...[...address, ...value],
    ...[...opcode, 0, ...unsigned(offset)],
  ];
}

function simd(opcode: number): Code {
  return [0xfd, ...unsigned(opcode)];
}

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content];
}

function list(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

/** ASCII only. */
function text(value: string): Code {
  return list([...value].map((character) => [character.charCodeAt(0)]));
}

/** Unsigned LEB128 of a 32-bit number. */
function unsigned(value: number): Code {
  const low = value & 0x7f;
  const rest = value >>> 7;
  return rest === 0 ? [low] : [low | 0x80, ...unsigned(rest)];
}

/** Signed LEB128 of a 32-bit number. */
function signed(value: number): Code {
  const low = value & 0x7f;
  const rest = value >> 7;
  const isLast = (rest === 0 && low < 0x40) || (rest === -1 && low >= 0x40);
  return isLast ? [low] : [low | 0x80, ...signed(rest)];
}
