import {
  parseEvent,
  type MosaicmeEvent,
  type ObjectKeys,
  type QueueNames,
  type QueueRole,
} from '@mosaicme/contracts';
import { PermanentError } from '@mosaicme/errors';
import type { Letter, MessagingAdmin, Select } from '@mosaicme/messaging';
import { type ObjectStore, readRecord } from '@mosaicme/object-store';
import { subjectOf } from '@mosaicme/pipeline';
import { failureRecordSchema } from '@mosaicme/requests';
import { clip, formatTable, oneLine } from './format';

/** Which dead letters an operator means. */
export interface Choice {
  readonly ids: readonly string[];
  /** Only letters with this code. */
  readonly code?: string | undefined;
  readonly all: boolean;
}

/**
 * Whether a letter is meant.
 *
 * @throws PermanentError `operator.nothing-chosen`, because an empty choice is more likely a slip than
 *   a wish for everything.
 */
export function selectBy({ ids, code, all }: Choice): Select {
  if (ids.length === 0 && code === undefined && !all) {
    throw new PermanentError(
      'operator.nothing-chosen',
      'Say which letters: their ids, --code CODE, or --all.',
    );
  }
  return (letter) =>
    (ids.length === 0 || ids.includes(letter.id)) && (code === undefined || letter.code === code);
}

/** Characters of a reason in a table; `dead show` has the rest. */
const reasonLength = 100;

/** Dead letters as a table, or as JSON with everything that is known of them. */
export async function listLetters(
  admin: MessagingAdmin,
  roles: readonly QueueRole[],
  names: QueueNames,
  { limit, json }: { readonly limit: number; readonly json: boolean },
): Promise<string> {
  const letters: { readonly queue: string; readonly letter: Letter }[] = [];
  for (const role of roles) {
    for (const letter of await admin.deadLetters(role, { limit })) {
      letters.push({ queue: names[role], letter });
    }
  }
  if (json) {
    return JSON.stringify(
      letters.map(({ queue, letter }) => toJson(letter, queue)),
      undefined,
      2,
    );
  }
  return formatTable(
    ['QUEUE', 'ID', 'ABOUT', 'CODE', 'ATTEMPTS', 'FAILED AT', 'REASON'],
    letters.map(({ queue, letter }) => [
      queue,
      letter.id,
      eventOf(letter)?.subject ?? '-',
      letter.code,
      letter.attempts,
      letter.failedAt ?? '-',
      clip(letter.reason, reasonLength),
    ]),
  );
}

/**
 * A dead letter with its whole message and its history.
 *
 * @throws PermanentError `operator.no-such-letter`
 */
export async function showLetter(
  admin: MessagingAdmin,
  role: QueueRole,
  names: QueueNames,
  id: string,
  { json }: { readonly json: boolean },
): Promise<string> {
  const letters = await admin.deadLetters(role, { limit: Infinity });
  const letter = letters.find((candidate) => candidate.id === id);
  if (!letter) throw noSuchLetter(names[role]);
  if (json) return JSON.stringify(toJson(letter, names[role]), undefined, 2);
  const { code, reason, attempts, failedAt = '-', history } = letter;
  return [
    formatTable(
      ['LETTER', letter.id],
      [
        ['queue', names[role]],
        ['code', code],
        ['reason', reason],
        ['attempts', String(attempts)],
        ['failed at', failedAt],
      ],
    ),
    formatTable(
      ['ATTEMPT', 'AT', 'CODE', 'REASON'],
      history.map((failure) => [failure.attempt, failure.at, failure.code, failure.reason]),
    ),
    // As JSON, which shows what is not printable instead of doing it.
    JSON.stringify(contentOf(letter), undefined, 2),
  ].join('\n\n');
}

/**
 * Sends dead letters back to work. Before a letter moves, the record of its failure is taken out of the
 * bucket: the request counts as open again, and should the letter be lost after all, reconciliation
 * announces it.
 *
 * @throws PermanentError `operator.no-such-letter` when none was meant.
 */
export async function replayLetters(
  admin: MessagingAdmin,
  { store, keys }: { readonly store: ObjectStore; readonly keys: ObjectKeys },
  role: QueueRole,
  names: QueueNames,
  choice: Choice,
): Promise<number> {
  const queue = names[role];
  const moved = await admin.replay(role, {
    select: selectBy(choice),
    before: async (letter) => {
      const event = eventOf(letter);
      const subject = event && subjectOf(event);
      if (!subject) return;
      const ref = keys.failureRecord(subject.id);
      const failure = await readRecord(store, ref, failureRecordSchema);
      if (failure?.record.step === role) await store.delete(ref);
    },
  });
  if (moved === 0) throw noSuchLetter(queue);
  return moved;
}

/** Deletes dead letters for good. @throws PermanentError `operator.no-such-letter` when none was meant. */
export async function dropLetters(
  admin: MessagingAdmin,
  role: QueueRole,
  names: QueueNames,
  choice: Choice,
): Promise<number> {
  const dropped = await admin.drop(role, { select: selectBy(choice) });
  if (dropped === 0) throw noSuchLetter(names[role]);
  return dropped;
}

const noSuchLetter = (queue: string) =>
  new PermanentError(
    'operator.no-such-letter',
    `No dead letter of '${queue}' is meant by that; 'mosaicme dead list ${queue}' shows them.`,
  );

function toJson({ content: _content, ...letter }: Letter, queue: string) {
  return { ...letter, queue, message: contentOf({ content: _content }) };
}

/** The message as JSON where it is that, as text where it is that, else in base64. */
function contentOf({ content }: Pick<Letter, 'content'>): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return { base64: Buffer.from(content).toString('base64') };
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return oneLine(text);
  }
}

/** Undefined for a message that nobody can read. */
function eventOf({ content }: Letter): MosaicmeEvent | undefined {
  try {
    return parseEvent(content);
  } catch {
    return undefined;
  }
}
