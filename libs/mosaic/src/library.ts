import { PermanentError } from '@mosaicme/errors';
import { buildBlockIndex, type BlockIndex } from './block-index';
import { collectFeatures, featureLength, type Features } from './features';
import { comparableVectors, type Metric } from './metric';
import type { MatchRequest } from './placement';

/** A part of a library that was indexed in one go. */
interface Segment {
  readonly from: number;
  readonly to: number;
  readonly index: BlockIndex;
}

interface IndexedMetric {
  readonly vectors: Int16Array;
  readonly segments: readonly Segment[];
}

/**
 * The tiles of a library with what makes searching them fast. Make it once (`prepareLibrary`), use it
 * for every mosaic, and let it grow with `extendLibrary`. It does not change.
 */
export class PreparedLibrary {
  private readonly metrics = new Map<Metric, IndexedMetric>();
  /** The indexes to grow from; not the library they belong to, so that it can be forgotten. */
  private readonly grown: ReadonlyMap<Metric, IndexedMetric>;

  /** Use `prepareLibrary` or `extendLibrary`. */
  constructor(
    readonly features: Features,
    origin?: PreparedLibrary,
  ) {
    this.grown = new Map([...(origin?.grown ?? []), ...(origin?.metrics ?? [])]);
  }

  /** The blocks of all tiles, as a metric compares them. Made when first asked for, then kept. */
  indexFor(metric: Metric): readonly BlockIndex[] {
    let indexed = this.metrics.get(metric);
    if (!indexed) {
      indexed = this.makeIndex(metric);
      this.metrics.set(metric, indexed);
    }
    return indexed.segments.map(({ index }) => index);
  }

  private makeIndex(metric: Metric): IndexedMetric {
    const { space, count, values } = this.features;
    const length = featureLength(space);
    const old = this.grown.get(metric);
    const segments = [...(old?.segments ?? [])];
    let from = segments.at(-1)?.to ?? 0;
    const grown = comparableVectors(
      { space, count: count - from, values: values.subarray(from * length) },
      metric,
    );
    const vectors = new Int16Array(count * length);
    if (old) vectors.set(old.vectors);
    vectors.set(grown, from * length);
    // As in a log-structured merge tree: a segment takes in its smaller neighbours, so there are only
    // logarithmically many, and each tile is indexed anew only logarithmically often.
    for (let last = segments.at(-1); last && last.to - last.from <= 2 * (count - from);) {
      from = last.from;
      segments.pop();
      last = segments.at(-1);
    }
    if (from < count) {
      segments.push({ from, to: count, index: buildBlockIndex(vectors, length, from, count) });
    }
    return { vectors, segments };
  }
}

/** Makes a library searchable. The work grows with its size. */
export function prepareLibrary(features: Features): PreparedLibrary {
  return new PreparedLibrary(features);
}

/**
 * A library with more tiles behind those it has; the indexes of the old tiles are shared, so the work
 * grows with what is added (besides copying the vectors).
 *
 * @throws PermanentError `mosaic.bad-features` when the feature spaces differ.
 */
export function extendLibrary(library: PreparedLibrary, added: Features): PreparedLibrary {
  const { space, count, values } = library.features;
  if (
    added.space.subdivisions !== space.subdivisions ||
    added.space.lumaWeight !== space.lumaWeight
  ) {
    throw new PermanentError(
      'mosaic.bad-features',
      'The added tiles are from another feature space than the library. Compute their features anew.',
    );
  }
  const all = new Int16Array(values.length + added.values.length);
  all.set(values);
  all.set(added.values, values.length);
  return new PreparedLibrary({ space, count: count + added.count, values: all }, library);
}

/** An empty library of a feature space, to be extended. */
export const emptyLibrary = (space: Features['space']): PreparedLibrary =>
  prepareLibrary(collectFeatures([], space));

/** A request whose library may be prepared, so that its index is not built for every mosaic. */
export type FastMatchRequest = Omit<MatchRequest, 'library'> & {
  readonly library: Features | PreparedLibrary;
};

/** The library of a request, prepared if it was not. */
export const preparedLibrary = ({ library }: FastMatchRequest): PreparedLibrary =>
  library instanceof PreparedLibrary ? library : prepareLibrary(library);
