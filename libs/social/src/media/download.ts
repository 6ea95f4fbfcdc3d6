import type { LookupAddress } from 'node:dns';
import { lookup as resolveName } from 'node:dns/promises';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { defaultPhotoLimits } from '@mosaicme/contracts';
import { isPermanent, messageOf, PermanentError, TransientError } from '@mosaicme/errors';
import { abortable } from '@mosaicme/async';
import { pinnedTo } from './pinned-lookup';
import { isPublicAddress } from './public-address';

export interface DownloadOptions {
  /**
   * Origins (`http://127.0.0.1:8081`) that may be fetched although they are not https or not public: the
   * social simulator. Nothing else is allowed through by it, not even a redirect from such an origin.
   */
  readonly allowedOrigins?: readonly string[];
  /** Largest body in bytes; that of all photos unless given. */
  readonly maxBytes?: number;
  /** Limit for the whole download with its redirects, in milliseconds; 30 s unless given. */
  readonly timeoutMs?: number;
  /** Redirects followed; 3 unless given. */
  readonly maxRedirects?: number;
  readonly signal?: AbortSignal;
  /** All addresses of a name; the system's resolver unless given. */
  readonly resolve?: (hostname: string) => Promise<readonly LookupAddress[]>;
}

export interface DownloadedMedia {
  readonly bytes: Uint8Array;
  /** As the server says it; never trust it. Empty when the server says nothing. */
  readonly contentType: string;
  /** Where the bytes came from after all redirects. */
  readonly finalUrl: string;
}

type Resolve = NonNullable<DownloadOptions['resolve']>;
type Limits = Required<Pick<DownloadOptions, 'maxBytes' | 'maxRedirects' | 'allowedOrigins'>>;

/**
 * Fetches a file from an address that a stranger chose.
 *
 * Only https, only public addresses. The name is resolved here, every address of it is checked, and the
 * connection goes to exactly the checked addresses through the request's `lookup`, so a name that
 * resolves differently a moment later changes nothing. Each redirect is checked the same way. No
 * connection is kept or shared, because a pooled one would escape the check.
 *
 * @throws PermanentError `media.…` for what stays as it is: a forbidden address, a limit, a missing file.
 * @throws TransientError `media.…` for a time-out, an unreachable or a failing server.
 */
export async function downloadMedia(
  url: string,
  options: DownloadOptions = {},
): Promise<DownloadedMedia> {
  const timeoutMs = options.timeoutMs ?? 30_000;
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  const limits: Limits = {
    maxBytes: options.maxBytes ?? defaultPhotoLimits.maxBytes,
    maxRedirects: options.maxRedirects ?? 3,
    allowedOrigins: (options.allowedOrigins ?? []).map((origin) => new URL(origin).origin),
  };
  const resolve: Resolve = options.resolve ?? ((name) => resolveName(name, { all: true }));
  try {
    // Whatever a server makes of its connection, nobody waits longer than the limit.
    return await abortable(followRedirects(url, limits, resolve, signal), signal);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (timeout.aborted) {
      throw new TransientError(
        'media.timeout',
        `The download of ${redactUrl(url)} took longer than ${timeoutMs} ms and was aborted.`,
        { cause: error },
      );
    }
    if (isPermanent(error) || error instanceof TransientError) throw error;
    throw new TransientError(
      'media.unreachable',
      `The server of ${redactUrl(url)} cannot be reached: ${messageOf(error)}.`,
      { cause: error },
    );
  }
}

async function followRedirects(
  start: string,
  limits: Limits,
  resolve: Resolve,
  signal: AbortSignal,
): Promise<DownloadedMedia> {
  let url = parse(start);
  for (let redirects = 0; redirects <= limits.maxRedirects; redirects++) {
    const response = await request(url, limits, resolve, signal);
    try {
      const location = redirectTarget(response, url);
      if (!location) return await receive(response, url, limits.maxBytes);
      url = location;
    } finally {
      response.destroy();
    }
  }
  throw new PermanentError(
    'media.too-many-redirects',
    `${redactUrl(start)} redirects more than ${limits.maxRedirects} times: link to the file itself.`,
  );
}

function parse(text: string, base?: string): URL {
  if (!URL.canParse(text, base)) {
    throw new PermanentError('media.bad-url', `${JSON.stringify(text.slice(0, 200))} is no URL.`);
  }
  return new URL(text, base);
}

/** One request, to checked addresses only; resolves with the response before its body. */
async function request(
  url: URL,
  limits: Limits,
  resolve: Resolve,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  if (url.username || url.password) {
    throw new PermanentError(
      'media.credentials-in-url',
      `${redactUrl(url.href)} carries credentials, which are never sent: use a URL without them.`,
    );
  }
  const allowed = limits.allowedOrigins.includes(url.origin);
  if (url.protocol !== 'https:' && !(allowed && url.protocol === 'http:')) {
    throw new PermanentError(
      'media.not-https',
      `${redactUrl(url.href)} is not https. Only https is fetched, except from the allowed origins ` +
        `(${limits.allowedOrigins.join(', ') || 'none are set'}).`,
    );
  }
  const addresses = allowed ? undefined : await publicAddresses(url, resolve, signal);
  const { request: send, Agent } = url.protocol === 'https:' ? https : http;
  return new Promise((fulfil, reject) => {
    const outgoing = send(url, {
      agent: new Agent({ keepAlive: false }),
      headers: { accept: 'image/*', 'user-agent': 'mosaicme' },
      signal,
      ...(addresses && { lookup: pinnedTo(addresses) }),
    });
    outgoing.once('response', fulfil);
    // A server that changes the protocol gets no connection to keep.
    outgoing.once('upgrade', (response, socket) => {
      socket.destroy();
      reject(refusal(response.statusCode ?? 101, url, undefined));
    });
    outgoing.on('error', reject);
    outgoing.once('close', () => reject(new Error('the connection was closed without a response')));
    outgoing.end();
  });
}

async function publicAddresses(
  url: URL,
  resolve: Resolve,
  signal: AbortSignal,
): Promise<readonly LookupAddress[]> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const family = isIP(host);
  const addresses = family ? [{ address: host, family }] : await abortable(resolve(host), signal);
  const forbidden = addresses.find(({ address }) => !isPublicAddress(address));
  if (forbidden || addresses.length === 0) {
    throw new PermanentError(
      'media.address-not-public',
      `${redactUrl(url.href)} leads to ${forbidden?.address ?? 'no address'}, which is not on the public ` +
        `Internet. If the host is yours, add its origin to the allowed origins.`,
    );
  }
  return addresses;
}

function redirectTarget(response: IncomingMessage, url: URL): URL | undefined {
  const status = response.statusCode ?? 0;
  const { location } = response.headers;
  return status >= 300 && status < 400 && location ? parse(location, url.href) : undefined;
}

async function receive(
  response: IncomingMessage,
  url: URL,
  maxBytes: number,
): Promise<DownloadedMedia> {
  const status = response.statusCode ?? 0;
  if (status !== 200) throw refusal(status, url, response.headers['retry-after']);
  const tooLarge = () =>
    new PermanentError(
      'media.too-large',
      `${redactUrl(url.href)} has more than ${maxBytes} bytes, the limit for a photo: post a smaller one.`,
    );
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  // A body without a length ends the same way when it is cut, for example by the limit of time.
  if (!response.complete) throw new Error('the file was cut before its end');
  return {
    bytes: Buffer.concat(chunks, length),
    contentType: response.headers['content-type'] ?? '',
    finalUrl: url.href,
  };
}

function refusal(status: number, url: URL, retryAfter: string | undefined): Error {
  const where = `${redactUrl(url.href)} answered ${status}`;
  if (status === 404 || status === 410) {
    return new PermanentError('media.gone', `${where}: the file is gone.`);
  }
  if (status === 408 || status === 429 || status >= 500) {
    const retryAfterMs = retryAfterMsOf(retryAfter);
    return new TransientError(
      'media.unavailable',
      `${where}: the server cannot deliver now.`,
      retryAfterMs === undefined ? {} : { retryAfterMs },
    );
  }
  return new PermanentError('media.refused', `${where} instead of the file.`);
}

/** The longest pause that a stranger's server may ask for, in milliseconds. */
const longestPauseMs = 3600_000;

/** `Retry-After` as milliseconds: seconds or a date (RFC 9110, 10.2.3), at most an hour. */
function retryAfterMsOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return ms > 0 ? Math.min(ms, longestPauseMs) : undefined;
}

/** A URL for a message: no credentials, no query (it may hold a token), not endless. */
function redactUrl(url: string): string {
  if (!URL.canParse(url)) return JSON.stringify(url.slice(0, 200));
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`.slice(0, 200);
}
