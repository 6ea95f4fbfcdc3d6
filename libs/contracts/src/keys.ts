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
  /** In `in`: one record for each request or raw photo that failed. */
  failures: 'failures/',
  /** In `in`: what was decided about each request or raw photo. */
  decisions: 'decisions/',
  /** In `in`: mosaics that wait for an approval. */
  held: 'held/',
  /** In `in`: one record for each campaign. */
  campaigns: 'campaigns/',
  /** In `in`: one record for each lease. */
  leases: 'leases/',
  /** In `raw`: one folder for each raw photo. */
  photos: 'photos/',
  /** In `outSmall`: one record for each published mosaic. */
  mosaics: 'mosaics/',
  /** In `outSmall`: one record for each request whose answer is settled. */
  answers: 'answers/',
  /** In `outSmall`: one record for each answer that was about to be given. */
  intents: 'intents/',
  /** In `outSmall`: what makes rebuilding the catalogue quick; can be lost. */
  snapshots: 'snapshots/',
  /** In `outLarge` and `outSmall`: one folder for each campaign, in it one for each mosaic. */
  drawings: 'c/',
} as const;

/** The names of the objects of a drawing, after `c/<campaign>/<id>/<revision>`. */
const drawingEndings = { picture: '.jpg', thumbnail: '.jpg', recipe: '.recipe' } as const;

/**
 * Where everything lies. `id` is that of a request, in `raw*` that of a photo, in `failureRecord` and
 * `decisions` either. Keys are deterministic, so that doing a thing twice writes the same object twice.
 */
export function objectKeys(buckets: BucketNames) {
  const at = (role: BucketRole, key: string): ObjectRef => ({ bucket: buckets[role], key });
  return {
    /** The photo of a request, as it was posted: untrusted bytes. */
    requestPhoto: (id: string) => at('in', `${prefixes.requests}${id}/photo`),
    /** The request itself; written after the photo, so where it exists the photo does too. */
    requestRecord: (id: string) => at('in', `${prefixes.requests}${id}/request.json`),
    failureRecord: (id: string) => at('in', `${prefixes.failures}${id}.json`),
    /** Everything that was decided about a request or a raw photo; it outlives both. */
    decisions: (id: string) => at('in', `${prefixes.decisions}${id}.json`),
    /** Everything that was decided about authors. */
    authorDecisions: () => at('in', 'authors.json'),
    /** A drawing that waits for an approval. */
    heldRecord: (id: string) => at('in', `${prefixes.held}${id}.json`),
    campaign: (slug: string) => at('in', `${prefixes.campaigns}${slug}.json`),
    /** How far a collector has read; `name` tells collectors apart. */
    collectorCursor: (name: string) => at('in', `cursors/${name}.json`),
    /** Which process holds the lease of this name. */
    lease: (name: string) => at('in', `${prefixes.leases}${name}.json`),
    /** A raw photo as it was posted: untrusted bytes. */
    rawPhoto: (id: string) => at('raw', `${prefixes.photos}${id}/photo`),
    rawRecord: (id: string) => at('raw', `${prefixes.photos}${id}/photo.json`),
    /** The normalised target, made by sync-downloader. */
    target: (id: string) => at('work', `${id}/target.jpg`),
    /** The record of a published mosaic; written last, so where it exists its drawing does too. */
    mosaicRecord: (id: string) => at('outSmall', `${prefixes.mosaics}${id}.json`),
    /** Written before the network is asked. */
    answerIntent: (id: string) => at('outSmall', `${prefixes.intents}${id}.json`),
    /** What became of the answer. */
    answerRecord: (id: string) => at('outSmall', `${prefixes.answers}${id}.json`),
    /** Part `part` of the snapshot of all mosaics. */
    catalogueSnapshot: (part: string) => at('outSmall', `${prefixes.snapshots}${part}.json.gz`),
  };
}
export type ObjectKeys = ReturnType<typeof objectKeys>;

/** Names a drawing: a revision of a mosaic. */
export interface DrawingName {
  readonly campaign: string;
  /** Of the request. */
  readonly id: string;
  readonly revision: string;
}

/** Where the objects of a drawing lie. They never change, and only a mosaic's record makes them public. */
export function drawingRefs(buckets: BucketNames, { campaign, id, revision }: DrawingName) {
  const stem = `${prefixes.drawings}${campaign}/${id}/${revision}`;
  return {
    picture: { bucket: buckets.outLarge, key: stem + drawingEndings.picture },
    recipe: { bucket: buckets.outLarge, key: stem + drawingEndings.recipe },
    thumbnail: { bucket: buckets.outSmall, key: stem + drawingEndings.thumbnail },
  };
}

/** The drawing that an object belongs to; undefined for other objects. */
export function drawingOfKey(key: string): DrawingName | undefined {
  const match = /^c\/([a-z0-9-]+)\/([0-9a-f]{32})\/([0-9a-f]{16})\.(?:jpg|recipe)$/.exec(key);
  if (!match) return undefined;
  const [, campaign = '', id = '', revision = ''] = match;
  return { campaign, id, revision };
}

/**
 * The id in a key of the form `<prefix><id>`, `<prefix><id>.json` or `<prefix><id>/…`;
 * undefined for other keys.
 */
export function idInKey(prefix: string, key: string): string | undefined {
  if (!key.startsWith(prefix)) return undefined;
  return /^([0-9a-f]{32})(?:\.json|\/.*)?$/.exec(key.slice(prefix.length))?.[1];
}
