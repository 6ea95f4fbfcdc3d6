import { drawingOfKey, prefixes, type ObjectRef } from '@mosaicme/contracts';
import { decodeRecipe } from '@mosaicme/mosaic';
import { readRecord } from '@mosaicme/object-store';
import { connectMessaging, withdraw } from '@mosaicme/pipeline';
import { mosaicRecordSchema } from '@mosaicme/requests';
import { silentLogger } from '@mosaicme/service';
import { setTimeout as sleep } from 'node:timers/promises';
import { madeUpPhoto } from './made-up-photo';
import { wavePicture } from './pictures';
import type { Pipeline } from './pipeline';
import type { Disturbance, Scenario } from './scenarios';

/** Every step boundary of a request: what lies in the buckets from then on. */
const boundaries: readonly {
  readonly name: string;
  readonly isReached: (pipeline: Pipeline, id: string) => Promise<boolean>;
}[] = [
  { name: 'before prepare', isReached: isThere(({ keys }, id) => keys.requestRecord(id)) },
  { name: 'prepared', isReached: isThere(({ keys }, id) => keys.target(id)) },
  { name: 'rendered', isReached: async (pipeline, id) => (await drawings(pipeline, id)) > 0 },
  { name: 'published', isReached: isThere(({ keys }, id) => keys.mosaicRecord(id)) },
  { name: 'answered', isReached: isThere(({ keys }, id) => keys.answerRecord(id)) },
];

const rounds = 3;
/** Of those with which the library was filled. */
const tiles = 3;
const lookEveryMs = 5;
/** A boundary that was passed between two looks, or is not reached, is not waited for longer. */
const boundaryWithinMs = 60_000;

/** Withdraws requests at each boundary of their way, and photos that are tiles, while others are made. */
export const withdrawEverywhere: Scenario = {
  name: 'withdraw-everywhere',
  summary: 'requests are withdrawn at every step boundary, and photos that are tiles',
  prepare: async ({ random }): Promise<Disturbance> => {
    const requests = new Set<string>();
    const photos = new Set<string>();
    const reached: string[] = [];
    const decision = () => ({ by: 'faults', why: 'a test', at: new Date().toISOString() });
    return {
      async act(pipeline) {
        const { store, keys, config } = pipeline;
        const messaging = connectMessaging(config, silentLogger, 'faults withdraw');
        await messaging.ready();
        const ports = { app: 'faults', store, messaging, keys, buckets: config.buckets };
        const take = (id: string) => withdraw(ports, { kind: 'id', id }, decision());
        try {
          for (let round = 0; round < rounds; round++) {
            for (const { name, isReached } of boundaries) {
              const picture = await wavePicture(5_000 + Math.floor(random() * 1_000), 48);
              const id = await pipeline.request(picture);
              const end = Date.now() + boundaryWithinMs;
              while (!(await isReached(pipeline, id)) && Date.now() < end) await sleep(lookEveryMs);
              await take(id);
              requests.add(id);
              reached.push(name);
            }
          }
          for (let seed = 0; seed < tiles; seed++) {
            const { id } = madeUpPhoto(`library-${seed}`);
            await take(id);
            photos.add(id);
          }
        } finally {
          await messaging.close();
        }
      },
      faults: () => requests.size + photos.size,
      note: () => `${requests.size} requests and ${photos.size} tiles withdrawn`,
      check: (pipeline) => leftOvers(pipeline, requests, photos),
    };
  },
};

/** What of withdrawn requests and photos is still there. */
async function leftOvers(
  pipeline: Pipeline,
  requests: ReadonlySet<string>,
  photos: ReadonlySet<string>,
): Promise<string[]> {
  const { store, keys, catalogue, config } = pipeline;
  const left: string[] = [];
  for (const id of requests) {
    for (const ref of [keys.requestRecord(id), keys.requestPhoto(id), keys.mosaicRecord(id)]) {
      if (await store.head(ref)) left.push(`${ref.key} of a withdrawn request is there`);
    }
    if ((await drawings(pipeline, id)) > 0) left.push(`drawings of the withdrawn ${id} are there`);
    if (await catalogue.get(id)) left.push(`the gallery lists the withdrawn ${id}`);
  }
  for (const id of photos) {
    if (await store.head(keys.rawRecord(id))) left.push(`the withdrawn photo ${id} is there`);
  }
  const list = store.list(config.buckets.outSmall, { prefix: prefixes.mosaics });
  for await (const { key, bucket } of list) {
    const found = await readRecord(store, { bucket, key }, mosaicRecordSchema);
    if (!found) continue;
    const { tileIds } = decodeRecipe((await store.get(found.record.recipe)).bytes);
    if (tileIds.some((id) => photos.has(id))) left.push(`${key} uses a withdrawn photo`);
  }
  return left;
}

function isThere(refOf: (pipeline: Pipeline, id: string) => ObjectRef) {
  return async (pipeline: Pipeline, id: string): Promise<boolean> =>
    (await pipeline.store.head(refOf(pipeline, id))) !== undefined;
}

async function drawings({ store, config }: Pipeline, id: string): Promise<number> {
  let count = 0;
  const list = store.list(config.buckets.outSmall, {
    prefix: `${prefixes.drawings}default/${id}/`,
  });
  for await (const { key } of list) if (drawingOfKey(key)) count++;
  return count;
}
