import { abortable } from '@mosaicme/async';
import { Readable } from 'node:stream';
import { ETwitterStreamEvent, type TweetV2SingleStreamResult } from 'twitter-api-v2';
import type { XClient } from './client';
import { toXError } from './errors';
import { postFields } from './posts';
import { planRules, type WantedRules } from './rules';

/**
 * Makes the app's stream carry the queries.
 *
 * @returns The ids of the rules whose posts are ours.
 * @throws PermanentError, AccountFault, TransientError
 */
export async function ensureRules(
  client: XClient,
  wanted: WantedRules,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  try {
    const { v2 } = await abortable(client.app(), signal);
    const plan = planRules((await abortable(v2.streamRules(), signal)).data ?? [], wanted);
    if (plan.remove.length > 0) {
      await abortable(v2.updateStreamRules({ delete: { ids: [...plan.remove] } }), signal);
    }
    if (plan.add.length === 0) return new Set(plan.own);
    await abortable(v2.updateStreamRules({ add: [...plan.add] }), signal);
    // Read again rather than trust the answer: another client may have added the same rule meanwhile.
    return new Set(planRules((await abortable(v2.streamRules(), signal)).data ?? [], wanted).own);
  } catch (error) {
    signal.throwIfAborted();
    throw toXError(error, `while setting the stream rules '${wanted.queries.join("', '")}'`);
  }
}

export interface OpenStream {
  /** Resolves with the reason when the connection is over. */
  readonly ended: Promise<string>;
  close(): void;
}

/**
 * Connects to the filtered stream once. Reconnection is the caller's: the library's own cannot tell a bad
 * credential from a lost line, and cannot be stopped while it connects.
 *
 * @throws PermanentError, AccountFault, TransientError when the connection is refused.
 */
export async function openStream(
  client: XClient,
  options: {
    readonly keepAliveMs: number;
    readonly onPost: (result: TweetV2SingleStreamResult) => void;
    readonly onAnomaly: (what: string, error: unknown) => void;
    readonly signal: AbortSignal;
  },
): Promise<OpenStream> {
  const { signal } = options;
  let end = (_reason: string): void => {};
  const ended = new Promise<string>((fulfil) => (end = fulfil));
  try {
    const { v2 } = await abortable(client.streaming(), signal);
    const stream = v2.searchStream({
      expansions: [...postFields.expansions],
      'tweet.fields': [...postFields['tweet.fields']],
      'media.fields': [...postFields['media.fields']],
      'user.fields': [...postFields['user.fields']],
      autoConnect: false,
    });
    stream.on(ETwitterStreamEvent.Connected, () => decodeAsUtf8(stream));
    stream.on(ETwitterStreamEvent.Data, options.onPost);
    stream.on(ETwitterStreamEvent.DataError, (error) =>
      options.onAnomaly('X announced a problem on the stream.', error),
    );
    stream.on(ETwitterStreamEvent.TweetParseError, (error) =>
      options.onAnomaly('The stream carried something that is no JSON.', error),
    );
    stream.on(ETwitterStreamEvent.ConnectionLost, () => end('no keep-alive came'));
    stream.on(ETwitterStreamEvent.ConnectionError, () => end('the connection was closed'));
    const connecting = stream.connect({
      autoReconnect: false,
      keepAliveTimeout: options.keepAliveMs,
    });
    const close = () => {
      stream.close();
      end('closed');
    };
    // If aborted while connecting, the connection is closed as soon as it exists.
    connecting.then(
      () => signal.aborted && close(),
      () => {},
    );
    await abortable(connecting, signal);
    return { ended, close };
  } catch (error) {
    signal.throwIfAborted();
    throw toXError(error, 'while connecting to the filtered stream');
  }
}

/**
 * The library turns each chunk into a string by itself, which breaks a character that is split across
 * two chunks. With an encoding set, the response does it, correctly. `res` is the library's own field.
 */
function decodeAsUtf8(stream: object): void {
  const response: unknown = Reflect.get(stream, 'res');
  if (response instanceof Readable) response.setEncoding('utf8');
}
