import { PermanentError } from '@mosaicme/errors';

/** One pack as the manifest lists it. */
export interface PackEntry {
  /** Key of the object. */
  readonly key: string;
  /** SHA-256 of its bytes in hexadecimal, which also names it. */
  readonly hash: string;
  readonly tiles: number;
  readonly bytes: number;
  /** How many of its first bytes are the index part. */
  readonly indexBytes: number;
}

/** What the tile library consists of. Values are never changed, only replaced. */
export interface Manifest {
  readonly version: 1;
  /** Counts the changes. */
  readonly revision: number;
  readonly packs: readonly PackEntry[];
  /**
   * Ids of photos that were removed (tombstones). They stay for ever, so that no redelivery brings a
   * removed photo back.
   */
  readonly removed: readonly string[];
}

export const emptyManifest: Manifest = { version: 1, revision: 0, packs: [], removed: [] };

/** The manifest as UTF-8 JSON. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(manifest));
}

/**
 * Reads a manifest.
 * @throws PermanentError `manifest.damaged`
 */
export function decodeManifest(bytes: Uint8Array): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw damagedManifest('it is no JSON', cause);
  }
  if (!isRecord(value) || value.version !== 1) throw damagedManifest('its version is not 1');
  const { revision, packs, removed } = value;
  if (!isCount(revision)) throw damagedManifest('it has no revision');
  if (!Array.isArray(packs) || !packs.every(isPackEntry)) {
    throw damagedManifest('its list of packs is not one');
  }
  if (!Array.isArray(removed) || !removed.every((id) => typeof id === 'string')) {
    throw damagedManifest('its list of removed photos is not one');
  }
  return { version: 1, revision, packs, removed };
}

/** The manifest with one more pack; the same manifest when it lists the pack already. */
export function addPack(manifest: Manifest, entry: PackEntry): Manifest {
  if (manifest.packs.some(({ hash }) => hash === entry.hash)) return manifest;
  return changed(manifest, { packs: [...manifest.packs, entry] });
}

/** The manifest without these photos; the same manifest when all were removed before. */
export function removeTiles(manifest: Manifest, ids: readonly string[]): Manifest {
  const removed = new Set(manifest.removed);
  for (const id of ids) removed.add(id);
  if (removed.size === manifest.removed.length) return manifest;
  return changed(manifest, { removed: [...removed] });
}

/**
 * The manifest with one pack in the place of several; undefined when one of these is not listed any
 * more, because somebody else was faster. `merged` is undefined when no tile is left.
 */
export function replacePacks(
  manifest: Manifest,
  hashes: readonly string[],
  merged: PackEntry | undefined,
): Manifest | undefined {
  const replaced = new Set(hashes);
  const kept = manifest.packs.filter(({ hash }) => !replaced.has(hash));
  if (kept.length !== manifest.packs.length - replaced.size) return undefined;
  return changed(manifest, { packs: merged ? [...kept, merged] : kept });
}

/** Packs of one tier that are merged at a time, and the growth from tier to tier. */
const mergeFactor = 4;

/**
 * Which small packs to merge into one, so that a trickle of single photos does not leave thousands of
 * packs. Tiered compaction: the tiers hold 1 to 3, 4 to 15, 16 to 63, … tiles, and as soon as a tier has
 * four packs they become one. So a tile is rewritten at most once a tier, the result never exceeds
 * `packSize`, and a pack of a quarter of `packSize` or more is never rebuilt.
 *
 * @returns Four packs, of the lowest tier that has so many; undefined when there is nothing to do.
 * @see P. O'Neil et al., The Log-Structured Merge-Tree (1996)
 */
export function planMerge(manifest: Manifest, packSize: number): readonly PackEntry[] | undefined {
  const tiers = new Map<number, PackEntry[]>();
  for (const entry of manifest.packs) {
    if (entry.tiles * mergeFactor >= packSize) continue;
    const tier = tierOf(entry.tiles);
    tiers.set(tier, [...(tiers.get(tier) ?? []), entry]);
  }
  for (const tier of [...tiers.keys()].sort((a, b) => a - b)) {
    const candidates = tiers.get(tier)!;
    if (candidates.length >= mergeFactor) return candidates.slice(0, mergeFactor);
  }
  return undefined;
}

function tierOf(tiles: number): number {
  let tier = 0;
  for (let limit = mergeFactor; tiles >= limit; limit *= mergeFactor) tier++;
  return tier;
}

const changed = (manifest: Manifest, change: Partial<Manifest>): Manifest => ({
  ...manifest,
  ...change,
  revision: manifest.revision + 1,
});

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;

const isPackEntry = (value: unknown): value is PackEntry =>
  isRecord(value) &&
  typeof value.key === 'string' &&
  typeof value.hash === 'string' &&
  /^[0-9a-f]{64}$/.test(value.hash) &&
  [value.tiles, value.bytes, value.indexBytes].every(isCount);

const damagedManifest = (what: string, cause?: unknown) =>
  new PermanentError(
    'manifest.damaged',
    `The manifest of the tile library cannot be read: ${what}. Restore an older version of it, or remove it and build the library anew from the raw photos.`,
    { cause },
  );
