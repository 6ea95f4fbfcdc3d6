import express from 'express';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createBill, type Spending } from './bill';
import { createFaults, type Faults } from './faults';
import { createFilteredStream, type StreamRule } from './filtered-stream';
import type { Credentials } from './oauth1';
import { pageApi } from './page-api';
import { createRateLimiter, type EndpointName, type RateLimit } from './rate-limits';
import { createTimeline, type NewPhoto, type TimelinePost } from './timeline';
import { answerProblems, bearerTokenOf, xApi } from './x-api';

/** Keys that work when none are given: a demo needs no account anywhere. */
export const demoCredentials: Credentials = {
  consumerKey: 'demo-consumer-key',
  consumerSecret: 'demo-consumer-secret',
  accessToken: 'demo-access-token',
  accessTokenSecret: 'demo-access-token-secret',
};

export interface SimulatorOptions {
  /** Address to listen on; 127.0.0.1 unless given. */
  readonly host?: string;
  /** 0, the default, takes a free port. */
  readonly port?: number;
  /** How others reach this server, for the URLs of photos; derived from host and port unless given. */
  readonly publicUrl?: string;
  readonly credentials?: Credentials;
  /** Handle of the bot that the access token acts for; `mosaicme` unless given. */
  readonly botHandle?: string;
  /** The bot may reply without having been mentioned. */
  readonly enterprise?: boolean;
  /** Folder with page.html, page.css and page.js; without it there is no page at `/`. */
  readonly pageDir?: string;
  /** The hashtag that the page proposes, without the leading #; `mosaicme` unless given. */
  readonly hashtag?: string;
  /** Takes the same text twice from one account, unlike X: a test then sees what was posted twice. */
  readonly allowDuplicates?: boolean;
  /** Milliseconds until a post appears in the timeline of its account; 0 unless given. */
  readonly timelineLagMs?: number;
  /** Milliseconds until a post can be found by search; 0 unless given. */
  readonly searchLagMs?: number;
  /** Milliseconds for which a cut stream connection still counts as open; 0 unless given. */
  readonly ghostMs?: number;
  readonly keepAliveMs?: number;
  /** Stream connections at a time; X allows 1. */
  readonly maxStreams?: number;
  readonly limits?: Partial<Record<EndpointName, RateLimit>>;
  /** Posts kept in memory. */
  readonly maxPosts?: number;
  /** Bytes of photos kept in memory. */
  readonly maxStoredBytes?: number;
  /** Largest photo that the page takes, in bytes. */
  readonly maxPhotoBytes?: number;
}

/** A post to be made by a person, not through the API. */
export interface PersonalPost {
  /** Without the leading @. */
  readonly handle: string;
  readonly name?: string;
  readonly text: string;
  /** Bytes, or the path of a file. The content type is image/jpeg unless given. */
  readonly photos?: readonly (Uint8Array | string | SimulatedPhoto)[];
  /** Id of the post that this one quotes. */
  readonly quotes?: string;
  /** Id of the post that this one reposts. */
  readonly reposts?: string;
  readonly inReplyTo?: string;
}

export type SimulatedPhoto = NewPhoto;
export type SimulatedPost = TimelinePost;

export interface Simulator {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** How clients log in; `bearerToken` is the app-only token. */
  readonly credentials: Credentials & { readonly bearerToken: string };
  readonly botHandle: string;
  post(post: PersonalPost): Promise<SimulatedPost>;
  /** A person edits a post: the new version has an id of its own. */
  edit(id: string, text: string): SimulatedPost | undefined;
  /** A person protects the account, or X suspends it: its posts are not to be seen any more. */
  hide(handle: string): void;
  /** A person deletes a post. False when it is gone already. */
  remove(id: string): boolean;
  /** Everything that is on the timeline, oldest first. */
  posts(): SimulatedPost[];
  /** The bot's replies, oldest first. */
  answers(): SimulatedPost[];
  /** Calls the listener with each new reply of the bot. @returns a function that unsubscribes. */
  onAnswer(listener: (answer: SimulatedPost) => void): () => void;
  /** The stream rules of the app, and a way to add one behind the client's back. */
  rules(): StreamRule[];
  addRule(rule: { value: string; tag?: string }): StreamRule | undefined;
  /** Open stream connections. */
  streams(): number;
  /** What X would have asked for until now. */
  spending(): Spending;
  setLimit(endpoint: EndpointName, limit: RateLimit): void;
  readonly faults: Faults;
  close(): Promise<void>;
}

/** Starts a local server that speaks the parts of the X API that MosaicMe uses, with a page for people. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const host = options.host ?? '127.0.0.1';
  const credentials = options.credentials ?? demoCredentials;
  const timeline = createTimeline({
    maxPosts: options.maxPosts ?? 20_000,
    maxStoredBytes: options.maxStoredBytes ?? 1024 ** 3,
  });
  const bot = timeline.user(options.botHandle ?? 'mosaicme', 'MosaicMe');
  const limiter = createRateLimiter(options.limits);
  const faults = createFaults({
    drop: () => stream.drop(),
    inject: (line) => stream.inject(line),
    mute: () => stream.mute(),
    repeat: (id) => stream.repeat(id),
  });
  const bill = createBill();
  let url = '';
  const publicUrl = () => options.publicUrl?.replace(/\/$/, '') ?? url;
  const stream = createFilteredStream({
    timeline,
    publicUrl,
    keepAliveMs: options.keepAliveMs ?? 20_000,
    maxConnections: options.maxStreams ?? 1,
    ghostMs: options.ghostMs ?? 0,
    bill,
    faults: () => faults,
  });

  const app = express();
  app.disable('x-powered-by');
  app.use(
    xApi({
      timeline,
      stream,
      credentials,
      bot,
      enterprise: options.enterprise ?? false,
      refuseDuplicates: !options.allowDuplicates,
      timelineLagMs: options.timelineLagMs ?? 0,
      searchLagMs: options.searchLagMs ?? 0,
      bill,
      limiter,
      faults,
      publicUrl,
    }),
  );
  app.use(
    pageApi({
      timeline,
      bot,
      hashtag: options.hashtag ?? 'mosaicme',
      pageDir: options.pageDir,
      maxPhotoBytes: options.maxPhotoBytes ?? 20 * 1024 * 1024,
    }),
  );
  app.use(answerProblems);

  const server = createServer(app);
  server.listen(options.port ?? 0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

  let closed: Promise<void> | undefined;
  const isAnswer = (post: TimelinePost) =>
    post.author.id === bot.id && post.inReplyTo !== undefined;

  return {
    url,
    host,
    port,
    credentials: { ...credentials, bearerToken: bearerTokenOf(credentials) },
    botHandle: bot.username,
    async post({ handle, name, text, photos = [], ...references }) {
      const author = timeline.user(handle, name);
      return timeline.add({
        author,
        text,
        photos: await Promise.all(photos.map(toPhoto)),
        ...references,
      });
    },
    edit: (id, text) => timeline.edit(id, text),
    hide: (handle) => timeline.hide(timeline.user(handle)),
    remove: (id) => timeline.remove(id),
    posts: () => timeline.posts(),
    answers: () => timeline.posts().filter(isAnswer),
    onAnswer: (listener) =>
      timeline.listen({
        posted: (post) => {
          if (isAnswer(post)) listener(post);
        },
      }),
    rules: () => stream.rules(),
    addRule: (rule) => stream.addRule(rule, false),
    streams: () => stream.connections(),
    spending: () => bill.spending(),
    setLimit: (endpoint, limit) => limiter.set(endpoint, limit),
    faults,
    close() {
      closed ??= new Promise((fulfil) => {
        server.close(() => fulfil());
        server.closeAllConnections();
      });
      return closed;
    },
  };
}

async function toPhoto(photo: Uint8Array | string | SimulatedPhoto): Promise<NewPhoto> {
  if (typeof photo === 'string')
    return { bytes: await readFile(photo), contentType: typeOf(photo) };
  return photo instanceof Uint8Array ? { bytes: photo, contentType: 'image/jpeg' } : photo;
}

function typeOf(path: string): string {
  const type = /\.(png|webp|gif)$/i.exec(path)?.[1];
  return type ? `image/${type.toLowerCase()}` : 'image/jpeg';
}
