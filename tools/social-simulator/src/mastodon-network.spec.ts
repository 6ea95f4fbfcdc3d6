import { randomBytes } from 'node:crypto';
import { TransientError } from '@mosaicme/errors';
import { silentLogger } from '@mosaicme/service';
import type { AnswerRequest, Post, SocialEvent } from '@mosaicme/social';
import { createMastodonNetwork } from '@mosaicme/social/testing';
import {
  startMastodonSimulator,
  type MastodonPost,
  type MastodonSimulator,
  type MastodonSimulatorOptions,
} from './mastodon/simulator';

/** What Mastodon alone does; the rest is in the suite of all networks. */

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function simulate(options: MastodonSimulatorOptions = {}) {
  const simulator = await startMastodonSimulator({ botHandle: 'bot', heartbeatMs: 50, ...options });
  cleanUps.push(() => simulator.close());
  return simulator;
}

function connect(simulator: MastodonSimulator) {
  const network = createMastodonNetwork({
    url: simulator.url,
    accessToken: simulator.accessToken,
    logger: silentLogger,
    timings: { firstMs: 5, longestMs: 20, idleMs: 1_000, settleMs: 20, mediaPollMs: 5 },
  });
  cleanUps.push(() => network.close());
  return network;
}

/** Follows #mosaicme and gives the events one by one. */
function follow(simulator: MastodonSimulator, since?: string) {
  const controller = new AbortController();
  const events = connect(simulator)
    .follow({
      hashtags: ['mosaicme'],
      name: 'requests',
      ...(since !== undefined && { since }),
      signal: controller.signal,
    })
    [Symbol.asyncIterator]();
  cleanUps.push(() => controller.abort());
  const next = async (): Promise<SocialEvent> => {
    const { value, done } = await events.next();
    if (done) throw new Error('The events ended.');
    return value;
  };
  const nextPost = async (): Promise<Post> => {
    const event = await next();
    if (event.kind === 'withdrawn') throw new Error('A post was withdrawn.');
    return event.post;
  };
  return { next, nextPost };
}

const photo = () => [{ type: 'image' as const, bytes: randomBytes(100) }];
const say = (simulator: MastodonSimulator, text: string, more: Partial<MastodonPost> = {}) =>
  simulator.post({ handle: 'alice', text, media: photo(), ...more });

describe('following a hashtag on Mastodon', () => {
  it('knows authors of this and of other servers by their whole names', async () => {
    const simulator = await simulate();
    say(simulator, 'one #mosaicme');
    say(simulator, 'two #mosaicme', { handle: 'bob@elsewhere.example' });
    const { nextPost } = follow(simulator, '1');
    const posts = [await nextPost(), await nextPost()];
    expect(posts.map(({ author }) => author.handle)).toEqual([
      `alice@${simulator.domain}`,
      'bob@elsewhere.example',
    ]);
    expect(posts[1]?.id).toMatch(/^https:\/\/elsewhere\.example\/users\/bob\/statuses\//);
    expect(posts[1]?.network).toEqual({ name: 'mastodon', instance: simulator.domain });
  });

  it('finds a post of another server that came late, with an id from before the cursor', async () => {
    const simulator = await simulate();
    const { id: cursor } = say(simulator, 'known #mosaicme');
    say(simulator, 'late #mosaicme', {
      handle: 'bob@elsewhere.example',
      writtenAt: new Date(Date.now() - 20 * 60_000),
    });
    const { nextPost } = follow(simulator, cursor);
    const texts = [(await nextPost()).text, (await nextPost()).text];
    expect(texts).toContain('late #mosaicme');
  });

  it('hears of a mention that is on no tag stream, and tells of it once', async () => {
    const simulator = await simulate();
    say(simulator, '@bot quietly #mosaicme', { visibility: 'unlisted' });
    say(simulator, '@bot aloud #mosaicme');
    say(simulator, 'last #mosaicme');
    const { nextPost } = follow(simulator, '1');
    const posts = [await nextPost(), await nextPost(), await nextPost()];
    expect(new Set(posts.map(({ text }) => text))).toEqual(
      new Set(['@bot quietly #mosaicme', '@bot aloud #mosaicme', 'last #mosaicme']),
    );
    expect(posts.map(({ text, answerable }) => text.startsWith('@bot') === answerable)).toEqual([
      true,
      true,
      true,
    ]);
  });

  it.each(['private', 'direct'] as const)('never tells of what is %s', async (visibility) => {
    const simulator = await simulate();
    say(simulator, '@bot psst #mosaicme', { visibility });
    say(simulator, 'last #mosaicme');
    expect((await follow(simulator, '1').nextPost()).text).toBe('last #mosaicme');
  });

  it('says which posts are sensitive', async () => {
    const simulator = await simulate();
    say(simulator, 'careful #mosaicme', { sensitive: true });
    expect(await follow(simulator, '1').nextPost()).toMatchObject({ restricted: 'sensitive' });
  });

  it('reads the text out of the HTML', async () => {
    const simulator = await simulate();
    say(simulator, `a < b & "c"\nit's #mosaicme`);
    expect((await follow(simulator, '1').nextPost()).text).toBe(`a < b & "c"\nit's #mosaicme`);
  });

  it('reads more missed posts than one page holds', async () => {
    const simulator = await simulate();
    const texts = Array.from({ length: 130 }, (_, index) => `${index} #mosaicme`);
    for (const text of texts) say(simulator, text);
    const { nextPost } = follow(simulator, '1');
    const found: string[] = [];
    while (found.length < texts.length) found.push((await nextPost()).text);
    expect(found).toEqual(texts);
  });

  it('names a deleted post that it does not know by the id of the server', async () => {
    const simulator = await simulate();
    const { nextPost, next } = follow(simulator);
    say(simulator, 'first #mosaicme');
    await nextPost();
    const { id } = simulator.post({ handle: 'alice', text: 'only text #mosaicme' });
    simulator.remove(id);
    expect(await next()).toMatchObject({ kind: 'withdrawn', replyTo: id, reason: 'deleted' });
  });
});

describe('answering a post on Mastodon', () => {
  const request = ({ id, uri }: { id: string; uri: string }): AnswerRequest => ({
    inReplyTo: uri,
    replyTo: id,
    key: `key of ${id}`,
    firstAttemptAt: new Date(),
    text: 'Hi @alice',
    picture: { bytes: randomBytes(3_000), contentType: 'image/jpeg', altText: 'A mosaic.' },
  });

  it('waits until the server has processed the picture', async () => {
    const simulator = await simulate();
    simulator.faults.delayMedia(3);
    await connect(simulator).answer(request(say(simulator, '@bot #mosaicme')));
    expect(simulator.answers()).toHaveLength(1);
  });

  it('uploads a picture once for all attempts, because a server takes 30 in half an hour', async () => {
    const simulator = await simulate();
    const network = connect(simulator);
    const asked = request(say(simulator, '@bot #mosaicme'));
    simulator.faults.failNext('statuses', 429);
    await expect(network.answer(asked)).rejects.toMatchObject({ code: 'mastodon.rate-limit' });
    simulator.faults.failNext('media', 429);
    await network.answer(asked);
    expect(simulator.answers()).toHaveLength(1);
  });

  it('gives a repeated answer within the hour by the key alone', async () => {
    const simulator = await simulate();
    const asked = request(say(simulator, '@bot #mosaicme'));
    const first = await connect(simulator).answer(asked);
    expect(await connect(simulator).answer(asked)).toEqual(first);
  });

  it('lets ask again when the server only now says that it takes less', async () => {
    const simulator = await simulate({ imageSizeLimit: 1_000 });
    const network = connect(simulator);
    const asked = request(say(simulator, '@bot #mosaicme'));
    const error: unknown = await network.answer(asked).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TransientError);
    expect(network.limits.pictureBytes).toBe(1_000);
    await network.answer({ ...asked, picture: { ...asked.picture, bytes: randomBytes(900) } });
    expect(simulator.answers()).toHaveLength(1);
  });
});
