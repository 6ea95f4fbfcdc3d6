/** A memory that modules import. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** @param pages of 64 KB to add. */
  grow(pages: number): number;
}

/** The part of the WebAssembly interface that is used here; this library is built without DOM types. */
interface WebAssemblyInterface {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (limits: { readonly initial: number }) => WasmMemory;
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: WasmMemory } },
  ) => { readonly exports: object };
  validate(bytes: Uint8Array): boolean;
}

export const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyInterface };
