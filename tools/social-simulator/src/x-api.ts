import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { weightedLength } from '@mosaicme/social';
import { mentionsOf } from '@mosaicme/social';
import type { Bill } from './bill';
import type { FaultPlan } from './faults';
import type { FilteredStream } from './filtered-stream';
import { createOAuth1Check, type Credentials } from './oauth1';
import {
  accountLocked,
  creditsDepleted,
  duplicateText,
  forbidden,
  invalidRequest,
  notFound,
  Problem,
  replyNotAllowed,
  targetGone,
  tooManyRequests,
  unauthorized,
  unsupportedAuthentication,
  usageCapExceeded,
} from './problems';
import { parseQuery } from './query';
import type { EndpointName, RateLimiter } from './rate-limits';
import { represent, wantedFrom } from './representation';
import { timeOfId } from './snowflake';
import { engages, type Timeline, type User } from './timeline';
import { createUploads, maxPictureBytes, readForm } from './uploads';

export interface XApiOptions {
  readonly timeline: Timeline;
  readonly stream: FilteredStream;
  readonly credentials: Credentials;
  /** The account that the access token acts for. */
  readonly bot: User;
  /** Replies without having been mentioned. */
  readonly enterprise: boolean;
  /** X refuses a text that the account posted before. */
  readonly refuseDuplicates: boolean;
  /** Milliseconds until a post appears in the timeline of its account. */
  readonly timelineLagMs: number;
  /** Milliseconds until a post can be found by search. */
  readonly searchLagMs: number;
  readonly bill: Bill;
  readonly limiter: RateLimiter;
  readonly faults: FaultPlan;
  readonly publicUrl: () => string;
}

type Auth = 'bearer' | 'oauth1';
type Handler = (request: Request, response: Response) => void | Promise<void>;

/** How far back recent search reads, in milliseconds. */
const searchWindowMs = 7 * 24 * 3600_000;
const origin = 'https://api.x.com';

/** The parts of the X API that the adapter uses. */
export function xApi(options: XApiOptions): Router {
  const { timeline, stream, credentials, bot, limiter, faults, publicUrl } = options;
  const router = express.Router();
  const uploads = createUploads();
  const checkSignature = createOAuth1Check(credentials);
  const bearerToken = bearerTokenOf(credentials);

  const authenticate = (request: Request, accepted: readonly Auth[]): void => {
    const authorization = request.headers.authorization ?? '';
    if (faults.revoked) throw unauthorized('revoked');
    if (authorization.startsWith('Bearer ')) {
      if (authorization.slice(7) !== bearerToken) throw unauthorized('unknown bearer token');
      if (!accepted.includes('bearer'))
        throw unsupportedAuthentication('OAuth 2.0 Application-Only');
    } else if (authorization.startsWith('OAuth ')) {
      const { method, originalUrl } = request;
      const reason = checkSignature({ authorization, method, url: origin + originalUrl });
      if (reason) throw unauthorized(reason);
      if (!accepted.includes('oauth1')) throw unsupportedAuthentication('OAuth 1.0a User Context');
    } else {
      throw unauthorized('no credentials');
    }
  };

  /** What every endpoint does first: credentials, planned failures, limits. */
  const guarded =
    (name: EndpointName, accepted: readonly Auth[], handler: Handler): Handler =>
    async (request, response) => {
      if (accepted.length > 0) authenticate(request, accepted);
      const { allowed, headers } = limiter.count(name);
      for (const [header, value] of Object.entries(headers)) response.setHeader(header, value);
      const failure = faults.takeFailure(name);
      if (failure === 429) {
        const soon = String(Math.ceil(Date.now() / 1000) + 1);
        throw tooManyRequests({ 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': soon });
      }
      const spent = name === 'post' ? faults.takePostingLimit() : undefined;
      if (spent) {
        for (const header of Object.keys(headers)) response.removeHeader(header);
        throw tooManyRequests(spent);
      }
      if (failure === 402) throw creditsDepleted();
      if (failure === 'usage-cap') throw usageCapExceeded();
      if (failure === 'locked') throw accountLocked();
      if (failure !== undefined) {
        const detail = 'This failure was planned by a test.';
        throw new Problem(failure, { title: `Status ${failure}`, detail, status: failure });
      }
      if (!allowed) throw tooManyRequests({});
      if (faults.takeCut(name)) cutAnswer(request, response);
      await handler(request, response);
    };

  const json = express.json({ limit: '1mb' });

  router.post(
    '/oauth2/token',
    express.urlencoded({ extended: false }),
    guarded('token', [], (request, response) => {
      const pair = [credentials.consumerKey, credentials.consumerSecret].map(encodeURIComponent);
      const expected = `Basic ${Buffer.from(pair.join(':')).toString('base64')}`;
      if (request.headers.authorization !== expected) {
        const message = 'Unable to verify your credentials';
        throw new Problem(403, {
          errors: [{ code: 99, message, label: 'authenticity_token_error' }],
        });
      }
      response.json({ token_type: 'bearer', access_token: bearerToken });
    }),
  );

  router.get(
    '/2/tweets/search/stream/rules',
    guarded('rules', ['bearer'], (_request, response) => {
      const data = stream.rules();
      const meta = { sent: new Date().toISOString(), result_count: data.length };
      response.json(data.length > 0 ? { data, meta } : { meta });
    }),
  );

  router.post(
    '/2/tweets/search/stream/rules',
    json,
    guarded('rules', ['bearer'], (request, response) => {
      const sent = new Date().toISOString();
      const body: unknown = request.body;
      const dryRun = request.query['dry_run'] === 'true';
      const additions = listOf(body, 'add');
      if (additions.length > 0) {
        const data = additions.flatMap((rule) => {
          const value = textOf(rule, 'value');
          const tag = textOf(rule, 'tag');
          const added = understood(() => stream.addRule({ value, ...(tag && { tag }) }, dryRun));
          return added ? [added] : [];
        });
        const created = data.length;
        const summary = { created, not_created: additions.length - created };
        const errors = summary.not_created > 0 ? [{ title: 'DuplicateRule' }] : undefined;
        response.status(201).json({ data, meta: { sent, summary }, errors });
        return;
      }
      const ids = listOf(fieldOf(body, 'delete'), 'ids').map(String);
      if (ids.length === 0) throw invalidRequest('The body must have add or delete.');
      const deleted = dryRun ? ids.length : ids.filter((id) => stream.removeRule(id)).length;
      response.json({ meta: { sent, summary: { deleted, not_deleted: ids.length - deleted } } });
    }),
  );

  router.get(
    '/2/tweets/search/stream',
    guarded('stream', ['bearer'], (request, response) => {
      stream.connect(response, wantedFrom(searchParams(request)), {});
    }),
  );

  router.get(
    '/2/tweets/search/recent',
    guarded('search', ['bearer', 'oauth1'], (request, response) => {
      const query = searchParams(request);
      const matches = understood(() => parseQuery(query.get('query') ?? ''));
      const size = Number(query.get('max_results') ?? 10);
      if (!(size >= 10 && size <= 100)) {
        throw invalidRequest('max_results must be between 10 and 100.');
      }
      const oldest = Date.now() - searchWindowMs;
      const since = idParameter(query, 'since_id');
      if (since !== undefined && timeOfId(since) < oldest) {
        throw invalidRequest(
          `'since_id' must be a tweet id created after ${new Date(oldest).toISOString()}.`,
        );
      }
      const before = idParameter(query, 'next_token') ?? idParameter(query, 'until_id');
      const found = timeline
        .posts()
        .reverse()
        .filter(
          (post) =>
            (since === undefined || BigInt(post.id) > BigInt(since)) &&
            (before === undefined || BigInt(post.id) < BigInt(before)) &&
            post.createdAt.getTime() >= oldest &&
            post.createdAt.getTime() <= Date.now() - options.searchLagMs &&
            matches(post),
        );
      const page = found.slice(0, size);
      const last = page.at(-1);
      const meta = {
        result_count: page.length,
        ...(last && { newest_id: page[0]?.id, oldest_id: last.id }),
        ...(last && found.length > size && { next_token: last.id }),
      };
      options.bill.read(page.length);
      const { data, includes } = represent(page, wantedFrom(query), timeline, publicUrl());
      response.json(page.length > 0 ? { data, includes, meta } : { meta });
    }),
  );

  router.get(
    '/2/tweets',
    guarded('lookup', ['bearer', 'oauth1'], (request, response) => {
      const query = searchParams(request);
      const ids = (query.get('ids') ?? '').split(',').filter(Boolean);
      if (ids.length === 0 || ids.length > 100) {
        throw invalidRequest('ids must be a list of 1 to 100 ids.');
      }
      const known = ids.map((id) => ({ id, post: timeline.get(id) }));
      const seen = known.flatMap(({ post }) =>
        post && !timeline.isHidden(post.author) ? [post] : [],
      );
      const errors = known
        .filter(({ post }) => !post || timeline.isHidden(post.author))
        .map(({ id, post }) => ({
          resource_id: id,
          value: id,
          parameter: 'ids',
          resource_type: 'tweet',
          title: post ? 'Authorization Error' : 'Not Found Error',
          detail: `Could not find tweet with ids: [${id}].`,
        }));
      options.bill.read(seen.length);
      const { data } = represent(seen, wantedFrom(query), timeline, publicUrl());
      response.json({
        ...(data.length > 0 && { data }),
        ...(errors.length > 0 && { errors }),
      });
    }),
  );

  router.get(
    '/2/users/by/username/:username',
    guarded('users', ['bearer', 'oauth1'], (request, response) => {
      const value = String(request.params['username']);
      const data = timeline.findUser(value);
      const error = {
        title: 'Not Found Error',
        detail: `Could not find user with username: [${value}].`,
        type: 'https://api.twitter.com/2/problems/resource-not-found',
        resource_type: 'user',
        value,
      };
      response.json(data ? { data } : { errors: [error] });
    }),
  );

  router.get(
    '/2/users/me',
    guarded('users', ['oauth1'], (_request, response) => {
      response.json({ data: bot });
    }),
  );

  router.get(
    '/2/users/:id/tweets',
    guarded('timeline', ['bearer', 'oauth1'], (request, response) => {
      const query = searchParams(request);
      const size = Number(query.get('max_results') ?? 10);
      if (!(size >= 5 && size <= 100)) {
        throw invalidRequest('max_results must be between 5 and 100.');
      }
      const start = query.get('start_time');
      const startsAt = start === null ? 0 : Date.parse(start);
      if (Number.isNaN(startsAt)) throw invalidRequest('start_time is no time.');
      const before = idParameter(query, 'pagination_token');
      const visibleBefore = Date.now() - options.timelineLagMs;
      const found = timeline
        .posts()
        .reverse()
        .filter(
          ({ id, author, createdAt }) =>
            author.id === idOf(request) &&
            createdAt.getTime() >= startsAt &&
            createdAt.getTime() <= visibleBefore &&
            (before === undefined || BigInt(id) < BigInt(before)),
        );
      const page = found.slice(0, size);
      const next = found.length > size ? page.at(-1)?.id : undefined;
      const meta = { result_count: page.length, ...(next !== undefined && { next_token: next }) };
      const { data } = represent(page, wantedFrom(query), timeline, publicUrl());
      response.json(page.length > 0 ? { data, meta } : { meta });
    }),
  );

  router.post(
    '/2/media/upload/initialize',
    json,
    guarded('media', ['oauth1'], (request, response) => {
      const id = timeline.nextId();
      uploads.initialize(
        id,
        fieldOf(request.body, 'media_type'),
        fieldOf(request.body, 'total_bytes'),
      );
      response.json({ data: { id, media_key: `3_${id}`, expires_after_secs: 86_400 } });
    }),
  );

  router.post(
    '/2/media/upload/:id/append',
    guarded('media', ['oauth1'], async (request, response) => {
      const { fields, files } = await readForm(request, maxPictureBytes);
      const media = files.find(({ name }) => name === 'media');
      if (!media) throw invalidRequest('The form has no part named media.');
      uploads.append(idOf(request), Number(fields['segment_index']), media.bytes);
      response.json({ data: { expires_at: Math.ceil(Date.now() / 1000) + 86_400 } });
    }),
  );

  router.post(
    '/2/media/upload/:id/finalize',
    guarded('media', ['oauth1'], (request, response) => {
      const id = idOf(request);
      const looks = faults.takeMediaDelay();
      const size = uploads.finalize(id, looks);
      const processing_info = looks > 0 ? { state: 'pending' } : undefined;
      response.json({
        data: { id, media_key: `3_${id}`, size, expires_after_secs: 86_400, processing_info },
      });
    }),
  );

  router.get(
    '/2/media/upload',
    guarded('media', ['oauth1'], (request, response) => {
      const query = searchParams(request);
      const id = idParameter(query, 'media_id') ?? '';
      if (query.get('command') !== 'STATUS') throw invalidRequest('command must be STATUS.');
      const state = uploads.processing(id) ? 'in_progress' : 'succeeded';
      const data = { id, media_key: `3_${id}`, processing_info: { state } };
      response.json({ data: { ...data, expires_after_secs: 86_400 } });
    }),
  );

  router.post(
    '/2/media/metadata',
    json,
    guarded('metadata', ['oauth1'], (request, response) => {
      const id = textOf(request.body, 'id');
      const metadata = fieldOf(request.body, 'metadata');
      uploads.describe(id, textOf(fieldOf(metadata, 'alt_text'), 'text'));
      response.json({ data: { id, associated_metadata: metadata } });
    }),
  );

  router.post(
    '/2/tweets',
    json,
    guarded('post', ['oauth1'], (request, response) => {
      const body: unknown = request.body;
      const text = textOf(body, 'text');
      const inReplyTo = textOf(fieldOf(body, 'reply'), 'in_reply_to_tweet_id') || undefined;
      const quotes = textOf(body, 'quote_tweet_id') || undefined;
      const mediaIds = listOf(fieldOf(body, 'media'), 'media_ids').map(String);
      if (text === '' && mediaIds.length === 0) throw invalidRequest('A post needs text or media.');
      if (weightedLength(text) > 280) {
        throw forbidden(
          'Your Tweet text is too long. For more information on how Twitter determines',
        );
      }
      if (inReplyTo !== undefined) {
        const target = timeline.get(inReplyTo);
        if (!target) throw targetGone();
        const allowed = options.enterprise || target.author.id === bot.id;
        if (!allowed && !engages(target, bot, mentionsOf(target.text), timeline)) {
          throw replyNotAllowed();
        }
      }
      const same = (post: { author: User; text: string }) =>
        post.author.id === bot.id && post.text === text;
      if (options.refuseDuplicates && timeline.posts().some(same)) throw duplicateText();
      const photos = uploads.take(mediaIds);
      const post = timeline.add({
        author: bot,
        text,
        photos,
        ...(inReplyTo !== undefined && { inReplyTo }),
        ...(quotes !== undefined && { quotes }),
      });
      options.bill.posted(/https?:/.test(text), inReplyTo !== undefined);
      const lost = faults.takeLostAnswer();
      if (lost === 'reset') request.socket.resetAndDestroy();
      if (lost) return;
      const edit_history_tweet_ids = [post.id];
      response.status(201).json({ data: { id: post.id, text, edit_history_tweet_ids } });
    }),
  );

  router.delete(
    '/2/tweets/:id',
    guarded('delete', ['oauth1'], (request, response) => {
      const id = idOf(request);
      const post = timeline.get(id);
      if (!post) throw notFound(`tweet with id: [${id}]`);
      if (post.author.id !== bot.id) throw forbidden('You may only delete your own posts.');
      timeline.remove(id);
      response.json({ data: { deleted: true } });
    }),
  );

  router.use(['/2', '/1.1', '/oauth2'], (request) => {
    throw notFound(`${request.method} ${request.originalUrl}`);
  });
  return router;
}

/** The app-only token that belongs to a consumer key. */
export function bearerTokenOf({ consumerKey, consumerSecret }: Credentials): string {
  const hash = createHash('sha256').update(`${consumerKey}:${consumerSecret}`).digest('hex');
  return `AAAAAAAA${hash}`;
}

/** Turns problems into answers. Express knows an error handler by its four parameters. */
export function answerProblems(
  error: unknown,
  _request: Request,
  response: Response,
  next: NextFunction,
): void {
  if (!(error instanceof Problem)) return next(error);
  if (response.headersSent) return void response.destroy();
  response.status(error.status).set(error.headers).json(error.body);
}

function understood<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof RangeError ? invalidRequest(error.message) : error;
  }
}

const searchParams = (request: Request): URLSearchParams =>
  new URL(request.originalUrl, origin).searchParams;

function idParameter(query: URLSearchParams, name: string): string | undefined {
  const value = query.get(name) ?? undefined;
  if (value !== undefined && !/^\d{1,19}$/.test(value)) throw invalidRequest(`${name} is no id.`);
  return value;
}

/** Cuts the connection after half of the JSON, which is compressed where the client takes that. */
function cutAnswer(request: Request, response: Response): void {
  response.json = (body: unknown) => {
    const plain = Buffer.from(JSON.stringify(body));
    const compressed = /gzip/.test(String(request.headers['accept-encoding'] ?? 'gzip'));
    const bytes = compressed ? gzipSync(plain) : plain;
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': bytes.length,
      ...(compressed && { 'content-encoding': 'gzip' }),
    });
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
    return response;
  };
}

const idOf = (request: Request): string => String(request.params['id']);

function fieldOf(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
}

function listOf(body: unknown, name: string): unknown[] {
  const value = fieldOf(body, name);
  return Array.isArray(value) ? value : [];
}

function textOf(body: unknown, name: string): string {
  const value = fieldOf(body, name);
  return typeof value === 'string' ? value : '';
}
