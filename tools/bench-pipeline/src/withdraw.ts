import {
  createRequest,
  defaultCampaign,
  drawingRefs,
  idInKey,
  prefixes,
} from '@mosaicme/contracts';
import { madeUpPhoto, type Pipeline } from '@mosaicme/faults';
import type { Messaging } from '@mosaicme/messaging';
import { decodeRecipe } from '@mosaicme/mosaic';
import { readRecord } from '@mosaicme/object-store';
import { submitRequest, withdraw } from '@mosaicme/pipeline';
import { mosaicRecordSchema } from '@mosaicme/requests';
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { Arrivals } from './arrivals';

/** How long the withdrawal of one photo took. */
export interface WithdrawResult {
  /** Published mosaics that used it. */
  readonly mosaics: number;
  /**
   * Until each of them was drawn anew and published, its old pictures were deleted, and the catalogue
   * showed the new ones.
   */
  readonly seconds: number;
}

const callsAtOnce = 16;
const lookEveryMs = 200;
/** Longer means that something stands still. */
const withinMs = 600_000;

/** A published mosaic, as it was before the withdrawal. */
interface Before {
  readonly id: string;
  readonly campaign: string;
  readonly revision: string;
}

/**
 * Withdraws the photo that is used in as close to `mosaics` published mosaics as any is, and times it. Where
 * there are fewer mosaics than that, more are made first.
 */
export async function measureWithdraw(
  {
    pipeline,
    messaging,
    arrivals,
    photos,
  }: {
    readonly pipeline: Pipeline;
    readonly messaging: Messaging;
    readonly arrivals: Arrivals;
    readonly photos: readonly Buffer[];
  },
  mosaics: number,
): Promise<WithdrawResult> {
  const { store, keys, config, catalogue } = pipeline;
  const { buckets } = config;
  const limit = pLimit(callsAtOnce);
  const ports = { app: 'bench', store, messaging, keys, buckets };

  const listed: string[] = [];
  for await (const { key } of store.list(buckets.outSmall, { prefix: prefixes.mosaics })) {
    const id = idInKey(prefixes.mosaics, key);
    if (id !== undefined) listed.push(id);
  }
  const lacking = Math.max(0, mosaics - listed.length);
  const made = await limit.map([...Array(lacking).keys()], async (index) => {
    const request = createRequest(defaultCampaign, madeUpPhoto(`withdraw-${index}`), {
      answerable: false,
    });
    const bytes = photos[index % photos.length]!;
    await submitRequest(ports, request, { bytes, contentType: 'image/jpeg' });
    return request.id;
  });
  await Promise.all(made.map((id) => arrivals.of('published', id)));

  /** Where each photo is used. */
  const uses = new Map<string, Before[]>();
  await limit.map([...listed, ...made], async (id) => {
    const found = await readRecord(store, keys.mosaicRecord(id), mosaicRecordSchema);
    if (!found) return;
    const { campaign, revision, recipe } = found.record;
    for (const tile of decodeRecipe((await store.get(recipe)).bytes).tileIds) {
      const before = { id, campaign, revision };
      const known = uses.get(tile);
      if (known) known.push(before);
      else uses.set(tile, [before]);
    }
  });
  const distance = ([, used]: readonly [string, readonly Before[]]) =>
    Math.abs(used.length - mosaics);
  const [photo, used] = [...uses].reduce((best, one) =>
    distance(one) < distance(best) ? one : best,
  );

  const startedAt = performance.now();
  await withdraw(
    ports,
    { kind: 'id', id: photo },
    { by: 'bench', why: 'measured', at: new Date().toISOString() },
  );
  const isDone = async (before: Before): Promise<boolean> => {
    const { id, revision } = before;
    const found = await readRecord(store, keys.mosaicRecord(id), mosaicRecordSchema);
    const now = found?.record.revision;
    if (now === undefined || now === revision) return false;
    const old = Object.values(drawingRefs(buckets, before));
    if ((await Promise.all(old.map((ref) => store.head(ref)))).some(Boolean)) return false;
    return (await catalogue.get(id))?.mosaic.revision === now;
  };
  let open = used;
  while (open.length > 0) {
    const states = await limit.map(open, async (before) => ({
      before,
      done: await isDone(before),
    }));
    open = states.filter(({ done }) => !done).map(({ before }) => before);
    if (performance.now() - startedAt > withinMs) {
      throw new Error(`${open.length} of ${used.length} mosaics still use the withdrawn photo.`);
    }
    if (open.length > 0) await sleep(lookEveryMs);
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  return { mosaics: used.length, seconds: Number(seconds.toFixed(1)) };
}
