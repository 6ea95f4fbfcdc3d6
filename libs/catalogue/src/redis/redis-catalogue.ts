import { randomUUID } from 'node:crypto';
import { runPeriodically, type StopPeriodic } from '@mosaicme/async';
import type { Answer, PublishedMosaic } from '@mosaicme/contracts';
import type { Logger } from '@mosaicme/service';
import type { Catalogue, CatalogueEntry } from '../port';
import { checkLimit, fromCursor, positionOf, toCursor } from '../position';
import { rebuildLost, rebuildRunning } from '../rebuild-errors';
import { connectRedis } from './connection';
import type { ScriptName } from './scripts';

export interface RedisCatalogueOptions {
  readonly host: string;
  readonly port: number;
  /** The number of the database. Default 0. */
  readonly db?: number | undefined;
  readonly password?: string | undefined;
  /** Before all keys. Default `mosaicme:catalogue:`. */
  readonly keyPrefix?: string | undefined;
  readonly logger: Logger;
  /** Milliseconds until a command fails while Redis is away, and until one that was sent does. Default 2,000. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds after which a rebuild whose process died lets another one begin. Default 30,000. */
  readonly rebuildLeaseMs?: number | undefined;
}

/** Entries that go to Redis at once during a rebuild. Redis serves nobody else meanwhile. */
const batchSize = 200;

/**
 * A catalogue in Redis. It returns at once and connects in the background; while Redis is away every
 * call fails with a TransientError `catalogue.unavailable` in bounded time.
 */
export function createRedisCatalogue(options: RedisCatalogueOptions): Catalogue {
  const prefix = options.keyPrefix ?? 'mosaicme:catalogue:';
  const leaseMs = options.rebuildLeaseMs ?? 30_000;
  const connection = connectRedis({ ...options, timeoutMs: options.timeoutMs ?? 2_000 });

  const run = (script: ScriptName, ...values: readonly (string | number)[]): Promise<unknown> =>
    connection.run((redis) => redis[script](prefix, ...values));

  /** Keeps the lease while the entries come slowly; a process that dies stops doing so. */
  const renewUntilStopped = (generation: string): StopPeriodic =>
    runPeriodically(
      async () => {
        await run('catalogueRenew', generation, leaseMs);
      },
      {
        everyMs: leaseMs / 3,
        // A renewal that fails is no news: the next batch finds out what became of the lease.
        onError: () => undefined,
      },
    );

  async function fill(
    generation: string,
    begunAt: number,
    entries: readonly CatalogueEntry[],
  ): Promise<void> {
    const values = entries.flatMap(({ mosaic, answer }) => [
      mosaic.id,
      mosaic.campaign,
      positionOf(mosaic).publishedAt,
      JSON.stringify(mosaic),
      answer ? JSON.stringify(answer) : '',
    ]);
    const filled = await run('catalogueFill', generation, leaseMs, begunAt, ...values);
    if (filled !== 1) throw rebuildLost();
  }

  async function fillAll(
    generation: string,
    entries: AsyncIterable<CatalogueEntry>,
  ): Promise<{ readonly count: number }> {
    const begunAt = Date.now();
    let batch: CatalogueEntry[] = [];
    for await (const entry of entries) {
      batch.push(entry);
      if (batch.length < batchSize) continue;
      await fill(generation, begunAt, batch);
      batch = [];
    }
    await fill(generation, begunAt, batch);
    const count = Number(await run('catalogueFinish', generation));
    if (count < 0) throw rebuildLost();
    return { count };
  }

  return {
    addMosaic: async (mosaic, saidAt = new Date()) => {
      const { id, campaign } = mosaic;
      const { publishedAt } = positionOf(mosaic);
      const json = JSON.stringify(mosaic);
      await run('catalogueAdd', id, campaign, publishedAt, json, saidAt.getTime());
    },
    addAnswer: async (id, answer) => {
      await run('catalogueAnswer', id, JSON.stringify(answer));
    },
    remove: async (id, saidAt = new Date()) => {
      await run('catalogueRemove', id, saidAt.getTime());
    },

    get: async (id) => {
      const [mosaic, answer] = asTexts(await run('catalogueGet', id));
      return readEntry(mosaic, answer);
    },
    list: async ({ limit, after, campaigns }) => {
      checkLimit(limit);
      const begin = after === undefined ? undefined : fromCursor(after);
      if (campaigns?.length === 0) return { entries: [] };
      // One more than asked for tells whether there is a next page.
      const [mosaics = [], answers = []] = asLists(
        await run(
          'catalogueList',
          limit + 1,
          begin?.publishedAt ?? '',
          begin?.id ?? '',
          ...(campaigns ?? []),
        ),
      );
      const found = mosaics.flatMap((mosaic, index) => readEntry(mosaic, answers[index]) ?? []);
      const entries = found.slice(0, limit);
      const last = entries.at(-1);
      return {
        entries,
        ...(last && found.length > limit && { next: toCursor(positionOf(last.mosaic)) }),
      };
    },
    count: async (campaigns) =>
      campaigns?.length === 0 ? 0 : Number(await run('catalogueCount', ...(campaigns ?? []))),

    rebuild: async (entries) => {
      const generation = randomUUID();
      if ((await run('catalogueBegin', generation, leaseMs)) !== 1) throw rebuildRunning();
      const stopRenewing = renewUntilStopped(generation);
      try {
        return await fillAll(generation, entries);
      } catch (error) {
        // Where this fails too, the lease ends by itself and the next rebuild cleans up.
        await run('catalogueAbort', generation).catch(() => undefined);
        throw error;
      } finally {
        await stopRenewing();
      }
    },
    isRebuilding: async () =>
      (await connection.run((redis) => redis.exists(`${prefix}next`))) === 1,
    isEmpty: async () => (await connection.run((redis) => redis.exists(`${prefix}current`))) === 0,

    ping: async () => {
      await connection.run((redis) => redis.ping());
    },
    close: () => connection.close(),
  };
}

type Text = string | null | undefined;

const asTexts = (reply: unknown): readonly Text[] => (Array.isArray(reply) ? reply : []);
const asLists = (reply: unknown): readonly (readonly Text[])[] =>
  Array.isArray(reply) ? reply.map(asTexts) : [];

/** Only this file writes these texts, from values that were checked on their way in. */
function readEntry(mosaic: Text, answer: Text): CatalogueEntry | undefined {
  if (typeof mosaic !== 'string') return undefined;
  return {
    mosaic: JSON.parse(mosaic) as PublishedMosaic,
    ...(typeof answer === 'string' && { answer: JSON.parse(answer) as Answer }),
  };
}
