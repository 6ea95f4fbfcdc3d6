import type { BlockIndex } from './block-index';

/** What an engine searches. */
export interface SearchIndex {
  readonly parts: readonly BlockIndex[];
  /** Numbers in a vector. */
  readonly length: number;
  readonly tileCount: number;
}

/** The most tiles that one search can return. */
export const mostBest = 256;

/** Compares a vector with those of a library. There are two: WebAssembly SIMD, and plain script. */
export interface SearchEngine {
  /** One byte a tile: where it is 1, the tile is skipped. */
  readonly blocked: Uint8Array;
  /**
   * The best so far, ordered by cost, then by id: two numbers each, id and cost. The caller fills it
   * with ids of 0xffffffff and the largest cost of interest.
   */
  readonly best: Uint32Array;
  /** Puts into `best` what is better than its entries. */
  search(query: Int16Array, options: EngineOptions): void;
}

export interface EngineOptions {
  /** What does not count of the differences of the means and of the texture. */
  readonly allowance: readonly [number, number, number, number];
  /** Is added to a tile to make its id. */
  readonly idOffset: number;
  /** Entries of `best` in use. */
  readonly count: number;
}
