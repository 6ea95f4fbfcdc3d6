import { authorKey, type ObjectKeys, type Photo } from '@mosaicme/contracts';
import { readRecord, updateRecord, type ObjectStore } from '@mosaicme/object-store';
import { standingOf, type Decision, type Standing } from './decisions';
import {
  authorDecisionLogSchema,
  decisionLogSchema,
  type AuthorDecisionLog,
  type DecisionLog,
  type DecisionOutcome,
} from './records';

export interface DecisionPorts {
  readonly store: ObjectStore;
  readonly keys: ObjectKeys;
}

/**
 * Adds a decision about a request or a raw photo. Decisions are never changed or removed, and a second
 * withdrawal adds nothing, so it can be repeated.
 *
 * @returns All decisions about it now.
 */
export async function recordDecision(
  { store, keys }: DecisionPorts,
  subject: string,
  decision: Decision,
): Promise<readonly Decision[]> {
  const log = await updateRecord(
    store,
    keys.decisions(subject),
    decisionLogSchema,
    (current): DecisionLog => {
      const before = current?.decisions ?? [];
      if (current && standingOf(before) === 'withdrawn') return current;
      return { ...current, subject, decisions: [...before, decision] };
    },
  );
  return log?.decisions ?? [];
}

/**
 * Notes what janitor did about the decisions. Of two notes about as many decisions, what they redrew and
 * removed is put together, so that repeating it forgets nothing.
 */
export async function recordOutcome(
  { store, keys }: DecisionPorts,
  subject: string,
  outcome: DecisionOutcome,
): Promise<void> {
  await updateRecord(store, keys.decisions(subject), decisionLogSchema, (current) => {
    if (!current) return undefined;
    const before = current.outcome;
    const isSame = before?.decisions === outcome.decisions;
    const redrawn = new Map(
      [...(isSame ? before.redrawn : []), ...outcome.redrawn].map((one) => [
        `${one.id} ${one.revision}`,
        one,
      ]),
    );
    const removed = new Set([...(isSame ? before.removed : []), ...outcome.removed]);
    return {
      ...current,
      outcome: { ...outcome, removed: [...removed], redrawn: [...redrawn.values()] },
    };
  });
}

/** What was decided about a request or a raw photo, oldest first. */
export async function readDecisions(
  { store, keys }: DecisionPorts,
  subject: string,
): Promise<readonly Decision[]> {
  return (
    (await readRecord(store, keys.decisions(subject), decisionLogSchema))?.record.decisions ?? []
  );
}

/** Adds a decision about everything of an author. */
export async function recordAuthorDecision(
  { store, keys }: DecisionPorts,
  author: Pick<Photo, 'network' | 'instance' | 'author'>,
  decision: Decision,
): Promise<void> {
  const key = authorKey(author);
  await updateRecord(
    store,
    keys.authorDecisions(),
    authorDecisionLogSchema,
    (current): AuthorDecisionLog => {
      const before = current?.decisions ?? [];
      if (current && standingAmong(before, key) === 'withdrawn') return current;
      const { handle } = author.author;
      return { ...current, decisions: [...before, { ...decision, author: key, handle }] };
    },
  );
}

/** What was decided about authors, as a function of a photo. */
export interface AuthorStandings {
  /** @returns What holds for the author of a photo, as it was at most `maxAgeMs` ago. */
  of(photo: Pick<Photo, 'network' | 'instance' | 'author'>): Promise<Standing>;
}

/**
 * Reads the decisions about authors now and then, because every photo asks for them and they seldom
 * change. Who decides about an author also decides about each of his photos (`withdraw` and the
 * janitor), so a decision that is missed here for a moment is not missed for good.
 */
export function createAuthorStandings(
  { store, keys }: DecisionPorts,
  { maxAgeMs, now = Date.now }: { readonly maxAgeMs: number; readonly now?: () => number },
): AuthorStandings {
  let known: { readonly readAt: number; readonly log: Promise<AuthorDecisionLog['decisions']> };
  const read = async () =>
    (await readRecord(store, keys.authorDecisions(), authorDecisionLogSchema))?.record.decisions ??
    [];
  return {
    async of(photo) {
      if (known === undefined || now() - known.readAt > maxAgeMs) {
        known = { readAt: now(), log: read() };
        // A failed reading must not be remembered.
        const reading = known;
        reading.log.catch(() => {
          if (known === reading) known = { ...reading, readAt: -Infinity };
        });
      }
      return standingAmong(await known.log, authorKey(photo));
    },
  };
}

const standingAmong = (decisions: AuthorDecisionLog['decisions'], author: string): Standing =>
  standingOf(decisions.filter((decision) => decision.author === author));
