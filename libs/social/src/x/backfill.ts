import { sleep } from '@mosaicme/async';
import type { Logger } from '@mosaicme/service';
import type { XClient } from './client';
import { laterId } from './ids';
import { retrying, type RetryPorts } from './retry';
import { pageSize, searchFloor, searchPage, type Found } from './search';

export interface BackfillPorts extends RetryPorts {
  readonly client: XClient;
  readonly budget: Budget;
}

/** How many posts may still be read now; every post read costs money on X. */
export interface Budget {
  /** Resolves when a page may be read. @throws the signal's reason */
  page(logger: Logger, signal: AbortSignal): Promise<void>;
  /** So many posts came. */
  spend(posts: number): void;
}

/** At most `posts` in each window of `windowMs`. */
export function createBudget(posts: number, windowMs: number): Budget {
  let left = posts;
  let renewedAt = Date.now();
  return {
    async page(logger, signal) {
      if (Date.now() >= renewedAt + windowMs) {
        left = posts;
        renewedAt = Date.now();
      }
      if (left > 0) return;
      const pauseMs = Math.max(0, renewedAt + windowMs - Date.now());
      logger.warn(
        { posts, windowMs, pauseMs },
        'More posts were missed than may be read at once; the rest is read later.',
      );
      await sleep(pauseMs, signal);
      left = posts;
      renewedAt = Date.now();
    },
    spend(read) {
      left -= read;
    },
  };
}

/** Posts that are held until all older ones of a gap are read, so that they are handed over in order. */
const heldPosts = 50 * pageSize;

/** A post of a gap. `ordered`: everything older in the gap was handed over before. */
export interface Missed extends Found {
  readonly ordered: boolean;
}

/**
 * All posts since an id that match one of the queries, the oldest first: X gives the newest first, so they
 * are held until all are read. Of a gap of more than 5,000 posts some are handed over out of order.
 *
 * Where `since` is older than X searches, what lies between is lost, and it says so. Without `since` only
 * the latest page is read: all seven days could be a large bill.
 *
 * @throws PermanentError, AccountFault; everything else is tried again.
 */
export async function* readSince(
  ports: BackfillPorts,
  options: {
    readonly queries: readonly string[];
    readonly since: string | undefined;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<Missed> {
  const { client, logger, budget } = ports;
  const { queries, since, signal } = options;
  if (since !== undefined && laterId(since, searchFloor()) !== since) {
    logger.warn(
      { queries, since },
      'The last known post is older than the seven days that X searches; what lies between is lost.',
    );
  }
  let held: Found[] = [];
  let ordered = true;
  for (const query of queries) {
    let until: string | undefined;
    do {
      await budget.page(logger, signal);
      const floor = searchFloor();
      if (until !== undefined && laterId(until, floor) === floor) break;
      const page = await retrying(ports, signal, () =>
        searchPage(client, {
          query,
          since: since === undefined ? undefined : laterId(since, searchFloor()),
          until,
          signal,
        }),
      );
      budget.spend(page.found.length);
      held.push(...page.found);
      until = since === undefined ? undefined : page.continueBefore;
      if (held.length >= heldPosts) {
        ordered = false;
        yield* inOrder(held).map((found) => ({ ...found, ordered }));
        held = [];
      }
    } while (until !== undefined);
  }
  yield* inOrder(held).map((found) => ({ ...found, ordered }));
}

const inOrder = (found: readonly Found[]): Found[] =>
  found.toSorted((one, other) => (BigInt(one.tweet.id) < BigInt(other.tweet.id) ? -1 : 1));
