import { webAssembly } from '@mosaicme/wasm';
import { featureLength, mirrorFeatures, textureAllowance, type Features } from './features';
import type { FastMatchRequest, PreparedLibrary } from './library';
import { comparableVectors, metricFor, type Metric } from './metric';
import { shiftAllowance } from './placement';
import { createScriptEngine } from './script-engine';
import type { SearchEngine } from './search-engine';
import { assembleSearchKernel, unreachable } from './search-kernel';
import { createWasmEngine } from './wasm-engine';

/**
 * Finds the nearest tiles of a cell, exactly. The best are ordered by cost, then unmirrored before
 * mirrored, then by index.
 */
export interface Searcher {
  /** One byte a tile: where it is 1, the tile is skipped. Belongs to the caller, starts with 0. */
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

/** The options with which a request's tiles are searched. */
export function searchOptions(
  { options, cells }: Pick<FastMatchRequest, 'options' | 'cells'>,
  count: number,
): SearchOptions {
  return {
    metric: metricFor(options.colourShift),
    allowance: shiftAllowance(cells.space, options.colourShift),
    mirror: options.mirror,
    count,
  };
}

/**
 * Makes a searcher. All searchers of a library and metric share one memory: only the newest one may be
 * used.
 */
export function createSearcher(
  library: PreparedLibrary,
  cells: Features,
  { metric, allowance, mirror, count }: SearchOptions,
): Searcher {
  const length = featureLength(cells.space);
  const tileCount = library.features.count;
  const engine = engineFor(library, metric);
  const plain = comparableVectors(cells, metric);
  const forms = mirror ? [plain, mirrorFeatures({ ...cells, values: plain }).values] : [plain];
  const best = engine.best.subarray(0, count * 2);
  engine.blocked.fill(0);
  return {
    blocked: engine.blocked,
    best,
    search(cell, limit = unreachable) {
      for (let at = 0; at < best.length; at += 2) {
        best[at] = 0xffffffff;
        best[at + 1] = limit;
      }
      const [y, cb, cr] = allowance;
      const allowances = [y, cb, cr, textureAllowance(cells, cell)] as const;
      forms.forEach((values, form) => {
        const query = values.subarray(cell * length, (cell + 1) * length);
        engine.search(query, { allowance: allowances, idOffset: form * tileCount, count });
      });
    },
  };
}

const engines = new WeakMap<PreparedLibrary, Map<Metric, SearchEngine>>();

/** The engine of a library, loaded when first asked for. */
function engineFor(library: PreparedLibrary, metric: Metric): SearchEngine {
  const own = engines.get(library) ?? new Map<Metric, SearchEngine>();
  engines.set(library, own);
  const engine = own.get(metric) ?? createEngine(library, metric);
  own.set(metric, engine);
  return engine;
}

function createEngine(library: PreparedLibrary, metric: Metric): SearchEngine {
  const length = featureLength(library.features.space);
  const index = { parts: library.indexFor(metric), length, tileCount: library.features.count };
  // `validate` is false where the JavaScript engine or the processor has no SIMD.
  return webAssembly?.validate(assembleSearchKernel(length))
    ? createWasmEngine(webAssembly, index)
    : createScriptEngine(index);
}
