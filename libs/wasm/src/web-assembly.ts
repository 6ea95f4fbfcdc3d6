/** A memory that modules import. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** @param pages of 64 KiB to add. */
  grow(pages: number): number;
}

/** A compiled module: opaque. */
export type WasmModule = object;

/** The part of the WebAssembly interface that is used here; TypeScript declares it only with the DOM. */
export interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Memory: new (limits: { readonly initial: number }) => WasmMemory;
  readonly Instance: new (
    module: WasmModule,
    imports: { readonly env: { readonly memory: WasmMemory } },
  ) => { readonly exports: Readonly<Record<string, unknown>> };
  validate(bytes: Uint8Array): boolean;
}

/** Bytes in a page, the unit in which memories grow. */
export const pageBytes = 65_536;

/** WebAssembly of this JavaScript engine; undefined where there is none. */
export const webAssembly = Reflect.get(globalThis, 'WebAssembly') as unknown as
  WebAssemblyApi | undefined;

/**
 * As `webAssembly`, for code that has no other way.
 * @throws Error where the JavaScript engine has no WebAssembly.
 */
export function requireWebAssembly(): WebAssemblyApi {
  if (webAssembly) return webAssembly;
  throw new Error(
    'This JavaScript engine has no WebAssembly; run it without --jitless, or use Node 20 or a current browser.',
  );
}
