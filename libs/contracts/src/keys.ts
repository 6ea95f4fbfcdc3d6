import type { ObjectRef } from './photo';

/** The buckets by their role. The first four names come from the deployment guide. */
export const bucketRoles = ['in', 'raw', 'outLarge', 'outSmall', 'tiles', 'work'] as const;
export type BucketRole = (typeof bucketRoles)[number];
export type BucketNames = Readonly<Record<BucketRole, string>>;

export const defaultBucketNames: BucketNames = {
  in: 'mosaic-in',
  raw: 'mosaic-raw',
  outLarge: 'mosaic-outlarge',
  outSmall: 'mosaic-outsmall',
  tiles: 'mosaic-tiles',
  work: 'mosaic-work',
};

/** Prefixes that are listed, by what lies under them. */
export const prefixes = {
  /** In `in`: one folder for each request. */
  requests: 'requests/',
  /** In `in`: one record for each request that was given up. */
  failures: 'failures/',
  /** In `raw`: one folder for each raw photo. */
  photos: 'photos/',
  /** In `outSmall`: one record for each published mosaic. */
  mosaics: 'mosaics/',
  /** In `outSmall`: one record for each request whose answer is settled; the last thing written. */
  answers: 'answers/',
  /** In `outSmall`: one record for each answer that was about to be given. */
  intents: 'intents/',
} as const;

/**
 * Where everything lies, by id. Keys are deterministic, so that doing a thing twice writes the same
 * object twice.
 */
export function objectKeys(buckets: BucketNames) {
  const at = (role: BucketRole, key: string): ObjectRef => ({ bucket: buckets[role], key });
  return {
    /** The photo of a request, as it was posted: untrusted bytes. */
    requestPhoto: (id: string) => at('in', `${prefixes.requests}${id}/photo`),
    /** The request itself; written after the photo, so where it exists the photo does too. */
    requestRecord: (id: string) => at('in', `${prefixes.requests}${id}/request.json`),
    failureRecord: (id: string) => at('in', `${prefixes.failures}${id}.json`),
    /** How far a collector has read; `name` tells collectors apart. */
    collectorCursor: (name: string) => at('in', `cursors/${name}.json`),
    /** A raw photo as it was posted: untrusted bytes. */
    rawPhoto: (id: string) => at('raw', `${prefixes.photos}${id}/photo`),
    rawRecord: (id: string) => at('raw', `${prefixes.photos}${id}/photo.json`),
    /** The normalised target, made by sync-downloader. */
    target: (id: string) => at('work', `${id}/target.jpg`),
    renderedPicture: (id: string) => at('work', `${id}/mosaic.jpg`),
    renderedThumbnail: (id: string) => at('work', `${id}/small.jpg`),
    renderedRecipe: (id: string) => at('work', `${id}/recipe`),
    picture: (id: string) => at('outLarge', `${id}.jpg`),
    recipe: (id: string) => at('outLarge', `${id}.recipe`),
    thumbnail: (id: string) => at('outSmall', `${id}.jpg`),
    /** The record of a published mosaic; written last, so where it exists the pictures do too. */
    mosaicRecord: (id: string) => at('outSmall', `${prefixes.mosaics}${id}.json`),
    /** Written before the network is asked. */
    answerIntent: (id: string) => at('outSmall', `${prefixes.intents}${id}.json`),
    /** What became of the answer. Where it exists, everything about the request is done. */
    answerRecord: (id: string) => at('outSmall', `${prefixes.answers}${id}.json`),
  };
}
export type ObjectKeys = ReturnType<typeof objectKeys>;

/**
 * The id in a key of the form `<prefix><id>`, `<prefix><id>.json` or `<prefix><id>/…`;
 * undefined for other keys.
 */
export function idInKey(prefix: string, key: string): string | undefined {
  if (!key.startsWith(prefix)) return undefined;
  return /^([0-9a-f]{32})(?:\.json|\/.*)?$/.exec(key.slice(prefix.length))?.[1];
}
