import {
  extendLibrary,
  prepareLibrary,
  type Features,
  type PreparedLibrary,
} from '@mosaicme/mosaic';

interface Prepared {
  readonly ids: readonly string[];
  readonly library: PreparedLibrary;
}

/** @returns the features of these tiles, made searchable. */
export type FeaturePreparer = (ids: readonly string[], features: Features) => PreparedLibrary;

/**
 * Makes tiles searchable and remembers the last result: where tiles were only added behind, as a library
 * grows, the work grows with what was added.
 */
export function createFeaturePreparer(): FeaturePreparer {
  let last: Prepared | undefined;
  return (ids, features) => {
    const library =
      last && beginsWith(ids, last.ids) ? grow(last, features) : prepareLibrary(features);
    last = { ids, library };
    return library;
  };
}

function grow({ ids, library }: Prepared, { space, count, values }: Features): PreparedLibrary {
  const before = ids.length;
  if (before === count) return library;
  const added = values.subarray((values.length / count) * before);
  return extendLibrary(library, { space, count: count - before, values: added });
}

const beginsWith = (all: readonly string[], start: readonly string[]): boolean =>
  start.length <= all.length && start.every((id, index) => id === all[index]);
