import { defaultBucketNames, objectKeys } from '@mosaicme/contracts';
import { PermanentError, TransientError } from '@mosaicme/errors';
import {
  createFolderStore,
  type ObjectStore,
  readRecord,
  writeRecord,
} from '@mosaicme/object-store';
import { answerIntentSchema } from '@mosaicme/requests';
import { OutcomeUnknown, type AnswerRequest, type Network } from '@mosaicme/social';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAnswerOnce, nextStep } from './answer-once';

const id = 'a'.repeat(32);
const keys = objectKeys(defaultBucketNames);
const settleMs = 60_000;
const posted = { postId: '77', link: 'https://x.com/bot/status/77' };
const target = { inReplyTo: '12', key: id };
const request: Omit<AnswerRequest, 'firstAttemptAt'> = {
  ...target,
  text: 'Hi @alice',
  picture: { bytes: new Uint8Array([1]), contentType: 'image/jpeg', altText: 'A mosaic.' },
};

describe('the next step', () => {
  const intendedAt = '2026-01-01T00:00:10.000Z';
  it('is to post where nobody tried before, or where nothing was posted', () => {
    expect(nextStep(undefined, settleMs)).toEqual({ do: 'post' });
    expect(nextStep({ id, intendedAt, outcome: 'not-posted' }, settleMs)).toEqual({ do: 'post' });
  });

  it.each(['unknown', 'parked'] as const)('is to look first after an outcome %s', (outcome) => {
    expect(nextStep({ id, intendedAt, outcome }, settleMs)).toEqual({
      do: 'look',
      since: new Date(intendedAt),
      settledAt: new Date('2026-01-01T00:01:10.000Z'),
    });
  });

  it('looks back to the first attempt and waits for the last one', () => {
    const firstIntendedAt = '2026-01-01T00:00:00.000Z';
    expect(nextStep({ id, intendedAt, firstIntendedAt, outcome: 'unknown' }, settleMs)).toEqual({
      do: 'look',
      since: new Date(firstIntendedAt),
      settledAt: new Date('2026-01-01T00:01:10.000Z'),
    });
  });
});

describe('an answer', () => {
  let folder: string;
  let store: ObjectStore;
  let clock: number;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'answer-once-'));
    store = createFolderStore({ root: folder });
    await store.ensureBucket(defaultBucketNames.outSmall);
    clock = Date.parse('2026-01-01T00:00:00.000Z');
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  /** A network whose timeline shows what was posted, unless told otherwise. */
  function createNetwork(behaviour: Partial<Network> = {}) {
    const posts: string[] = [];
    const network: Network = {
      id: { name: 'x', instance: 'x.com' },
      limits: {
        length: ({ length }) => length,
        maxText: 280,
        pictureBytes: 1e6,
        picturePixels: 1e6,
        altText: 100,
      },
      async *follow() {},
      async *check() {},
      deleteAnswer: async () => undefined,
      async answer({ inReplyTo, beforePosting }) {
        await beforePosting?.();
        posts.push(inReplyTo);
        return posted;
      },
      findAnswer: async ({ inReplyTo }) => (posts.includes(inReplyTo) ? posted : undefined),
      close: async () => undefined,
      ...behaviour,
    };
    return { network, posts };
  }

  const answer = (network: Network) =>
    createAnswerOnce({ store, keys }, { settleMs, now: () => new Date(clock) })(
      id,
      network,
      async () => request,
      target,
    );
  const failureOf = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );
  const intent = async () =>
    (await readRecord(store, keys.answerIntent(id), answerIntentSchema))?.record;

  it('is posted after its intent is written', async () => {
    const { network, posts } = createNetwork();
    await expect(answer(network)).resolves.toEqual(posted);
    expect(posts).toEqual(['12']);
    expect(await intent()).toMatchObject({ id, outcome: 'unknown' });
  });

  it('that was posted by a process that died is found and not posted again', async () => {
    const { network, posts } = createNetwork();
    await answer(network);
    await expect(answer(network)).resolves.toEqual(posted);
    expect(posts).toEqual(['12']);
  });

  it('whose response was lost is found on the timeline', async () => {
    const { network, posts } = createNetwork({
      async answer({ inReplyTo, beforePosting }) {
        await beforePosting?.();
        posts.push(inReplyTo);
        throw new OutcomeUnknown('x.outcome-unknown', 'X broke off.');
      },
    });
    await expect(answer(network)).rejects.toBeInstanceOf(OutcomeUnknown);
    await expect(answer(network)).resolves.toEqual(posted);
    expect(posts).toEqual(['12']);
  });

  it('is not posted again while its absence proves nothing', async () => {
    const { network, posts } = createNetwork();
    await writeRecord(store, keys.answerIntent(id), answerIntentSchema, {
      id,
      intendedAt: new Date(clock).toISOString(),
    });
    clock += settleMs - 1_000;
    const error = await failureOf(answer(network));
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ code: 'answer.unsettled', retryAfterMs: 1_000 });
    expect(posts).toEqual([]);
  });

  it('is posted when it is certainly not there', async () => {
    const { network, posts } = createNetwork();
    const first = new Date(clock).toISOString();
    await writeRecord(store, keys.answerIntent(id), answerIntentSchema, { id, intendedAt: first });
    clock += settleMs;
    await expect(answer(network)).resolves.toEqual(posted);
    expect(posts).toEqual(['12']);
    expect(await intent()).toMatchObject({ firstIntendedAt: first });
  });

  it('is tried again at once after a failure before the post', async () => {
    const { network } = createNetwork();
    const broken = {
      ...network,
      answer: async ({ beforePosting }: AnswerRequest) => {
        await beforePosting?.();
        throw new TransientError('x.rate-limit', 'Too many.');
      },
    };
    await expect(answer(broken)).rejects.toMatchObject({ code: 'x.rate-limit' });
    expect(await intent()).toMatchObject({ outcome: 'not-posted', reason: 'Too many.' });
    await expect(answer(network)).resolves.toEqual(posted);
  });

  it('leaves no intent when the upload of its picture fails', async () => {
    const { network } = createNetwork({
      answer: async () => {
        throw new TransientError('x.unavailable', 'No uploads today.');
      },
    });
    await expect(answer(network)).rejects.toMatchObject({ code: 'x.unavailable' });
    expect(await intent()).toBeUndefined();
  });

  it('is posted by one of two processes that try at the same time', async () => {
    const { network, posts } = createNetwork();
    const outcomes = await Promise.all([failureOf(answer(network)), failureOf(answer(network))]);
    expect(posts).toEqual(['12']);
    expect(outcomes.filter((error) => error !== undefined)).toEqual([
      expect.objectContaining({ code: 'answer.unsettled' }),
    ]);
  });

  it('waits for a person where the network does not tell', async () => {
    const { network, posts } = createNetwork({
      findAnswer: async () => {
        throw new PermanentError('x.forbidden', 'Reading is not in your plan.');
      },
    });
    await answer(network);
    const error = await failureOf(answer(network));
    expect(error).toBeInstanceOf(PermanentError);
    expect(error).toMatchObject({ code: 'answer.outcome-unknown' });
    expect(await intent()).toMatchObject({ outcome: 'parked' });
    expect(posts).toEqual(['12']);
  });

  it('is given when a person removed the intent and replays the message', async () => {
    const { network, posts } = createNetwork();
    await writeRecord(store, keys.answerIntent(id), answerIntentSchema, {
      id,
      intendedAt: new Date(clock).toISOString(),
      outcome: 'parked',
    });
    await store.delete(keys.answerIntent(id));
    await expect(answer(network)).resolves.toEqual(posted);
    expect(posts).toEqual(['12']);
  });
});
