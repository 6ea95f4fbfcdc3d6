import { featureLength, mirrorFeatures, type Features } from './features';
import type { PreparedLibrary } from './library';
import { comparableVectors, type Metric } from './metric';
import {
  allowanceAt,
  argumentAt,
  assembleSearchKernel,
  bestBytes,
  blockSize,
  lanesAtOnce,
  queryAt,
  unreachable,
} from './search-kernel';
import { webAssembly, type WasmMemory, type WasmModule } from './webassembly';

/**
 * Finds the nearest tiles of a cell, exactly. The best are ordered by cost, then unmirrored before
 * mirrored, then by index.
 */
export interface Searcher {
  /** One byte a tile: where it is 1, the tile is passed over. Belongs to the caller, starts with 0. */
  readonly blocked: Uint8Array;
  /**
   * Looks for the `count` best tiles of a cell, or those of them that cost at most `limit`, and leaves
   * them in `best`.
   */
  search(cell: number, limit?: number): void;
  /**
   * Until the next search, two numbers for each of the best: its id, which is the tile, with the number
   * of tiles added when it is mirrored; and its cost. Where there are fewer, the rest have the id
   * 0xffffffff and the cost `limit`.
   */
  readonly best: Uint32Array;
}

export interface SearchOptions {
  readonly metric: Metric;
  /** What a colour shift can remove from the difference of each mean, in feature units. */
  readonly allowance: readonly [number, number, number];
  readonly mirror: boolean;
  /** How many of the best to look for. */
  readonly count: number;
}

/**
 * A searcher on WebAssembly SIMD. All searchers of a library and metric share one memory: only the
 * newest one may be used.
 */
export function createSearcher(
  library: PreparedLibrary,
  cells: Features,
  { metric, allowance, mirror, count }: SearchOptions,
): Searcher {
  const length = featureLength(cells.space);
  const tileCount = library.features.count;
  const { memory, place, search } = engineFor(library, metric);
  const ints = new Int32Array(memory.buffer);
  const shorts = new Int16Array(memory.buffer);
  shorts.set(allowance, allowanceAt / 2);
  ints[argumentAt.lastBest / 4] = place.best + (count - 1) * bestBytes;

  const plain = comparableVectors(cells, metric);
  const forms = mirror ? [plain, mirrorFeatures({ ...cells, values: plain }).values] : [plain];
  // Pairs of 32-bit numbers, little-endian: the id, then the cost.
  const best = new Uint32Array(memory.buffer, place.best, count * 2);
  const blocked = new Uint8Array(memory.buffer, place.blocked, tileCount);
  blocked.fill(0);
  return {
    blocked,
    best,
    search(cell, limit = unreachable) {
      for (let at = 0; at < best.length; at += 2) {
        best[at] = 0xffffffff;
        best[at + 1] = limit;
      }
      forms.forEach((values, form) => {
        shorts.set(values.subarray(cell * length, (cell + 1) * length), queryAt / 2);
        ints[argumentAt.idOffset / 4] = form * tileCount;
        search();
      });
    },
  };
}

/** The most tiles that one search can return. */
export const mostBest = 256;

const pageBytes = 65_536;

type Engine = ReturnType<typeof loadEngine>;
const engines = new WeakMap<PreparedLibrary, Map<Metric, Engine>>();

function engineFor(library: PreparedLibrary, metric: Metric): Engine {
  const own = engines.get(library) ?? new Map<Metric, Engine>();
  engines.set(library, own);
  const engine = own.get(metric) ?? loadEngine(library, metric);
  own.set(metric, engine);
  return engine;
}

/** Writes a library into a memory of its own, as the kernel reads it. */
function loadEngine(library: PreparedLibrary, metric: Metric) {
  if (!webAssembly) throw new Error('no WebAssembly');
  const parts = library.indexFor(metric);
  const tileCount = library.features.count;
  const length = featureLength(library.features.space);
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
    groups: reserve(blockCount * 4),
    tileIds: reserve(blockCount * blockSize * 4),
    // One more than there are tiles: the empty slots' tile, which is always blocked.
    blocked: reserve(tileCount + 1),
    best: reserve((mostBest + 1) * bestBytes) + bestBytes,
  };
  const memory = new webAssembly.Memory({ initial: Math.ceil(end / pageBytes) });
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
  return { memory, place, search: instantiate(webAssembly, length, memory) };
}

const modules = new Map<number, WasmModule>();

function instantiate(
  api: NonNullable<typeof webAssembly>,
  length: number,
  memory: WasmMemory,
): () => void {
  const module = modules.get(length) ?? new api.Module(assembleSearchKernel(length));
  modules.set(length, module);
  const { search } = new api.Instance(module, { env: { memory } }).exports;
  if (typeof search !== 'function') throw new Error('The search kernel exports no search.');
  return () => void search();
}
