/** WebAssembly kernels written as TypeScript expressions, without a build step. */
export {
  assembleModule,
  control,
  defineFunction,
  defineProcedure,
  i16x8,
  i32,
  i32x4,
  i64,
  i64x2,
  i8x16,
  v128,
  type Body,
  type Code,
  type Declare,
  type ValueType,
  type Variable,
  type WasmFunction,
} from './assembler';
export {
  pageBytes,
  requireWebAssembly,
  webAssembly,
  type WasmMemory,
  type WasmModule,
  type WebAssemblyApi,
} from './web-assembly';
