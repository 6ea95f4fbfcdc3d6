import busboy from 'busboy';
import express, { type Request, type Response } from 'express';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { statusLength } from '@mosaicme/social/testing';
import { accountJson, attachmentJson, statusJson } from './represent';
import {
  createWorld,
  mentionsOf,
  tagsOf,
  type Attachment,
  type Status,
  type WorldEvent,
} from './world';

/** What is failed and limited on its own. */
export type MastodonEndpoint =
  'timeline' | 'notifications' | 'media' | 'statuses' | 'streams' | 'accounts';

export interface MastodonSimulatorOptions {
  readonly host?: string;
  /** 0, the default, takes a free port. */
  readonly port?: number;
  readonly botHandle?: string;
  readonly accessToken?: string;
  /** Milliseconds between two heartbeats of a stream; 15 s unless given. */
  readonly heartbeatMs?: number;
  /** What `configuration` says of statuses and pictures. */
  readonly maxCharacters?: number;
  readonly imageSizeLimit?: number;
}

/** A post of a person. */
export interface MastodonPost {
  /** `alice`, or `alice@elsewhere.example`. */
  readonly handle: string;
  readonly text: string;
  readonly media?: readonly { readonly type: 'image' | 'video'; readonly bytes: Uint8Array }[];
  readonly visibility?: Status['visibility'];
  readonly sensitive?: boolean;
  /** See `NewStatus.writtenAt`. */
  readonly writtenAt?: Date;
}

export interface MastodonAnswer {
  readonly id: string;
  readonly inReplyToId: string | undefined;
  readonly text: string;
  readonly attachments: readonly Attachment[];
}

interface Listener {
  readonly response: Response;
  readonly wants: (event: WorldEvent) => boolean;
  /** Notifications wrap the status. */
  readonly asNotification: boolean;
  muted: boolean;
}

const pictureLimit = 16 * 1024 * 1024;
/** How long the server knows an idempotency key, in milliseconds. */
const keyMs = 3600_000;

/** Starts a local server that speaks the parts of Mastodon's API that MosaicMe uses. */
export async function startMastodonSimulator(options: MastodonSimulatorOptions = {}) {
  const host = options.host ?? '127.0.0.1';
  const accessToken = options.accessToken ?? 'demo-mastodon-token';
  const maxCharacters = options.maxCharacters ?? 500;
  const imageSizeLimit = options.imageSizeLimit ?? pictureLimit;
  let addresses = { url: '', domain: '' };
  const world = createWorld(() => addresses.domain);
  const listeners = new Set<Listener>();
  const keys = new Map<string, { readonly statusId: string; readonly at: number }>();
  const failures = new Map<MastodonEndpoint, number[]>();
  const lost: ('hang' | 'reset')[] = [];
  let clockAheadMs = 0;
  let revoked = false;
  let split = false;
  let cuts = 0;
  let processingLooks = 0;
  let postingLimit: Readonly<Record<string, string>> | undefined;
  const now = () => Date.now() + clockAheadMs;

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');

  const refuse = (response: Response, status: number, error: string) =>
    void response.status(status).json({ error });

  /** Credentials, planned failures, limits: what every endpoint does first. */
  const guarded =
    (
      name: MastodonEndpoint,
      handler: (request: Request, response: Response) => void | Promise<void>,
    ) =>
    async (request: Request, response: Response): Promise<void> => {
      if (revoked || request.headers.authorization !== `Bearer ${accessToken}`) {
        return refuse(response, 401, 'The access token is invalid');
      }
      response.set({
        'x-ratelimit-limit': '300',
        'x-ratelimit-remaining': '299',
        'x-ratelimit-reset': new Date(Date.now() + 300_000).toISOString(),
      });
      const failure = failures.get(name)?.shift();
      if (failure !== undefined)
        return refuse(response, failure, 'This failure was planned by a test.');
      if (name === 'timeline' && cuts > 0) {
        cuts--;
        cutAnswer(request, response);
      }
      await handler(request, response);
    };

  const json = (status: Status) => statusJson(status, addresses, world);
  const numberOf = (value: unknown, otherwise: number) =>
    value === undefined ? otherwise : Number(value);
  const listOf = (value: unknown): string[] =>
    (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);

  /** The newest first, within `min_id`, `since_id` and `max_id` as Mastodon reads them. */
  const pageOf = (statuses: readonly Status[], query: Request['query'], most = 40): Status[] => {
    const size = Math.min(numberOf(query['limit'], 20), most);
    const maxId = query['max_id'] === undefined ? undefined : BigInt(String(query['max_id']));
    const minId = query['min_id'] === undefined ? undefined : BigInt(String(query['min_id']));
    const within = statuses.filter(
      ({ id }) =>
        (maxId === undefined || BigInt(id) < maxId) && (minId === undefined || BigInt(id) > minId),
    );
    return minId === undefined ? within.slice(0, size) : within.slice(-size);
  };

  app.get(
    '/api/v2/instance',
    guarded('accounts', (_request, response) => {
      response.json({
        domain: addresses.domain,
        title: 'Simulator',
        version: '4.5.0',
        configuration: {
          urls: { streaming: addresses.url.replace(/^http/, 'ws') },
          statuses: {
            max_characters: maxCharacters,
            max_media_attachments: 4,
            characters_reserved_per_url: 23,
          },
          media_attachments: {
            supported_mime_types: ['image/jpeg', 'image/png'],
            image_size_limit: imageSizeLimit,
            image_matrix_limit: 33_177_600,
          },
          timelines_access: { hashtag_feeds: { local: 'public', remote: 'public' } },
        },
      });
    }),
  );

  app.get(
    '/api/v1/accounts/verify_credentials',
    guarded('accounts', (_request, response) => void response.json(accountJson(bot(), addresses))),
  );

  app.get(
    '/api/v1/accounts/:id/statuses',
    guarded('accounts', (request, response) => {
      const own = world.all().filter(({ account }) => account.id === request.params['id']);
      response.json(pageOf(own, request.query).map(json));
    }),
  );

  app.get(
    '/api/v1/timelines/tag/:tag',
    guarded('timeline', (request, response) => {
      const tag = String(request.params['tag']).toLowerCase();
      const found = world
        .all()
        .filter(
          ({ text, visibility, attachments }) =>
            visibility === 'public' &&
            tagsOf(text).includes(tag) &&
            (request.query['only_media'] !== 'true' || attachments.length > 0),
        );
      response.json(pageOf(found, request.query).map(json));
    }),
  );

  app.get(
    '/api/v1/notifications',
    guarded('notifications', (request, response) => {
      const mentions = world.all().filter((status) => mentionsBot(status));
      response.json(pageOf(mentions, request.query).map(notificationJson));
    }),
  );

  app.get(
    '/api/v1/streaming/hashtag',
    guarded('streams', (request, response) => {
      const tag = String(request.query['tag'] ?? '').toLowerCase();
      // As on Mastodon: an edit that takes the tag away is not told of on the tag's stream.
      listen(
        response,
        ({ status }) => status.visibility === 'public' && tagsOf(status.text).includes(tag),
      );
    }),
  );

  app.get(
    '/api/v1/streaming/user/notification',
    guarded('streams', (_request, response) => {
      listen(response, ({ event, status }) => event === 'update' && mentionsBot(status), true);
    }),
  );

  app.post(
    '/api/v2/media',
    guarded('media', async (request, response) => {
      const { bytes, contentType, description } = await readUpload(request);
      if (bytes.length > imageSizeLimit) {
        return refuse(response, 422, 'Validation failed: File size must be less than the limit');
      }
      if ((description ?? '').length > 1_500) {
        return refuse(response, 422, 'Validation failed: Description is too long');
      }
      const attachment = world.attach(
        { type: 'image', bytes, contentType, description },
        processingLooks,
      );
      response.status(attachment.looks > 0 ? 202 : 200).json(attachmentJson(attachment, addresses));
    }),
  );

  app.get(
    '/api/v1/media/:id',
    guarded('media', (request, response) => {
      const attachment = world.attachment(String(request.params['id']));
      if (!attachment) return refuse(response, 404, 'Record not found');
      if (attachment.looks > 0) attachment.looks--;
      response.status(attachment.looks > 0 ? 206 : 200).json(attachmentJson(attachment, addresses));
    }),
  );

  app.post(
    '/api/v1/statuses',
    express.json(),
    guarded('statuses', (request, response) => {
      const body = request.body as Record<string, unknown>;
      const key = String(request.headers['idempotency-key'] ?? '');
      const before = keys.get(key);
      const same = before && now() - before.at < keyMs ? world.get(before.statusId) : undefined;
      if (key !== '' && same) return void response.json(json(same));
      if (postingLimit) {
        response.removeHeader('x-ratelimit-reset');
        response.set(postingLimit);
        postingLimit = undefined;
        return refuse(response, 429, 'Too many requests');
      }
      const text = String(body['status'] ?? '');
      if (statusLength(text) > maxCharacters) {
        return refuse(
          response,
          422,
          `Validation failed: Text character limit of ${maxCharacters} exceeded`,
        );
      }
      const target = body['in_reply_to_id'];
      if (target !== undefined && !world.get(String(target))) {
        return refuse(response, 404, 'Record not found');
      }
      const attachments = listOf(body['media_ids']).map((id) => world.attachment(id));
      if (attachments.some((attachment) => !attachment)) {
        return refuse(response, 422, 'Validation failed: Media does not exist');
      }
      const found = attachments.flatMap((attachment) => attachment ?? []);
      if (found.some(({ looks }) => looks > 0)) {
        return refuse(
          response,
          422,
          'Cannot attach files that have not finished processing. Try again in a moment!',
        );
      }
      const status = world.post({
        account: bot(),
        text,
        attachments: found,
        ...(target !== undefined && { inReplyToId: String(target) }),
      });
      if (key !== '') keys.set(key, { statusId: status.id, at: now() });
      const how = lost.shift();
      if (how === 'reset') request.socket.resetAndDestroy();
      if (how) return;
      response.json(json(status));
    }),
  );

  app.get(
    '/api/v1/statuses',
    guarded('timeline', (request, response) => {
      const ids = listOf(request.query['id'] ?? request.query['id[]']);
      if (ids.length > 20) return refuse(response, 422, 'Too many ids');
      response.json(ids.flatMap((id) => world.get(id) ?? []).map(json));
    }),
  );

  app.delete(
    '/api/v1/statuses/:id',
    guarded('statuses', (request, response) => {
      const status = world.get(String(request.params['id']));
      if (!status || status.account.id !== bot().id)
        return refuse(response, 404, 'Record not found');
      world.remove(status.id);
      response.json(json(status));
    }),
  );

  app.get('/media/:id', (request, response) => {
    const attachment = world.attachment(request.params.id);
    if (!attachment) return refuse(response, 404, 'Record not found');
    response.type(attachment.contentType).send(Buffer.from(attachment.bytes));
  });

  function bot() {
    return world.account(options.botHandle ?? 'mosaicme', 'MosaicMe');
  }
  function mentionsBot({ text, account }: Status): boolean {
    return (
      account.id !== bot().id &&
      mentionsOf(text).some((acct) => world.findAccount(acct)?.id === bot().id)
    );
  }
  function notificationJson(status: Status) {
    return {
      id: status.id,
      type: 'mention',
      created_at: status.createdAt.toISOString(),
      account: accountJson(status.account, addresses),
      status: json(status),
    };
  }

  function listen(response: Response, wants: Listener['wants'], asNotification = false): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(':)\n');
    const listener: Listener = { response, wants, asNotification, muted: false };
    listeners.add(listener);
    const beat = setInterval(() => {
      if (!listener.muted) response.write(':thump\n');
    }, options.heartbeatMs ?? 15_000);
    response.on('close', () => {
      clearInterval(beat);
      listeners.delete(listener);
    });
  }
  const send = ({ response, muted }: Listener, text: string) => {
    if (muted) return;
    if (split) for (const byte of Buffer.from(text)) response.write(Buffer.from([byte]));
    else response.write(text);
  };
  world.listen((event) => {
    for (const listener of listeners) {
      if (!listener.wants(event)) continue;
      const { status } = event;
      const [name, data] =
        event.event === 'delete'
          ? ['delete', status.id]
          : listener.asNotification
            ? ['notification', JSON.stringify(notificationJson(status))]
            : [event.event, JSON.stringify(json(status))];
      send(listener, `event: ${name}\ndata: ${data}\n\n`);
    }
  });

  const server = createServer(app);
  server.listen(options.port ?? 0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  addresses = { url: `http://${host}:${port}`, domain: `${host}:${port}` };
  bot();

  return {
    url: addresses.url,
    domain: addresses.domain,
    accessToken,
    botHandle: bot().acct,
    post({ handle, text, media = [], visibility, sensitive, writtenAt }: MastodonPost) {
      const status = world.post({
        account: world.account(handle),
        text,
        attachments: media.map(({ type, bytes }) =>
          world.attach({ type, bytes, contentType: 'image/jpeg', description: undefined }),
        ),
        ...(visibility && { visibility }),
        ...(sensitive !== undefined && { sensitive }),
        ...(writtenAt && { writtenAt }),
      });
      return { id: status.id, uri: json(status).uri };
    },
    edit: (id: string, text: string) => world.edit(id, text),
    repeat: (id: string) => world.repeat(id),
    remove: (id: string) => world.remove(id),
    suspend(handle: string) {
      world.account(handle).suspended = true;
    },
    answers: (): MastodonAnswer[] =>
      world
        .all()
        .filter(({ account, inReplyToId }) => account.id === bot().id && inReplyToId !== undefined)
        .reverse(),
    streams: () => listeners.size,
    faults: {
      failNext(endpoint: MastodonEndpoint, status: number, times = 1) {
        failures.set(endpoint, [
          ...(failures.get(endpoint) ?? []),
          ...Array<number>(times).fill(status),
        ]);
      },
      cutNextTimeline: () => cuts++,
      /** The next status is refused because a limit is spent; the headers say so. */
      limitPosting: (headers: Readonly<Record<string, string>>) => (postingLimit = headers),
      revokeToken: (wanted: boolean) => (revoked = wanted),
      loseAnswerAfterPosting: (how: 'hang' | 'reset') => lost.push(how),
      /** The next pictures stay so many looks in progress. */
      delayMedia: (looks: number) => (processingLooks = looks),
      dropStreams() {
        for (const { response } of listeners) response.destroy();
      },
      muteStreams() {
        for (const listener of listeners) listener.muted = true;
      },
      splitStreamChunks: (wanted: boolean) => (split = wanted),
      injectIntoStreams(text: string) {
        for (const listener of listeners) send(listener, text);
      },
      /** The server's clock goes ahead, for what it keeps only for a while. */
      passTime: (ms: number) => (clockAheadMs += ms),
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
export type MastodonSimulator = Awaited<ReturnType<typeof startMastodonSimulator>>;

/** Cuts the connection after half of the JSON, which is compressed where the client takes that. */
function cutAnswer(request: Request, response: Response): void {
  response.json = (body: unknown) => {
    const plain = Buffer.from(JSON.stringify(body));
    const compressed = /gzip/.test(String(request.headers['accept-encoding'] ?? ''));
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

interface Upload {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly description: string | undefined;
}

function readUpload(request: Request): Promise<Upload> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let contentType = 'application/octet-stream';
    let description: string | undefined;
    const parser = busboy({ headers: request.headers });
    parser.on('field', (name, value) => {
      if (name === 'description') description = value;
    });
    parser.on('file', (_name, stream, { mimeType }) => {
      contentType = mimeType;
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    });
    parser.on('error', reject);
    parser.on('close', () => resolve({ bytes: Buffer.concat(chunks), contentType, description }));
    request.pipe(parser);
  });
}
