/**
 * An assembler for the small part of WebAssembly that `kernel.ts` needs (WebAssembly core
 * specification 2.0, chapter 5, 'Binary format'). Code is a list of bytes; an instruction takes the
 * code of its operands and appends its own opcode, so a kernel reads like nested expressions.
 */
export type Code = readonly number[];

/** A parameter or local variable of a function. */
export interface Variable {
  readonly get: Code;
  readonly set: (value: Code) => Code;
}

/** A function: its name is exported, all its parameters and its result are i32. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly locals: readonly ValueType[];
  readonly body: Code;
}

type ValueType = 'i32' | 'v128';

const VALUE_TYPES: Record<ValueType, number> = { i32: 0x7f, v128: 0x7b };

/**
 * Defines a function.
 * @param locals Variables by name and type, besides the parameters.
 * @param body Gets all variables by name; must leave one i32 on the stack.
 */
export function defineFunction<P extends string, L extends string>(
  name: string,
  parameters: readonly P[],
  locals: Readonly<Record<L, ValueType>>,
  body: (variables: Readonly<Record<P | L, Variable>>) => Code,
): WasmFunction {
  const names = [...parameters, ...Object.keys(locals)];
  const variables = Object.fromEntries(names.map((each, index) => [each, variable(index)]));
  return {
    name,
    parameters,
    locals: Object.values(locals),
    body: body(variables as Record<P | L, Variable>),
  };
}

/** A module that imports a memory as `env.memory` and exports its functions by their names. */
export function assembleModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters }) => [
    0x60,
    ...list(parameters.map(() => [VALUE_TYPES.i32])),
    ...list([[VALUE_TYPES.i32]]),
  ]);
  const memory = [...text('env'), ...text('memory'), 0x02, 0x00, ...unsigned(1)];
  const bodies = functions.map(({ locals, body }) => {
    const code = [...list(locals.map((type) => [1, VALUE_TYPES[type]])), ...body, 0x0b];
    return [...unsigned(code.length), ...code];
  });
  return Uint8Array.of(
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, list(types)),
    ...section(2, list([memory])),
    ...section(3, list(functions.map((_, index) => unsigned(index)))),
    ...section(7, list(functions.map(({ name }, n) => [...text(name), 0x00, ...unsigned(n)]))),
    ...section(10, list(bodies)),
  );
}

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  add: binary(0x6a),
  sub: binary(0x6b),
  and: binary(0x71),
  or: binary(0x72),
  shl: binary(0x74),
  shrU: binary(0x76),
  ltU: binary(0x49),
  geU: binary(0x4f),
  ctz: (value: Code): Code => [...value, 0x68],
  load8U: (address: Code, offset = 0): Code => [...address, 0x2d, 0, ...unsigned(offset)],
  store8: (address: Code, value: Code): Code => [...address, ...value, 0x3a, 0, 0],
};

export const i64 = {
  shl: binary(0x86),
  extendI32U: (value: Code): Code => [...value, 0xad],
};

export const v128 = {
  load: (address: Code, offset = 0): Code => [...address, 0xfd, 0x00, 0, ...unsigned(offset)],
  store: (address: Code, value: Code): Code => [...address, ...value, 0xfd, 0x0b, 0, 0],
  const: (bytes: readonly number[]): Code => [0xfd, 0x0c, ...bytes],
  and: binary(0xfd, 0x4e),
  or: binary(0xfd, 0x50),
};

export const i8x16 = {
  splat: (value: Code): Code => [...value, 0xfd, 0x0f],
  swizzle: binary(0xfd, 0x0e),
  eq: binary(0xfd, 0x23),
  bitmask: (value: Code): Code => [...value, 0xfd, ...unsigned(0x64)],
};

export const i16x8 = {
  shl: binary(0xfd, ...unsigned(0x8b)),
  shrU: binary(0xfd, ...unsigned(0x8d)),
};

export const i64x2 = { splat: (value: Code): Code => [...value, 0xfd, 0x12] };

export const control = {
  /** Repeats the body while the condition, computed after it, is not 0. */
  doWhile: (body: Code, condition: Code): Code => [
    ...[0x03, 0x40, ...body, ...condition],
    ...[0x0d, 0, 0x0b],
  ],
  /** Repeats the body until it returns from the function. */
  forever: (body: Code): Code => [0x03, 0x40, ...body, 0x0c, 0, 0x0b],
  if: (condition: Code, yes: Code, no: Code = []): Code => [
    ...[...condition, 0x04, 0x40, ...yes],
    ...(no.length > 0 ? [0x05, ...no] : []),
    0x0b,
  ],
  return: (value: Code): Code => [...value, 0x0f],
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

function binary(...opcode: readonly number[]) {
  return (a: Code, b: Code): Code => [...a, ...b, ...opcode];
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

/** Unsigned LEB128. */
function unsigned(value: number): Code {
  const low = value & 0x7f;
  const rest = value >>> 7;
  return rest === 0 ? [low] : [low | 0x80, ...unsigned(rest)];
}

/** Signed LEB128 of an i32. */
function signed(value: number): Code {
  const low = value & 0x7f;
  const rest = value >> 7;
  const isLast = (rest === 0 && low < 0x40) || (rest === -1 && low >= 0x40);
  return isLast ? [low] : [low | 0x80, ...signed(rest)];
}
