/** The little of WebAssembly that is used here; TypeScript declares it only together with the DOM. */
interface WebAssemblyApi {
  readonly Memory: new (descriptor: { readonly initial: number }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (
    module: WasmModule,
    imports: { readonly env: { readonly memory: WasmMemory } },
  ) => { readonly exports: Readonly<Record<string, unknown>> };
  validate(bytes: Uint8Array): boolean;
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** A compiled module: opaque. */
export type WasmModule = object;

/** WebAssembly of this JavaScript engine; undefined where there is none. */
export const webAssembly = Reflect.get(globalThis, 'WebAssembly') as unknown as
  WebAssemblyApi | undefined;
