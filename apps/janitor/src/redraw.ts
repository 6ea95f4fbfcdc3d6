import { mapConcurrently } from '@mosaicme/async';
import {
  drawingOfKey,
  drawingRefs,
  prefixes,
  type DrawingName,
  type ObjectRef,
} from '@mosaicme/contracts';
import { isPermanent, messageOf } from '@mosaicme/errors';
import { decodeRecipe } from '@mosaicme/mosaic';
import { ObjectNotFound, readRecord } from '@mosaicme/object-store';
import { announceRequest } from '@mosaicme/pipeline';
import { heldRecordSchema, mosaicRecordSchema, requestRecordSchema } from '@mosaicme/requests';
import type { JanitorPorts } from './ports';
import { removeMosaic } from './remove-mosaic';

/** A drawing that is drawn anew, by the revision that goes. */
export interface Redrawn {
  readonly id: string;
  readonly revision: string;
}

export interface RedrawOptions {
  /** Only drawings written since then. */
  readonly since?: Date;
}

interface Clean {
  readonly photos: ReadonlySet<string>;
  /** By their keys. */
  readonly recipes: Set<string>;
}

const readsAtOnce = 16;
/** A drawing that no record names and that is older was lost; a younger one may be about to be named. */
const unnamedAfterMs = 600_000;
/** A redrawing that was asked for less than that ago is in flight. */
const askAgainAfterMs = 120_000;

/**
 * Finds every drawing that uses one of these photos, published or not, and sees to it that it goes: a
 * mosaic is drawn anew as a new revision, whose publishing deletes the old one. A mosaic whose photo is
 * gone cannot be drawn; it is taken down.
 */
export function createRedraw(ports: JanitorPorts, now: () => number = Date.now) {
  const { store, keys, buckets, logger } = ports;
  const asked = new Map<string, number>();
  /** Recipes that use none of these photos. They never change, so nobody need read them again for that. */
  let clean: Clean = { photos: new Set(), recipes: new Set() };

  return async (
    photos: ReadonlySet<string>,
    { since }: RedrawOptions = {},
  ): Promise<readonly Redrawn[]> => {
    for (const [name, at] of asked) if (now() - at > askAgainAfterMs) asked.delete(name);
    const redrawn: Redrawn[] = [];
    if (![...photos].every((id) => clean.photos.has(id))) clean = { photos, recipes: new Set() };
    // Those of before are looked for, too, so that what is clean is clean of all of them.
    const { photos: sought, recipes: known } = clean;
    const affected = mapConcurrently(recipes(since), readsAtOnce, async (recipe) => {
      const { key } = recipe.ref;
      if (known.has(key)) return undefined;
      const isAffected = await uses(recipe.ref, sought);
      if (isAffected === false) known.add(key);
      return isAffected ? recipe : undefined;
    });
    for await (const recipe of affected) {
      if (!recipe) continue;
      const { id, revision } = recipe.drawing;
      const isHandled = await handle(recipe.drawing, recipe.writtenAt);
      if (isHandled) redrawn.push({ id, revision });
    }
    return redrawn;
  };

  async function* recipes(since: Date | undefined) {
    const list = store.list(buckets.outLarge, { prefix: prefixes.drawings });
    for await (const { key, lastModified } of list) {
      const drawing = key.endsWith('.recipe') ? drawingOfKey(key) : undefined;
      if (!drawing || (since && lastModified < since)) continue;
      yield { drawing, ref: { bucket: buckets.outLarge, key }, writtenAt: lastModified };
    }
  }

  /** Undefined where the recipe is gone: it may come again. */
  async function uses(ref: ObjectRef, photos: ReadonlySet<string>): Promise<boolean | undefined> {
    try {
      return decodeRecipe((await store.get(ref)).bytes).tileIds.some((id) => photos.has(id));
    } catch (error) {
      if (error instanceof ObjectNotFound) return undefined;
      if (!isPermanent(error)) throw error;
      logger.error({ error, ref }, `a recipe cannot be read: ${messageOf(error)}`);
      return false;
    }
  }

  /** @returns Whether it is drawn anew, or gone. */
  async function handle(drawing: DrawingName, writtenAt: Date): Promise<boolean> {
    const { id, revision } = drawing;
    const mosaic = (await readRecord(store, keys.mosaicRecord(id), mosaicRecordSchema))?.record;
    if (mosaic && mosaic.revision !== revision) {
      if (now() - writtenAt.getTime() > unnamedAfterMs) {
        await store.deleteMany(Object.values(drawingRefs(buckets, drawing)));
      }
      return false;
    }
    const held = mosaic
      ? undefined
      : (await readRecord(store, keys.heldRecord(id), heldRecordSchema))?.record;
    const isHeld = held?.rendered.revision === revision;
    const name = `${id} ${revision}`;
    if (asked.has(name)) return true;
    const request = (await readRecord(store, keys.requestRecord(id), requestRecordSchema))?.record;
    if (!request || !(await store.head(request.object))) {
      if (mosaic) {
        logger.error(
          { id },
          'this mosaic uses a withdrawn photo and cannot be redrawn: taken down',
        );
        await removeMosaic(ports, mosaic);
      } else if (now() - writtenAt.getTime() > unnamedAfterMs) {
        await store.deleteMany(Object.values(drawingRefs(buckets, drawing)));
      }
      return mosaic !== undefined;
    }
    if (isHeld) {
      await store.deleteMany([
        keys.heldRecord(id),
        ...Object.values(drawingRefs(buckets, drawing)),
      ]);
    }
    asked.set(name, now());
    // One that is still to be published is replaced, too: whichever comes first, the new one stays.
    await announceRequest(ports, request.request, request.object, isHeld ? undefined : revision);
    return true;
  }
}
