import { drawingRefs, type BucketNames, type DrawingName } from '@mosaicme/contracts';
import { openDrawing, type Drawing } from '@mosaicme/drawing';
import { decodeRecipe } from '@mosaicme/mosaic';
import { ObjectNotFound } from '@mosaicme/object-store';
import type { WebPorts } from '../ports';
import type { Lookup } from './lookup';

/** For how long a mosaic counts as published without asking again, in milliseconds. */
const trustMs = 5_000;

/** Recipes in memory; those used longest ago go first. */
const maxOpen = 32;

interface Open {
  readonly drawing: Promise<Drawing | undefined>;
  readonly openedAt: number;
}

/**
 * Opens published drawings to be drawn in parts. Only the revision that the mosaic's record names is
 * public: a withdrawn photo leaves within `trustMs`.
 *
 * @returns A function that gives undefined for a revision that is not, or no longer, published.
 */
export function createDrawings(
  { store, tiles }: Pick<WebPorts, 'store' | 'tiles'>,
  lookup: Lookup,
  buckets: BucketNames,
): (name: DrawingName) => Promise<Drawing | undefined> {
  const known = new Map<string, Open>();

  async function libraryOf({ campaign, id, revision }: DrawingName): Promise<string | undefined> {
    const found = await lookup(id);
    if (found.state !== 'published') return undefined;
    const { mosaic } = found.entry;
    const isCurrent = mosaic.campaign === campaign && mosaic.revision === revision;
    return isCurrent ? mosaic.library : undefined;
  }

  async function open(name: DrawingName, before?: Open): Promise<Drawing | undefined> {
    const library = await libraryOf(name);
    if (library === undefined) return undefined;
    // The recipe of a revision never changes, and what was drawn of it is worth keeping.
    const drawn = await before?.drawing.catch(() => undefined);
    if (drawn) return drawn;
    try {
      const { bytes } = await store.get(drawingRefs(buckets, name).recipe);
      return openDrawing(decodeRecipe(bytes), tiles(library));
    } catch (error) {
      if (error instanceof ObjectNotFound) return undefined;
      throw error;
    }
  }

  return (name) => {
    const key = `${name.campaign}/${name.id}/${name.revision}`;
    const before = known.get(key);
    if (before && performance.now() - before.openedAt < trustMs) {
      known.delete(key);
      known.set(key, before);
      return before.drawing;
    }
    const drawing = open(name, before);
    const now: Open = { drawing, openedAt: performance.now() };
    known.delete(key);
    known.set(key, now);
    for (const oldest of known.keys()) {
      if (known.size <= maxOpen) break;
      known.delete(oldest);
    }
    const forget = () => {
      if (known.get(key) === now) known.delete(key);
    };
    drawing.then((opened) => opened ?? forget(), forget);
    return drawing;
  };
}
