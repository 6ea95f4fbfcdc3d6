import { listCampaigns } from '@mosaicme/campaigns';
import { requestId, type ObjectRef } from '@mosaicme/contracts';
import { isPermanent, messageOf } from '@mosaicme/errors';
import { readRecord } from '@mosaicme/object-store';
import { announceRawPhoto, republish } from '@mosaicme/pipeline';
import {
  heldRecordSchema,
  mosaicRecordSchema,
  rawRecordSchema,
  readDecisions,
  recordDecision,
  recordOutcome,
  requestRecordSchema,
  standingOf,
  type Decision,
  type DecisionOutcome,
  type Standing,
} from '@mosaicme/requests';
import { gathered } from './gathered';
import type { JanitorPorts } from './ports';
import { createRedraw, type Redrawn } from './redraw';
import { removeMosaic } from './remove-mosaic';
import type { Tiles } from './tiles';
import pLimit from 'p-limit';
import type { z } from 'zod';

export interface CarryOutPorts extends JanitorPorts {
  readonly tiles: Pick<Tiles, 'hasAnywhere' | 'remove' | 'refresh'>;
}

/** How the janitor carries decisions out. Everything in it may be repeated. */
export interface CarryOut {
  /**
   * Carries out what holds about a request or a raw photo, and notes what was done.
   *
   * @returns What holds.
   */
  decision(subject: string): Promise<Standing>;
  /**
   * Looks once more whether something of withdrawn ids is there: an app may have been at work with it while
   * it was withdrawn.
   *
   * @param since Only drawings written since then are looked at.
   */
  again(withdrawn: readonly string[], since: Date): Promise<void>;
}

const readsAtOnce = 16;

type Removed = DecisionOutcome['removed'][number];

/** Opens it. */
export function createCarryOut(ports: CarryOutPorts): CarryOut {
  const { store, keys, buckets, tiles, logger } = ports;
  const redraw = createRedraw(ports);

  /** One look at all recipes for as many photos as there are. */
  const removeTiles = gathered(async (ids: readonly string[]): Promise<readonly Redrawn[]> => {
    await tiles.remove(ids);
    return redraw(new Set(ids));
  });

  return {
    async decision(subject) {
      const decisions = await readDecisions(ports, subject);
      const last = decisions.at(-1);
      if (!last) {
        logger.warn({ subject }, 'skipped: nothing was decided about this id');
        return 'undecided';
      }
      const done = await carryOut(subject, decisions, last);
      await recordOutcome(ports, subject, {
        at: new Date().toISOString(),
        decisions: decisions.length,
        removed: done.removed,
        redrawn: [...done.redrawn],
      });
      logger.info(
        { subject, verb: last.verb, removed: done.removed, redrawn: done.redrawn.length },
        'carried out',
      );
      return standingOf(decisions);
    },
    async again(withdrawn, since) {
      if (withdrawn.length === 0) return;
      await tiles.refresh();
      await pLimit(readsAtOnce).map([...withdrawn], async (id) => {
        const facts = await factsOf(id);
        if (!facts.photo) return;
        logger.info({ subject: id }, 'withdrawn once more: something of it came late');
        await remove(id, facts);
      });
      const photos = new Set(withdrawn.filter((id) => tiles.hasAnywhere(id)));
      if (photos.size === 0) return;
      const redrawn = await redraw(photos, { since });
      if (redrawn.length > 0) logger.info({ redrawn: redrawn.length }, 'redrawn: they came late');
    },
  };

  interface Done {
    readonly removed: Removed[];
    readonly redrawn: readonly Redrawn[];
  }

  async function carryOut(
    subject: string,
    decisions: readonly Decision[],
    last: Decision,
  ): Promise<Done> {
    switch (standingOf(decisions)) {
      case 'withdrawn':
        return withdraw(subject, decisions.find(({ verb }) => verb === 'withdraw') ?? last);
      case 'rejected':
        return takeDown(subject, true);
      case 'held':
        return takeDown(subject, false);
      case 'approved':
        await letOn(subject);
        return { removed: [], redrawn: [] };
      case 'undecided':
        return { removed: [], redrawn: [] };
    }
  }

  /** Deletes it, and withdraws whatever else was made of the same photo. */
  async function withdraw(subject: string, decision: Decision): Promise<Done> {
    const facts = await factsOf(subject);
    const photo = facts.photo;
    const others = photo ? await relatedIds(photo.id) : await relatedIds(subject);
    for (const id of others.filter((other) => other !== subject)) {
      if (standingOf(await readDecisions(ports, id)) !== 'withdrawn') {
        await recordDecision(ports, id, decision);
        // A failure here is a failure of the whole: the message comes again.
        await carryOutRelated(id, decision);
      }
    }
    return remove(subject, facts);
  }

  async function carryOutRelated(id: string, decision: Decision): Promise<void> {
    const { removed, redrawn } = await remove(id, await factsOf(id));
    logger.info({ subject: id, verb: decision.verb, removed }, 'carried out with its photo');
    await recordOutcome(ports, id, {
      at: new Date().toISOString(),
      decisions: (await readDecisions(ports, id)).length,
      removed,
      redrawn: [...redrawn],
    });
  }

  /** The photo, and its requests in every campaign that there are. */
  async function relatedIds(photo: string): Promise<string[]> {
    const campaigns = await listCampaigns({ store, keys, buckets });
    const requests = await Promise.all(
      campaigns.map(async ({ slug }) => {
        const id = requestId(slug, photo);
        const isThere =
          (await store.head(keys.requestRecord(id))) ?? (await store.head(keys.mosaicRecord(id)));
        return isThere ? [id] : [];
      }),
    );
    return [photo, ...requests.flat()];
  }

  async function remove(id: string, facts: Facts): Promise<Done> {
    const { request, mosaic, held, raw } = facts;
    const removed: Removed[] = [];
    const known = mosaic ?? request?.request ?? held?.rendered.request;
    // The record goes last: it is what tells a repetition where the rest lies.
    if (known) {
      await removeMosaic(ports, { ...known, id });
      if (mosaic) removed.push('mosaic');
    }
    const leftovers: ObjectRef[] = [
      keys.heldRecord(id),
      keys.target(id),
      keys.failureRecord(id),
      keys.requestPhoto(id),
      ...(request ? [request.object] : []),
    ];
    let redrawn: readonly Redrawn[] = [];
    if (raw || tiles.hasAnywhere(id)) {
      redrawn = await removeTiles(id);
      leftovers.push(keys.rawPhoto(id), ...(raw ? [raw.object] : []));
      removed.push('tile');
    }
    await store.deleteMany(leftovers);
    await store.deleteMany([keys.requestRecord(id), keys.rawRecord(id)]);
    if (request) removed.push('request');
    return { removed, redrawn };
  }

  /**
   * Takes out of the public what is rejected or held. A request keeps its photo, so that it can be drawn
   * again when it is approved. A tile that is rejected is gone for good.
   */
  async function takeDown(id: string, isRejected: boolean): Promise<Done> {
    const { mosaic } = await factsOf(id);
    const removed: Removed[] = [];
    if (mosaic) {
      await removeMosaic(ports, mosaic);
      removed.push('mosaic');
    }
    if (!isRejected || !tiles.hasAnywhere(id)) return { removed, redrawn: [] };
    removed.push('tile');
    return { removed, redrawn: await removeTiles(id) };
  }

  /** Lets an approved item go on from where it was stopped. */
  async function letOn(id: string): Promise<void> {
    const { request, mosaic, held, raw } = await factsOf(id);
    if (mosaic) return;
    if (held) return republish(ports, id, 'publish');
    if (request) return republish(ports, id, 'prepare');
    if (raw) for (const library of raw.libraries) await announceRawPhoto(ports, raw, library);
  }

  /** What lies in the buckets about an id. A damaged record counts as none: it must not stop a withdrawal. */
  async function factsOf(id: string) {
    const read = async <Schema extends z.ZodType>(
      ref: ObjectRef,
      schema: Schema,
    ): Promise<z.output<Schema> | undefined> => {
      try {
        return (await readRecord(store, ref, schema))?.record;
      } catch (error) {
        if (!isPermanent(error)) throw error;
        logger.error({ error, ref }, `counts as absent: ${messageOf(error)}`);
        return undefined;
      }
    };
    const [request, mosaic, held, raw] = await Promise.all([
      read(keys.requestRecord(id), requestRecordSchema),
      read(keys.mosaicRecord(id), mosaicRecordSchema),
      read(keys.heldRecord(id), heldRecordSchema),
      read(keys.rawRecord(id), rawRecordSchema),
    ]);
    const photo =
      request?.request.photo ?? mosaic?.photo ?? held?.rendered.request.photo ?? raw?.photo;
    return { request, mosaic, held, raw, photo };
  }
  type Facts = Awaited<ReturnType<typeof factsOf>>;
}
