import { mostBest, type SearchEngine, type SearchIndex } from './search-engine';
import { lanesAtOnce } from './search-kernel';

/**
 * The engine for places without WebAssembly SIMD: the same result in plain script, many times slower.
 */
export function createScriptEngine({ parts, length, tileCount }: SearchIndex): SearchEngine {
  const blocked = new Uint8Array(tileCount);
  const best = new Uint32Array(mostBest * 2);
  return {
    blocked,
    best,
    search(query, { allowance, idOffset, count }) {
      for (const { vectors, tileIds } of parts) {
        for (let slot = 0; slot < tileIds.length; slot++) {
          const tile = tileIds[slot] ?? -1;
          if (tile < 0 || blocked[tile]) continue;
          const limit = best[count * 2 - 1] ?? 0;
          const lane = slot % lanesAtOnce;
          const first = (slot - lane) * length + lane * 2;
          let cost = 0;
          for (let index = 0; index < length && cost <= limit; index++) {
            const value = vectors[first + (index >> 1) * 2 * lanesAtOnce + (index & 1)] ?? 0;
            const difference = Math.abs((query[index] ?? 0) - value);
            const rest = Math.max(0, difference - (allowance[index] ?? 0));
            cost += rest * rest;
          }
          if (cost <= limit) insert(best, count, tile + idOffset, cost);
        }
      }
    },
  };
}

function insert(best: Uint32Array, count: number, id: number, cost: number): void {
  const isWorse = (at: number) => {
    const other = best[at + 1] ?? 0;
    return other > cost || (other === cost && (best[at] ?? 0) > id);
  };
  let at = (count - 1) * 2;
  if (!isWorse(at)) return;
  for (; at > 0 && isWorse(at - 2); at -= 2) best.copyWithin(at, at - 2, at);
  best[at] = id;
  best[at + 1] = cost;
}
