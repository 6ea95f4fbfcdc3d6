import { pageBytes, type WasmMemory, type WasmModule, type WebAssemblyApi } from '@mosaicme/wasm';
import { mostBest, type SearchEngine, type SearchIndex } from './search-engine';
import {
  allowanceAt,
  argumentAt,
  assembleSearchKernel,
  bestBytes,
  blockSize,
  lanesAtOnce,
  queryAt,
} from './search-kernel';

/** Writes an index into a memory of its own, as the kernel reads it. */
export function createWasmEngine(
  api: WebAssemblyApi,
  { parts, length, tileCount }: SearchIndex,
): SearchEngine {
  const blockCount = parts.reduce((sum, part) => sum + part.blockCount, 0);
  const boxesBytes = Math.ceil(blockCount / lanesAtOnce) * lanesAtOnce * length * 2 * 2;
  let end = queryAt + length * 2;
  const reserve = (bytes: number) => {
    const at = Math.ceil(end / 16) * 16;
    end = at + bytes;
    return at;
  };
  const place = {
    boxes: reserve(boxesBytes),
    bounds: reserve((blockCount + lanesAtOnce) * 4),
    vectors: reserve(blockCount * blockSize * length * 2),
    // Rounded up: the blocks that fill the last group of boxes have no groups of tiles.
    groups: reserve((blockCount + lanesAtOnce) * 4),
    tileIds: reserve(blockCount * blockSize * 4),
    // One more than there are tiles: the empty slots' tile, which is always blocked.
    blocked: reserve(tileCount + 1),
    best: reserve((mostBest + 1) * bestBytes) + bestBytes,
  };
  const memory = new api.Memory({ initial: Math.ceil(end / pageBytes) });
  const ints = new Int32Array(memory.buffer);
  const shorts = new Int16Array(memory.buffer);
  ints[argumentAt.boxes / 4] = place.boxes;
  ints[argumentAt.boxesEnd / 4] = place.boxes + boxesBytes;
  ints[argumentAt.bounds / 4] = place.bounds;
  ints[argumentAt.vectors / 4] = place.vectors;
  ints[argumentAt.groups / 4] = place.groups;
  ints[argumentAt.tileIds / 4] = place.tileIds;
  ints[argumentAt.blocked / 4] = place.blocked;
  ints[argumentAt.blockCount / 4] = blockCount;
  new Uint8Array(memory.buffer)[place.blocked + tileCount] = 1;

  let first = 0;
  for (const part of parts) {
    shorts.set(part.vectors, place.vectors / 2 + first * blockSize * length);
    ints.set(part.groups, place.groups / 4 + first);
    ints.set(
      part.tileIds.map((tile) => (tile < 0 ? tileCount : tile)),
      place.tileIds / 4 + first * blockSize,
    );
    part.lows.forEach((low, index) => {
      const block = first + Math.floor(index / length);
      const lane = block % lanesAtOnce;
      const number = index % length;
      const at =
        place.boxes / 2 +
        (block - lane) * length * 2 +
        (number >> 1) * 16 +
        lane * 2 +
        (number & 1);
      shorts[at] = low;
      shorts[at + 8] = part.highs[index] ?? 0;
    });
    first += part.blockCount;
  }

  const search = instantiate(api, length, memory);
  return {
    blocked: new Uint8Array(memory.buffer, place.blocked, tileCount),
    // Each 64-bit entry is two 32-bit numbers, little-endian: the id, then the cost.
    best: new Uint32Array(memory.buffer, place.best, mostBest * 2),
    search(query, { allowance, idOffset, count }) {
      shorts.set(query, queryAt / 2);
      shorts.set(allowance, allowanceAt / 2);
      ints[argumentAt.idOffset / 4] = idOffset;
      ints[argumentAt.lastBest / 4] = place.best + (count - 1) * bestBytes;
      search();
    },
  };
}

const modules = new Map<number, WasmModule>();

function instantiate(api: WebAssemblyApi, length: number, memory: WasmMemory): () => void {
  const module = modules.get(length) ?? new api.Module(assembleSearchKernel(length));
  modules.set(length, module);
  const { search } = new api.Instance(module, { env: { memory } }).exports;
  if (typeof search !== 'function') throw new Error('The search kernel exports no search.');
  return () => void search();
}
