import { randomBytes } from 'node:crypto';
import { isPermanent, PermanentError, TransientError } from '@mosaicme/errors';
import type { Logger } from '@mosaicme/service';
import {
  AccountFault,
  RateLimited,
  downloadMedia,
  type AnswerRequest,
  type Network,
  type Post,
  type SocialEvent,
} from '@mosaicme/social';
import { createXNetwork, type XNetworkOptions } from '@mosaicme/social/testing';
import { startSimulator, type Failure, type Simulator, type SimulatorOptions } from './index';

/** The real twitter-api-v2 client against the simulator. */

const photo = randomBytes(2000);
const connected = 'Connected to the filtered stream.';
const searching = /^Another client holds the only stream connection/;

const timings = {
  keepAliveMs: 5_000,
  idleMs: 5_000,
  firstPauseMs: 5,
  longestPauseMs: 20,
  searchIntervalMs: 20,
  searchLagMs: 20,
  occupiedPausesMs: [10, 20],
  streamRetryMs: 60,
};

const cleanUps: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function simulate(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator({ botHandle: 'mosaicbot', keepAliveMs: 50, ...options });
  cleanUps.push(() => simulator.close());
  return simulator;
}

function connect(simulator: Simulator, options: Partial<XNetworkOptions> = {}) {
  const log = createLog();
  const network = createXNetwork({
    credentials: simulator.credentials,
    username: '@MosaicBot',
    endpoint: { host: simulator.host, port: simulator.port },
    logger: log.logger,
    ...options,
    timings: { ...timings, ...options.timings },
  });
  cleanUps.push(() => network.close());
  return { network, log };
}

/** A logger whose messages can be awaited. */
function createLog() {
  const messages: string[] = [];
  const waiting = new Set<() => void>();
  const write = (_fields: object, message: string) => {
    messages.push(message);
    for (const check of waiting) check();
  };
  const logger: Logger = {
    debug: write,
    info: write,
    warn: write,
    error: write,
    child: () => logger,
  };
  const count = (wanted: string | RegExp) =>
    messages.filter((message) => message.search(wanted) >= 0).length;
  return {
    logger,
    count,
    /** Resolves when the message was logged `times` times. */
    seen: (wanted: string | RegExp, times = 1) =>
      new Promise<void>((fulfil) => {
        const check = () => {
          if (count(wanted) < times) return;
          waiting.delete(check);
          fulfil();
        };
        waiting.add(check);
        check();
      }),
  };
}

/** Follows #MosaicMe and #Mosaik from now on; `next` gives the posts one by one, `end` what comes after a stop. */
function follow(network: Network, options: { since?: string } = {}) {
  const controller = new AbortController();
  const posts = network.follow({
    hashtags: ['MosaicMe', 'Mosaik'],
    name: 'requests',
    signal: controller.signal,
    ...options,
  });
  const iterator = posts[Symbol.asyncIterator]();
  // Nothing happens before the first post is asked for, so one is always asked for.
  const ask = () => {
    const asked = iterator.next();
    asked.catch(() => {});
    return asked;
  };
  let upcoming = ask();
  const step = () => {
    const current = upcoming;
    upcoming = ask();
    return current;
  };
  const stop = async () => {
    controller.abort();
    await upcoming.catch(() => {});
  };
  cleanUps.push(stop);
  return {
    stop,
    end: () => upcoming,
    async nextEvent(): Promise<SocialEvent> {
      const { value, done } = await step();
      if (done) throw new Error('The posts ended.');
      return value;
    },
    async next(): Promise<Post> {
      const event = await this.nextEvent();
      if (event.kind === 'withdrawn') throw new Error('A post was withdrawn.');
      return event.post;
    },
    async texts(count: number): Promise<string[]> {
      const texts: string[] = [];
      while (texts.length < count) texts.push((await this.next()).text);
      return texts;
    },
  };
}

const say = (simulator: Simulator, text: string, handle = 'alice') =>
  simulator.post({ handle, text, photos: [photo] });

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('following a hashtag on X', () => {
  it('reads the posts since the last one, oldest first, and then new ones as they come', async () => {
    const simulator = await simulate();
    const known = await say(simulator, 'one #mosaicme');
    for (const text of ['two #mosaicme', 'three #mosaicme']) await say(simulator, text);
    const { network, log } = connect(simulator);
    const posts = follow(network, { since: known.id });
    expect(await posts.texts(2)).toEqual(['two #mosaicme', 'three #mosaicme']);
    await log.seen(connected);
    await say(simulator, 'four #MOSAICME');
    expect(await posts.texts(1)).toEqual(['four #MOSAICME']);
  });

  it('reads more missed posts than one page of search holds', async () => {
    const simulator = await simulate();
    const known = await say(simulator, 'start #mosaicme');
    const texts = Array.from({ length: 230 }, (_, index) => `${index} #mosaicme`);
    for (const text of texts) await say(simulator, text);
    const { network } = connect(simulator);
    expect(await follow(network, { since: known.id }).texts(230)).toEqual(texts);
  });

  it('describes a post with author, link, text and photos that can be downloaded', async () => {
    const simulator = await simulate();
    const made = await simulator.post({
      handle: 'alice',
      name: 'Alice A.',
      text: 'a < b & c #mosaicme',
      photos: [photo, { bytes: randomBytes(10), contentType: 'image/png', altText: 'a dot' }],
    });
    const post = await follow(connect(simulator).network).next();
    expect(post).toEqual({
      network: { name: 'x', instance: 'x.com' },
      id: made.id,
      author: { id: made.author.id, handle: 'alice', name: 'Alice A.' },
      link: `${simulator.url}/alice/status/${made.id}`,
      text: 'a < b & c #mosaicme',
      tags: ['mosaicme'],
      postedAt: made.createdAt,
      media: [
        { mediaIndex: 0, url: `${simulator.url}/media/${made.photos[0]?.key}` },
        { mediaIndex: 1, url: `${simulator.url}/media/${made.photos[1]?.key}`, altText: 'a dot' },
      ],
      answerable: false,
    });
    const media = await downloadMedia(post.media[0]?.url ?? '', {
      allowedOrigins: [simulator.url],
    });
    expect(Buffer.from(media.bytes).equals(photo)).toBe(true);
    expect(media.contentType).toBe('image/jpeg');
  });

  it('marks posts that mention or quote the bot as answerable, and all with Enterprise access', async () => {
    const simulator = await simulate();
    const mine = await say(simulator, 'by the bot', 'mosaicbot');
    await say(simulator, '#mosaicme');
    await say(simulator, '@MOSAICBOT #mosaicme');
    await say(simulator, '@mosaicbots #mosaicme');
    await simulator.post({ handle: 'bob', text: '#mosaicme', photos: [photo], quotes: mine.id });
    const { network } = connect(simulator);
    const posts = follow(network);
    const answerable = [];
    for (let index = 0; index < 4; index++) answerable.push((await posts.next()).answerable);
    expect(answerable).toEqual([false, true, false, true]);
    await posts.stop();
    const enterprise = follow(connect(simulator, { answerAll: true }).network);
    expect((await enterprise.next()).answerable).toBe(true);
  });

  it('reconnects after a dropped line and through a rate limit, and reads what it missed', async () => {
    const simulator = await simulate();
    const { network, log } = connect(simulator);
    const posts = follow(network);
    await log.seen(connected);
    await say(simulator, 'before #mosaicme');
    expect(await posts.texts(1)).toEqual(['before #mosaicme']);
    simulator.faults.failNext('stream', 429);
    simulator.faults.failNext('stream', 503, 2);
    simulator.faults.dropStreams();
    await log.seen('The filtered stream ended');
    await say(simulator, 'meanwhile #mosaicme');
    expect(await posts.texts(1)).toEqual(['meanwhile #mosaicme']);
    await log.seen(connected, 2);
    await say(simulator, 'after #mosaicme');
    expect(await posts.texts(1)).toEqual(['after #mosaicme']);
  });

  it('says from where to read on so that nothing handed over later is missed', async () => {
    const simulator = await simulate();
    const known = await say(simulator, 'known #mosaicme');
    for (let count = 0; count < 5; count++) await say(simulator, `missed ${count} #mosaicme`);
    // The stream comes first here, with posts that are younger than the missed ones.
    simulator.faults.failNext('search', 503, 3);
    const { network, log } = connect(simulator, { timings: { searchLagMs: 5 } });
    const posts = follow(network, { since: known.id });
    await log.seen(connected);
    for (let count = 0; count < 5; count++) await say(simulator, `new ${count} #mosaicme`);
    const handedOver: { id: string; resumeFrom: string | undefined }[] = [];
    while (handedOver.length < 10) {
      const event = await posts.nextEvent();
      if (event.kind === 'withdrawn') throw new Error('A post was withdrawn.');
      handedOver.push({ id: event.post.id, resumeFrom: event.resumeFrom });
    }
    handedOver.forEach(({ resumeFrom }, index) => {
      const later = handedOver.slice(index + 1);
      expect(later.filter(({ id }) => BigInt(id) <= BigInt(resumeFrom ?? 0))).toEqual([]);
    });
    expect(handedOver.every(({ resumeFrom }) => BigInt(resumeFrom ?? 0) >= BigInt(known.id))).toBe(
      true,
    );
  });

  it('promises from the first start on that later posts are not missed', async () => {
    const simulator = await simulate();
    const { network, log } = connect(simulator);
    const posts = follow(network);
    await log.seen(connected, 1);
    await log.seen('Read all that was missed.');
    const first = await say(simulator, 'first #mosaicme');
    const { resumeFrom } = await posts.nextEvent();
    expect(BigInt(resumeFrom ?? 0)).toBeGreaterThan(0n);
    expect(BigInt(resumeFrom ?? 0)).toBeLessThan(BigInt(first.id));
  });

  it('notices a line that went dead silently, and reconnects', async () => {
    const simulator = await simulate();
    simulator.faults.silenceStreams(true);
    const { network, log } = connect(simulator, { timings: { keepAliveMs: 60 } });
    const posts = follow(network);
    await log.seen(connected, 2);
    await say(simulator, 'still here #mosaicme');
    expect(await posts.texts(1)).toEqual(['still here #mosaicme']);
  });

  it('keeps characters whole that are split across chunks, also after a reconnection', async () => {
    const simulator = await simulate();
    simulator.faults.splitStreamChunks(true);
    // Searching would bring the text unharmed, so it must not come first.
    simulator.faults.failNext('search', 503, 1000);
    const { network, log } = connect(simulator);
    const posts = follow(network);
    for (const round of [1, 2]) {
      await log.seen(connected, round);
      await say(simulator, `é🎉日本 ${round} #mosaicme`);
      expect(await posts.texts(1)).toEqual([`é🎉日本 ${round} #mosaicme`]);
      simulator.faults.dropStreams();
    }
  });

  it('gives a post once that stream and search both bring', async () => {
    const simulator = await simulate();
    const { network, log } = connect(simulator, { timings: { searchLagMs: 10_000 } });
    const posts = follow(network);
    await log.seen(connected);
    await say(simulator, 'one #mosaicme');
    expect(await posts.texts(1)).toEqual(['one #mosaicme']);
    simulator.faults.dropStreams();
    await log.seen(connected, 2);
    await say(simulator, 'two #mosaicme');
    expect(await posts.texts(1)).toEqual(['two #mosaicme']);
  });

  it('never gives its own posts, reposts, posts without photo or of other tags', async () => {
    const simulator = await simulate();
    simulator.addRule({ value: 'from:carol', tag: 'foreign' });
    const { network, log } = connect(simulator);
    const posts = follow(network);
    await log.seen(connected);
    const original = await say(simulator, '@mosaicbot original #mosaicme');
    await say(simulator, 'mine #mosaicme', 'mosaicbot');
    await simulator.post({
      handle: 'bob',
      text: 'RT #mosaicme',
      photos: [photo],
      reposts: original.id,
    });
    await simulator.post({ handle: 'bob', text: 'no photo #mosaicme' });
    await say(simulator, 'other tag #mosaicmetoo', 'bob');
    await say(simulator, 'foreign rule', 'carol');
    await say(simulator, 'last #mosaicme');
    expect(await posts.texts(2)).toEqual(['@mosaicbot original #mosaicme', 'last #mosaicme']);
  });

  it('holds few posts for a slow reader and searches the rest later', async () => {
    const simulator = await simulate();
    const { network, log } = connect(simulator, { bufferSize: 3 });
    const posts = follow(network);
    await log.seen(connected);
    const texts = Array.from({ length: 40 }, (_, index) => `${index} #mosaicme`);
    for (const text of texts) await say(simulator, text);
    expect(new Set(await posts.texts(40))).toEqual(new Set(texts));
  });

  it('searches while another client holds the only connection, and streams when it is free', async () => {
    const simulator = await simulate();
    const first = connect(simulator);
    const holder = follow(first.network);
    await first.log.seen(connected);
    const second = connect(simulator);
    const posts = follow(second.network);
    const post = posts.texts(1);
    await second.log.seen(searching);
    await say(simulator, 'searched #mosaicme');
    expect(await post).toEqual(['searched #mosaicme']);
    await holder.stop();
    await second.log.seen(connected);
    expect(simulator.streams()).toBe(1);
  });

  it('only searches in search mode', async () => {
    const simulator = await simulate();
    const { network } = connect(simulator, { mode: 'search' });
    const posts = follow(network);
    for (const text of ['one #mosaicme', 'two #mosaicme']) {
      await say(simulator, text);
      expect(await posts.texts(1)).toEqual([text]);
    }
    expect(simulator.rules()).toEqual([]);
    expect(simulator.streams()).toBe(0);
  });

  it('sets exactly its own rule, removes its stale one and leaves foreign ones alone', async () => {
    const simulator = await simulate();
    simulator.addRule({ value: '#other has:images', tag: 'foreign' });
    simulator.addRule({ value: '#lastyear has:images', tag: 'requests:lastyear' });
    for (const round of [1, 2]) {
      const { network, log } = connect(simulator);
      const posts = follow(network);
      await log.seen(connected);
      await posts.stop();
      expect([round, simulator.rules().map(({ value, tag }) => [tag, value])]).toEqual([
        round,
        [
          ['foreign', '#other has:images'],
          ['requests:mosaicme,mosaik', '(#MosaicMe OR #Mosaik) has:images -is:retweet'],
        ],
      ]);
    }
  });

  it('leaves out what only quotes a post with the tag', async () => {
    const simulator = await simulate();
    const { network, log } = connect(simulator);
    const posts = follow(network);
    await log.seen(connected);
    const original = await say(simulator, 'original #mosaicme');
    await simulator.post({
      handle: 'bob',
      text: 'look at this',
      photos: [photo],
      quotes: original.id,
    });
    await say(simulator, 'last #mosaicme');
    expect(await posts.texts(2)).toEqual(['original #mosaicme', 'last #mosaicme']);
  });

  it('follows while X does not say who the bot is', async () => {
    const simulator = await simulate();
    simulator.setLimit('users', { requests: 0, windowMs: 900_000 });
    const mine = await say(simulator, 'by the bot', 'mosaicbot');
    const { network, log } = connect(simulator);
    const posts = follow(network);
    await log.seen(connected);
    await simulator.post({ handle: 'bob', text: '#mosaicme', photos: [photo], quotes: mine.id });
    expect(await posts.next()).toMatchObject({ answerable: true });
  });

  it('waits for its own cut connection to be freed instead of searching', async () => {
    const simulator = await simulate({ ghostMs: 60 });
    const { network, log } = connect(simulator, {
      timings: { occupiedPausesMs: [10, 20, 40, 80] },
    });
    follow(network);
    await log.seen(connected);
    simulator.faults.dropStreams();
    await log.seen(connected, 2);
    expect(log.count('still held')).toBeGreaterThan(0);
    expect(log.count(searching)).toBe(0);
  });

  it('leaves the rules alone while the stream belongs to another client', async () => {
    const simulator = await simulate();
    const first = connect(simulator);
    const holder = follow(first.network);
    await first.log.seen(connected);
    const rules = simulator.rules();
    const second = connect(simulator);
    const controller = new AbortController();
    cleanUps.push(() => controller.abort());
    const others = second.network.follow({
      hashtags: ['Elsewhere'],
      name: 'requests',
      signal: controller.signal,
    });
    others[Symbol.asyncIterator]()
      .next()
      .catch(() => {});
    await second.log.seen(searching);
    expect(simulator.rules()).toEqual(rules);
    await say(simulator, 'still heard #mosaicme');
    expect(await holder.texts(1)).toEqual(['still heard #mosaicme']);
  });

  it('asks for many hashtags by several rules and searches', async () => {
    const simulator = await simulate();
    const hashtags = Array.from(
      { length: 25 },
      (_, index) => `hashtagnumber${'x'.repeat(9)}${index}`,
    );
    const { network, log } = connect(simulator);
    const controller = new AbortController();
    cleanUps.push(() => controller.abort());
    const posts = network.follow({ hashtags, name: 'many', signal: controller.signal });
    const first = posts[Symbol.asyncIterator]().next();
    await log.seen(connected);
    expect(simulator.rules().length).toBeGreaterThan(1);
    await say(simulator, `#${hashtags[24]}`);
    expect((await first).value).toMatchObject({ post: { text: `#${hashtags[24]}` } });
  });

  it('reads missed posts within a budget, and none is passed over', async () => {
    const simulator = await simulate();
    const known = await say(simulator, 'start #mosaicme');
    const texts = Array.from({ length: 320 }, (_, index) => `${index} #mosaicme`);
    for (const text of texts) await say(simulator, text);
    const { network, log } = connect(simulator, {
      mode: 'search',
      backfillPosts: 100,
      timings: { backfillWindowMs: 50, searchIntervalMs: 60_000 },
    });
    const posts = follow(network, { since: known.id });
    expect(await posts.texts(320)).toEqual(texts);
    expect(log.count('the rest is read later')).toBeGreaterThan(1);
    expect(simulator.spending().postsRead).toBe(320);
  });

  it('says that posts are lost which are older than X searches', async () => {
    const simulator = await simulate();
    await say(simulator, 'recent #mosaicme');
    const { network, log } = connect(simulator);
    const posts = follow(network, { since: '1000000000000000000' });
    expect(await posts.texts(1)).toEqual(['recent #mosaicme']);
    expect(log.count('what lies between is lost')).toBe(1);
  });

  it('finds a post that search learns of late', async () => {
    const simulator = await simulate({ searchLagMs: 100 });
    const { network, log } = connect(simulator, { timings: { searchLagMs: 200 } });
    const posts = follow(network);
    await log.seen(connected);
    simulator.faults.muteStreams();
    await say(simulator, 'late #mosaicme');
    simulator.faults.dropStreams();
    expect(await posts.texts(1)).toEqual(['late #mosaicme']);
  });

  it('ends at once when stopped, whatever X does', async () => {
    const simulator = await simulate();
    simulator.faults.failNext('search', 503, 1000);
    const { network, log } = connect(simulator, {
      timings: { firstPauseMs: 60_000, longestPauseMs: 60_000 },
    });
    const posts = follow(network);
    await log.seen('X cannot be read now');
    const end = posts.end();
    await posts.stop();
    expect(await end).toEqual({ value: undefined, done: true });
  });

  it('closes the stream when stopped in the middle of it', async () => {
    const simulator = await simulate();
    const { network, log } = connect(simulator);
    const posts = follow(network);
    await log.seen('Read all that was missed.');
    const end = posts.end();
    await posts.stop();
    expect(await end).toEqual({ value: undefined, done: true });
    const next = connect(simulator);
    follow(next.network);
    await next.log.seen(connected);
  });

  it('ends when the network is closed', async () => {
    const simulator = await simulate();
    const { network, log } = connect(simulator);
    const end = follow(network).end();
    await log.seen(connected);
    await network.close();
    expect(await end).toEqual({ value: undefined, done: true });
  });

  it('waits for a server that is not there yet', async () => {
    const simulator = await simulate();
    simulator.faults.failNext('users', 503, 2);
    simulator.faults.failNext('token', 503, 2);
    simulator.faults.failNext('rules', 503, 2);
    await say(simulator, 'patience #mosaicme');
    expect(await follow(connect(simulator).network).texts(1)).toEqual(['patience #mosaicme']);
  });

  it.each([
    ['consumerKey', 'wrong'],
    ['consumerSecret', 'wrong'],
    ['accessToken', 'wrong'],
    ['accessTokenSecret', 'wrong'],
    ['bearerToken', 'wrong'],
  ])('stops with a fault of the account when the %s is wrong', async (name, value) => {
    const simulator = await simulate();
    const { network } = connect(simulator, {
      credentials: { ...simulator.credentials, [name]: value },
    });
    const error = await failure(follow(network).next());
    expect(error).toBeInstanceOf(AccountFault);
    expect(error).toMatchObject({ code: 'x.unauthorized' });
    expect(String(error)).toContain('TWITTER_CONSUMER_KEY');
  });

  it('fetches the app-only token when none is given', async () => {
    const simulator = await simulate();
    const { bearerToken: _unused, ...credentials } = simulator.credentials;
    await say(simulator, 'hello #mosaicme');
    const { network } = connect(simulator, { credentials });
    expect(await follow(network).texts(1)).toEqual(['hello #mosaicme']);
  });

  it('refuses a hashtag that X would never match', async () => {
    const simulator = await simulate();
    const { network } = connect(simulator);
    const { signal } = new AbortController();
    const posts = network.follow({ hashtags: ['#two words'], name: 'requests', signal });
    const error = await failure(posts[Symbol.asyncIterator]().next());
    expect(error).toMatchObject({ code: 'x.bad-hashtag' });
  });
});

describe('answering a post on X', () => {
  const picture = {
    bytes: randomBytes(2_500_000),
    contentType: 'image/jpeg',
    altText: 'A mosaic.',
  } as const;
  const request = (inReplyTo: string, text = 'Hi @alice'): AnswerRequest => ({
    inReplyTo,
    key: inReplyTo,
    firstAttemptAt: new Date(),
    text,
    picture,
  });

  async function asked(options: SimulatorOptions = {}, network: Partial<XNetworkOptions> = {}) {
    const simulator = await simulate(options);
    const post = await say(simulator, '@mosaicbot please #mosaicme');
    return { simulator, post, ...connect(simulator, network) };
  }

  it('replies with the very bytes of the picture and its description', async () => {
    const { simulator, post, network } = await asked();
    const { postId, link } = await network.answer(request(post.id));
    const [answer] = simulator.answers();
    expect(answer).toMatchObject({ id: postId, text: 'Hi @alice', inReplyTo: post.id });
    expect(link).toBe(`${simulator.url}/MosaicBot/status/${postId}`);
    expect(answer?.photos).toHaveLength(1);
    expect(answer?.photos[0]).toMatchObject({ altText: 'A mosaic.', contentType: 'image/jpeg' });
    expect(Buffer.from(answer?.photos[0]?.bytes ?? []).equals(picture.bytes)).toBe(true);
  });

  it('replies without a description when X takes none', async () => {
    const { simulator, post, network, log } = await asked();
    simulator.faults.failNext('metadata', 500);
    await network.answer(request(post.id));
    expect(simulator.answers()[0]?.photos[0]?.altText).toBeUndefined();
    expect(log.count('without its description')).toBe(1);
  });

  it('may not reply to a post that does not mention the bot', async () => {
    const { simulator, network } = await asked();
    const post = await say(simulator, 'hello #mosaicme');
    const error = await failure(network.answer(request(post.id)));
    expect(error).toMatchObject({ code: 'x.reply-not-allowed' });
    expect(isPermanent(error)).toBe(true);
    expect(simulator.answers()).toEqual([]);
  });

  it('may reply to any post with Enterprise access', async () => {
    const { simulator, network } = await asked({ enterprise: true });
    const post = await say(simulator, 'hello #mosaicme');
    await network.answer(request(post.id));
    expect(simulator.answers()).toHaveLength(1);
  });

  it('tells a refused duplicate', async () => {
    const { post, network } = await asked();
    await network.answer(request(post.id));
    const error = await failure(network.answer(request(post.id)));
    expect(error).toBeInstanceOf(PermanentError);
    expect(error).toMatchObject({ code: 'x.duplicate' });
  });

  it('tells that the post is gone', async () => {
    const { simulator, post, network } = await asked();
    simulator.remove(post.id);
    const error = await failure(network.answer(request(post.id)));
    expect(error).toBeInstanceOf(PermanentError);
    expect(error).toMatchObject({ code: 'x.post-gone' });
  });

  it('tells when the rate limit ends', async () => {
    const { simulator, post, network } = await asked();
    simulator.setLimit('post', { requests: 0, windowMs: 60_000 });
    const error = await failure(network.answer(request(post.id)));
    expect(error).toBeInstanceOf(TransientError);
    const { code, retryAfterMs } = error as TransientError;
    expect(code).toBe('x.rate-limit');
    expect(retryAfterMs).toBeGreaterThan(50_000);
    expect(retryAfterMs).toBeLessThanOrEqual(61_000);
  });

  it('names the variables when the credentials are wrong', async () => {
    const { simulator, post } = await asked();
    const { network } = connect(simulator, {
      credentials: { ...simulator.credentials, accessTokenSecret: 'wrong' },
    });
    const error = await failure(network.answer(request(post.id)));
    expect(error).toMatchObject({ code: 'x.unauthorized' });
    expect(String(error)).toContain('TWITTER_ACCESS_TOKEN_SECRET');
  });

  it.each(['reset', 'hang'] as const)(
    'says that the outcome is unknown when X accepts the reply and then %ss, and a retry is a duplicate',
    async (how) => {
      const { simulator, post, network } = await asked({}, { timings: { idleMs: 200 } });
      simulator.faults.loseAnswerAfterPosting(how);
      const error = await failure(network.answer(request(post.id)));
      expect(error).toBeInstanceOf(TransientError);
      expect(error).toMatchObject({ code: 'x.outcome-unknown' });
      expect(simulator.answers()).toHaveLength(1);
      const again = await failure(network.answer(request(post.id)));
      expect(again).toMatchObject({ code: 'x.duplicate' });
      expect(simulator.answers()).toHaveLength(1);
    },
  );

  it('may retry when X fails before the reply', async () => {
    const { simulator, post, network } = await asked();
    simulator.faults.failNext('media', 503);
    const error = await failure(network.answer(request(post.id)));
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ code: 'x.unavailable' });
    await network.answer(request(post.id));
    expect(simulator.answers()).toHaveLength(1);
  });

  it('waits for a picture that X still processes, also when it does not say how long', async () => {
    const { simulator, post, network } = await asked();
    simulator.faults.delayMedia(1);
    await network.answer(request(post.id));
    expect(simulator.answers()).toHaveLength(1);
  });

  it('uploads a picture once for all attempts', async () => {
    const { simulator, post, network } = await asked();
    simulator.faults.failNext('post', 429);
    expect(await failure(network.answer(request(post.id)))).toBeInstanceOf(RateLimited);
    simulator.setLimit('media', { requests: 0, windowMs: 60_000 });
    await network.answer(request(post.id));
    expect(simulator.answers()).toHaveLength(1);
  });

  it.each<[Failure, string]>([
    [402, 'x.credits-depleted'],
    ['usage-cap', 'x.usage-cap'],
  ])('waits for the next probe when there is nothing left (%s)', async (fault, code) => {
    const { simulator, post, network } = await asked();
    simulator.faults.failNext('post', fault);
    const error = await failure(network.answer(request(post.id)));
    expect(error).toBeInstanceOf(RateLimited);
    expect(error).toMatchObject({ code });
  });

  it('blames the account and not the post when X locked it', async () => {
    const { simulator, post, network } = await asked();
    simulator.faults.failNext('post', 'locked');
    expect(await failure(network.answer(request(post.id)))).toBeInstanceOf(AccountFault);
    await network.answer(request(post.id));
    expect(simulator.answers()).toHaveLength(1);
  });

  it('answers the latest version of an edited post', async () => {
    const { simulator, post, network } = await asked();
    const edited = simulator.edit(post.id, '@mosaicbot please! #mosaicme');
    const replyTo = edited?.id ?? '';
    const answer = await network.answer({ ...request(post.id), replyTo });
    expect(simulator.answers()[0]?.inReplyTo).toBe(replyTo);
    const query = { inReplyTo: post.id, replyTo, key: post.id, since: new Date() };
    expect(await network.findAnswer(query)).toEqual(answer);
  });

  it('may retry when the server is not there', async () => {
    const { simulator, post, network } = await asked();
    await simulator.close();
    const error = await failure(network.answer(request(post.id)));
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ code: 'x.unreachable' });
  });

  it('refuses a picture that X would refuse', async () => {
    const { post, network } = await asked();
    const bytes = new Uint8Array(5 * 1024 * 1024 + 1);
    const error = await failure(
      network.answer({ ...request(post.id), picture: { ...picture, bytes } }),
    );
    expect(error).toMatchObject({ code: 'x.picture-too-large' });
  });
});
