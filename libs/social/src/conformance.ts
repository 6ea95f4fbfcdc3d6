import { PermanentError, TransientError } from '@mosaicme/errors';
import type { Logger } from '@mosaicme/service';
import {
  AccountFault,
  AlreadyAnswered,
  OutcomeUnknown,
  PostRefused,
  RateLimited,
  type AnswerRequest,
  type Network,
  type Post,
  type PostedAnswer,
  type PostRef,
  type SocialEvent,
} from './port';

/** What a person posts on a simulated network. */
export interface PersonsPost {
  /** Default: `alice`. */
  readonly handle?: string;
  readonly text: string;
  /** Media in their order; one photo unless given. */
  readonly media?: readonly ('photo' | 'video')[];
}

/** An answer of the bot as the simulated network has it. */
export interface SeenAnswer {
  /** `Post.id` of the post that it answers. */
  readonly inReplyTo: string;
  readonly text: string;
  readonly altText: string | undefined;
  readonly bytes: Uint8Array;
}

/** A simulated network with what the suite needs; times are short. */
export interface SimulatedNetwork {
  /** The real adapter, through its real client library, to the simulator. A new client with each call. */
  connect(logger: Logger): Network;
  /** The bot's handle, as people write it behind the @. */
  readonly botHandle: string;
  /** @returns As the network will tell of it. */
  post(post: PersonsPost): Promise<PostRef>;
  /** The author changes the text, with or without the tag. */
  edit(id: string, text: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** The account is suspended or protected. */
  hideAccount(handle: string): Promise<void>;
  answers(): SeenAnswer[];
  /** Open connections by which the network tells of new posts. */
  streams(): number;
  /** A cursor from long before what the network still tells. */
  readonly ancientCursor: string;

  /** Cuts every stream; `silently` leaves it open without a byte (a half-open line). */
  cutStreams(how: 'closed' | 'silently'): void;
  /** Sends every byte of the streams by itself, so that characters are split. */
  splitStreams(): void;
  /** Sends on the streams what no schema knows, and what is no event at all. */
  sendRubbish(): void;
  /** The network tells of this post once more, behind all others. */
  repeat(id: string): void;
  /** The next response to a read request is cut in the middle, compressed if the client accepts that. */
  cutNextResponse(): void;
  /** The next read requests fail. */
  failReads(times: number): void;
  /** The next request to answer is refused because a limit is spent until then. */
  limitAnswers(until: Date): void;
  /** The forms in which the network tells of a reset; `limitAnswers` uses the form chosen last. */
  readonly resetForms: readonly string[];
  chooseResetForm(form: string): void;
  /** The next answer is posted, but its response never comes or is cut. */
  loseNextAnswer(how: 'hang' | 'reset'): void;
  /** From now on the token is refused, until `restoreAccount`. */
  revokeAccount(): void;
  restoreAccount(): void;
  /** As if an hour had passed for what the network keeps only for a while. */
  passAnHour(): void;
  close(): Promise<void>;
}

/** Facts in which networks differ, for the suite to judge by. */
export interface NetworkTraits {
  /** Only posts that mention the bot may be answered. */
  readonly answersMentionsOnly: boolean;
  /** Does `follow` itself tell of deletions, and of accounts that are gone? Else only `check` does. */
  readonly tellsDeletions: boolean;
  readonly tellsAccounts: boolean;
  /** Does it tell of an edit that took the tag away? */
  readonly tellsTagRemoval: boolean;
  /** A text that is as long as may be by the network's own counting, and longer by `String.length`. */
  readonly longestText: string;
}

/** Searches a log for messages. */
function createLog() {
  const messages: string[] = [];
  const waiting = new Set<() => void>();
  const write = (_fields: object, message: string) => {
    messages.push(message);
    for (const look of waiting) look();
  };
  const logger: Logger = {
    debug: write,
    info: write,
    warn: write,
    error: write,
    child: () => logger,
  };
  return { logger, messages };
}

/** Waits until it holds; a test that waits in vain ends by its own time-out. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/**
 * What every network must do, whichever it is. Each adapter passes it against its simulator, through its
 * real client library.
 */
export function describeNetwork(
  name: string,
  start: () => Promise<SimulatedNetwork>,
  traits: NetworkTraits,
): void {
  describe(`the network ${name}`, () => {
    let world: SimulatedNetwork;
    let closing: (() => Promise<unknown>)[] = [];

    beforeEach(async () => {
      world = await start();
    });
    afterEach(async () => {
      for (const close of closing.reverse()) await close();
      closing = [];
      await world.close();
    });

    function connect() {
      const log = createLog();
      const network = world.connect(log.logger);
      closing.push(() => network.close());
      return { network, log };
    }

    /** Follows #MosaicMe and #Mosaik and keeps what it is told. */
    function follow(since?: string) {
      const { network, log } = connect();
      const controller = new AbortController();
      const events: SocialEvent[] = [];
      let failure: unknown;
      const done = (async () => {
        try {
          for await (const event of network.follow({
            hashtags: ['MosaicMe', 'Mosaik'],
            name: 'conformance',
            ...(since !== undefined && { since }),
            signal: controller.signal,
          })) {
            events.push(event);
          }
        } catch (error) {
          failure = error;
        }
      })();
      const stop = async () => {
        controller.abort();
        await done;
      };
      closing.push(stop);
      const posts = () =>
        events.flatMap((event) => (event.kind === 'withdrawn' ? [] : [event.post]));
      return {
        network,
        log,
        events,
        posts,
        texts: () => posts().map(({ text }) => text),
        ids: () => posts().map(({ id }) => id),
        failed: async () => {
          await done;
          return failure;
        },
        /** Until the network tells of new posts by itself. */
        streaming: () => until(() => world.streams() > 0),
        told: (...texts: string[]) =>
          until(() => texts.every((text) => posts().some((post) => post.text.includes(text)))),
        withdrawn: (id: string) =>
          until(() => events.some((event) => event.kind === 'withdrawn' && event.postId === id)),
        stop,
      };
    }

    /** Posts and waits until it is told of: what was told before it, was told before. */
    async function marker(following: ReturnType<typeof follow>, text = 'marker'): Promise<void> {
      await world.post({ text: `${text} #mosaicme` });
      await following.told(text);
    }

    describe('following', () => {
      it('tells of new posts as they come, with all that a photo needs', async () => {
        const following = follow();
        await following.streaming();
        const { id } = await world.post({ handle: 'alice', text: 'Grüße 🎉 #MosaicMe' });
        await following.told('Grüße 🎉 #MosaicMe');
        const [post] = following.posts() as [Post];
        expect(post).toMatchObject({ network: following.network.id, id });
        expect(post.tags.map((tag) => tag.toLowerCase())).toEqual(['mosaicme']);
        expect(post.author.handle).toMatch(/^alice/);
        expect(post.author.id).not.toBe('');
        expect(post.link).toMatch(/^https?:\/\//);
        expect(post.media).toHaveLength(1);
        expect(post.media[0]?.url).toMatch(/^https?:\/\//);
        expect(Math.abs(post.postedAt.getTime() - Date.now())).toBeLessThan(60_000);
      });

      it('tells of none without the tag or without a photo, and of none of its own', async () => {
        const following = follow();
        await following.streaming();
        await world.post({ text: 'other #mosaicmetoo' });
        await world.post({ text: 'no photo #mosaicme', media: [] });
        await world.post({ text: 'only a video #mosaicme', media: ['video'] });
        await world.post({ text: 'my own #mosaicme', handle: world.botHandle });
        await marker(following);
        expect(following.texts()).toEqual([expect.stringContaining('marker')]);
      });

      it('takes the photo of a post whose first medium is a video', async () => {
        const following = follow();
        await following.streaming();
        await world.post({ text: 'both #mosaicme', media: ['video', 'photo'] });
        await following.told('both');
        expect(following.posts()[0]?.media.map(({ mediaIndex }) => mediaIndex)).toEqual([1]);
      });

      it('clips a text that is longer than a photo may carry, and goes on', async () => {
        const following = follow();
        await following.streaming();
        await world.post({ text: `long #mosaicme ${'ä🎉'.repeat(6_000)}` });
        await following.told('long');
        const text = following.posts()[0]?.text ?? '';
        expect(text.length).toBeLessThanOrEqual(10_000);
        expect(text).not.toMatch(/[\uD800-\uDBFF]$/);
        await marker(following);
      });

      it('reads on after a restart from where it was, and misses nothing', async () => {
        const first = follow();
        await first.streaming();
        // Nothing is promised until the first look back is over.
        const promised = () => first.events.some(({ resumeFrom }) => resumeFrom !== undefined);
        for (let index = 0; !promised(); index++) await marker(first, `before-${index};`);
        const cursor = first.events.findLast(
          ({ resumeFrom }) => resumeFrom !== undefined,
        )?.resumeFrom;
        await first.stop();
        const meanwhile = Array.from({ length: 30 }, (_, index) => `meanwhile-${index};`);
        for (const text of meanwhile) await world.post({ text: `${text} #mosaicme` });
        const second = follow(cursor);
        await second.told(...meanwhile);
        await second.streaming();
        await marker(second);
      });

      it('tells of a post once, however often the network does', async () => {
        const following = follow();
        await following.streaming();
        const { id } = await world.post({ text: 'twice #mosaicme' });
        await following.told('twice');
        await world.post({ text: 'between #mosaicme' });
        await following.told('between');
        world.repeat(id);
        await marker(following);
        expect(following.ids().filter((one) => one === id)).toHaveLength(1);
      });

      it('goes on from the oldest that is left when its cursor is older than the network tells', async () => {
        await world.post({ text: 'recent #mosaicme' });
        const following = follow(world.ancientCursor);
        await following.told('recent');
        await following.streaming();
        await marker(following);
      });

      it.each(['closed', 'silently'] as const)(
        'notices a line that was cut (%s), connects again and reads what it missed',
        async (how) => {
          const following = follow();
          await following.streaming();
          await marker(following, 'before');
          world.cutStreams(how);
          await world.post({ text: 'missed #mosaicme' });
          await following.told('missed');
          await following.streaming();
          await marker(following, 'after');
        },
      );

      it('keeps characters whole that the line splits', async () => {
        world.splitStreams();
        const following = follow();
        await following.streaming();
        await world.post({ text: 'é🎉日本 #mosaicme' });
        await following.told('é🎉日本 #mosaicme');
      });

      it('skips events that it does not know', async () => {
        const following = follow();
        await following.streaming();
        world.sendRubbish();
        await marker(following);
        expect(following.texts()).toHaveLength(1);
      });

      it('does not wait for a response that was cut in the middle', async () => {
        await world.post({ text: 'patience #mosaicme' });
        world.cutNextResponse();
        const following = follow(world.ancientCursor);
        await following.told('patience');
      });

      it('waits for a server that fails for a while', async () => {
        await world.post({ text: 'patience #mosaicme' });
        world.failReads(3);
        const following = follow(world.ancientCursor);
        await following.told('patience');
      });

      it('refuses at once when the account is refused, and says so', async () => {
        world.revokeAccount();
        expect(await follow().failed()).toBeInstanceOf(AccountFault);
      });

      it('ends at once when it is stopped', async () => {
        const following = follow();
        await following.streaming();
        await following.stop();
        await until(() => world.streams() === 0);
        expect(await following.failed()).toBeUndefined();
      });
    });

    describe('what becomes of a post', () => {
      it('an edit is told of under the same identity', async () => {
        const following = follow();
        await following.streaming();
        const { id } = await world.post({ text: 'one #mosaicme' });
        await following.told('one');
        await world.edit(id, 'two #mosaicme');
        await following.told('two');
        expect(following.events.map(({ kind }) => kind)).toEqual(['post', 'edited']);
        expect(new Set(following.ids())).toEqual(new Set([id]));
      });

      if (traits.tellsTagRemoval) {
        it('an edit that takes the tag away withdraws it', async () => {
          const following = follow();
          await following.streaming();
          const { id } = await world.post({ text: 'one #mosaicme' });
          await following.told('one');
          await world.edit(id, 'not any more');
          await following.withdrawn(id);
        });
      }

      if (traits.tellsDeletions) {
        it('a deletion withdraws it', async () => {
          const following = follow();
          await following.streaming();
          const { id } = await world.post({ text: 'one #mosaicme' });
          await following.told('one');
          await world.remove(id);
          await following.withdrawn(id);
        });
      }

      if (traits.tellsAccounts) {
        it('an account that is gone withdraws its posts', async () => {
          const following = follow();
          await following.streaming();
          await world.post({ text: 'one #mosaicme', handle: 'carol' });
          await following.told('one');
          const author = following.posts()[0]?.author.id;
          await world.hideAccount('carol');
          await until(() =>
            following.events.some(
              (event) => event.kind === 'withdrawn' && event.authorId === author,
            ),
          );
        });
      }

      it('a check finds what is there, gone and hidden, each id once', async () => {
        const { network } = connect();
        const posts: PostRef[] = [];
        for (let index = 0; index < 130; index++) {
          posts.push(await world.post({ text: `${index} #mosaicme` }));
        }
        const gone = posts[7]?.id ?? '';
        const hidden = await world.post({ text: 'hidden #mosaicme', handle: 'carol' });
        await world.hideAccount('carol');
        await world.remove(gone);
        const states = new Map<string, string>();
        for await (const { id, state } of network.check([...posts, hidden])) {
          expect(states.has(id)).toBe(false);
          states.set(id, state);
        }
        expect(states.size).toBe(131);
        expect(states.get(gone)).toBe('gone');
        expect(['hidden', 'gone']).toContain(states.get(hidden.id));
        expect([...states.values()].filter((state) => state === 'present')).toHaveLength(129);
      });
    });

    describe('answering', () => {
      const picture: AnswerRequest['picture'] = {
        bytes: Uint8Array.from({ length: 3_000 }, (_, index) => index % 251),
        contentType: 'image/jpeg',
        altText: 'A mosaic of small photos.',
        size: { width: 64, height: 48 },
      };

      /** A post that asks for an answer, as the network tells of it. */
      async function asked() {
        const following = follow();
        await following.streaming();
        const mention = `@${world.botHandle} please #mosaicme`;
        const { id } = await world.post({ text: mention });
        await until(() => following.ids().includes(id));
        const post = following.posts().find((one) => one.id === id) as Post;
        await following.stop();
        const request = (more: Partial<AnswerRequest> = {}): AnswerRequest => ({
          inReplyTo: post.id,
          ...(post.replyTo !== undefined && { replyTo: post.replyTo }),
          key: `key of ${post.id}`,
          firstAttemptAt: new Date(),
          text: `Hi @${post.author.handle} https://example.org/mosaic/1/`,
          picture,
          ...more,
        });
        return { ...connect(), post, request };
      }

      const failure = (work: Promise<unknown>): Promise<unknown> =>
        work.then(
          () => undefined,
          (error: unknown) => error,
        );

      /** Answers again with the same key; a network says either where the answer is, or that it has it. */
      async function again(network: Network, request: AnswerRequest): Promise<void> {
        const outcome = await network.answer(request).catch((error: unknown) => error);
        if (!(outcome instanceof AlreadyAnswered)) expect(outcome).toHaveProperty('postId');
      }

      it('posts the very bytes of the picture with text and description', async () => {
        const { network, post, request } = await asked();
        expect(post.answerable).toBe(true);
        const posted = await network.answer(request());
        expect(posted.link).toMatch(/^https?:\/\//);
        expect(world.answers()).toEqual([
          {
            inReplyTo: post.id,
            text: request().text,
            altText: picture.altText,
            bytes: expect.anything(),
          },
        ]);
        const bytes = world.answers()[0]?.bytes ?? new Uint8Array();
        expect(Buffer.from(bytes).equals(Buffer.from(picture.bytes))).toBe(true);
      });

      it('writes its intent right before it posts, and posts nothing when that fails', async () => {
        const { network, request } = await asked();
        const refusal = new TransientError('test.intent', 'not now');
        const beforePosting = () => Promise.reject(refusal);
        expect(await failure(network.answer(request({ beforePosting })))).toBe(refusal);
        expect(world.answers()).toEqual([]);
      });

      it('finds its answer again, and none where there is none', async () => {
        const { network, request } = await asked();
        const { inReplyTo, replyTo, key, firstAttemptAt: since } = request();
        const query = { inReplyTo, ...(replyTo !== undefined && { replyTo }), key, since };
        expect(await network.findAnswer(query)).toBeUndefined();
        const posted = await network.answer(request());
        expect(await network.findAnswer(query)).toEqual(posted);
      });

      it.each(['hang', 'reset'] as const)(
        'does not know the outcome when the response is lost (%s), and finds it out',
        async (how) => {
          const { network, request } = await asked();
          world.loseNextAnswer(how);
          expect(await failure(network.answer(request()))).toBeInstanceOf(OutcomeUnknown);
          const { inReplyTo, replyTo, key, firstAttemptAt: since } = request();
          const query = { inReplyTo, ...(replyTo !== undefined && { replyTo }), key, since };
          expect(await network.findAnswer(query)).toHaveProperty('postId');
          await again(network, request());
          expect(world.answers()).toHaveLength(1);
        },
      );

      it('answers once, also when it is repeated an hour later', async () => {
        const { network, request } = await asked();
        await network.answer(request());
        world.passAnHour();
        const hourAgo = new Date(Date.now() - 3_700_000);
        await again(connect().network, request({ firstAttemptAt: hourAgo }));
        expect(world.answers()).toHaveLength(1);
      });

      it('answers every post of its own', async () => {
        const one = await asked();
        const two = await asked();
        await one.network.answer(one.request());
        await one.network.answer(two.request({ text: 'Hi again' }));
        expect(world.answers().map(({ inReplyTo }) => inReplyTo)).toEqual([
          one.post.id,
          two.post.id,
        ]);
      });

      if (traits.answersMentionsOnly) {
        it('tells which posts it may answer, and is refused at others', async () => {
          const { network, request } = await asked();
          const { id } = await world.post({ text: 'no mention #mosaicme' });
          expect(await failure(network.answer(request({ inReplyTo: id, key: id })))).toBeInstanceOf(
            PostRefused,
          );
        });
      }

      it('tells that the post is gone', async () => {
        const { network, post, request } = await asked();
        await world.remove(post.id);
        expect(await failure(network.answer(request()))).toBeInstanceOf(PostRefused);
        expect(world.answers()).toEqual([]);
      });

      it('tells until when a limit is spent, in every form in which the network says so', async () => {
        const { network, request } = await asked();
        for (const form of world.resetForms) {
          world.chooseResetForm(form);
          const at = new Date(Date.now() + 1_200_000);
          world.limitAnswers(at);
          const error = await failure(network.answer(request()));
          expect([form, error]).toEqual([form, expect.any(RateLimited)]);
          const { retryAt } = error as RateLimited;
          expect([form, Math.abs(retryAt.getTime() - at.getTime()) < 5_000]).toEqual([form, true]);
        }
        await network.answer(request());
        expect(world.answers()).toHaveLength(1);
      });

      it('tells a fault of the account from a fault of the post, and answers when it is mended', async () => {
        const { network, request } = await asked();
        world.revokeAccount();
        const error = await failure(network.answer(request()));
        expect(error).toBeInstanceOf(AccountFault);
        expect(error).not.toBeInstanceOf(PermanentError);
        world.restoreAccount();
        await network.answer(request());
        expect(world.answers()).toHaveLength(1);
      });

      it('refuses a picture that is too large and a text that is too long, each by itself', async () => {
        const { network, request } = await asked();
        const { pictureBytes, maxText } = network.limits;
        const large = { ...picture, bytes: new Uint8Array(pictureBytes + 1) };
        expect(await failure(network.answer(request({ picture: large })))).toBeInstanceOf(
          PostRefused,
        );
        const text = 'a'.repeat(maxText + 1);
        expect(await failure(network.answer(request({ text })))).toBeInstanceOf(PostRefused);
        expect(world.answers()).toEqual([]);
      });

      it('counts a text as the network does: the longest one is posted', async () => {
        const { network, request } = await asked();
        const text = traits.longestText;
        expect(network.limits.length(text)).toBe(network.limits.maxText);
        expect(network.limits.length(`a${text}`)).toBeGreaterThan(network.limits.maxText);
        await network.answer(request({ text }));
        expect(world.answers()).toHaveLength(1);
      });

      it('deletes an answer, also one that is gone', async () => {
        const { network, request } = await asked();
        const posted: PostedAnswer = await network.answer(request());
        await network.deleteAnswer(posted);
        expect(world.answers()).toEqual([]);
        await network.deleteAnswer(posted);
      });
    });
  });
}
