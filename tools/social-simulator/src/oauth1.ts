import { createHmac, timingSafeEqual } from 'node:crypto';

export interface Credentials {
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly accessToken: string;
  readonly accessTokenSecret: string;
}

/** How far the client's clock may be off, in seconds. */
const clockToleranceSeconds = 300;
const rememberedNonces = 100_000;

export interface SignedRequest {
  readonly authorization: string;
  readonly method: string;
  /** As the client meant it: https, api.x.com, with query. */
  readonly url: string;
}

/**
 * Checks OAuth 1.0a signatures (RFC 5849, HMAC-SHA1) of requests whose body is not form-encoded.
 *
 * @returns A function that gives the reason of a refusal, or undefined when the request is genuine.
 */
export function createOAuth1Check(
  credentials: Credentials,
): (request: SignedRequest) => string | undefined {
  const nonces = new Set<string>();
  return ({ authorization, method, url }) => {
    const given = parseHeader(authorization);
    const { oauth_signature: signature = '', ...signed } = given;
    if (signed['oauth_consumer_key'] !== credentials.consumerKey) return 'unknown consumer key';
    if (signed['oauth_token'] !== credentials.accessToken) return 'unknown access token';
    if (signed['oauth_signature_method'] !== 'HMAC-SHA1') return 'unknown signature method';
    const age = Date.now() / 1000 - Number(signed['oauth_timestamp']);
    if (!(Math.abs(age) <= clockToleranceSeconds)) return 'timestamp out of bounds';
    const nonce = `${signed['oauth_timestamp']} ${signed['oauth_nonce']}`;
    if (nonces.has(nonce)) return 'nonce used before';
    const expected = sign(method, url, signed, credentials);
    if (!equal(expected, signature)) return 'wrong signature';
    nonces.add(nonce);
    for (const oldest of nonces) {
      if (nonces.size <= rememberedNonces) break;
      nonces.delete(oldest);
    }
    return undefined;
  };
}

function sign(
  method: string,
  url: string,
  oauth: Record<string, string>,
  credentials: Credentials,
): string {
  const target = new URL(url);
  const parameters = [...Object.entries(oauth), ...target.searchParams]
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort((one, other) => compare(one[0], other[0]) || compare(one[1], other[1]))
    .map((pair) => pair.join('='))
    .join('&');
  const base = [method.toUpperCase(), target.origin + target.pathname, parameters].map(encode);
  const key = [credentials.consumerSecret, credentials.accessTokenSecret].map(encode).join('&');
  return createHmac('sha1', key).update(base.join('&')).digest('base64');
}

const compare = (one: string, other: string) => (one < other ? -1 : Number(one > other));

function parseHeader(authorization: string): Record<string, string> {
  const pairs = authorization.replace(/^OAuth\s+/i, '').matchAll(/([\w%-]+)="([^"]*)"/g);
  return Object.fromEntries(
    [...pairs].map(([, name = '', value = '']) => [decode(name), decode(value)]),
  );
}

/** RFC 3986 percent-encoding: everything but letters, digits, and - . _ ~ */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!*'()]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function equal(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
