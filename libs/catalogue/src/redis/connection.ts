import { backoffMs, deadline } from '@mosaicme/async';
import { messageOf, PermanentError, TransientError } from '@mosaicme/errors';
import type { Logger } from '@mosaicme/service';
import { Redis } from 'ioredis';
import { scripts, type ScriptName } from './scripts';

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly db?: number | undefined;
  readonly password?: string | undefined;
  readonly logger: Logger;
  /** Milliseconds until a command fails: first for the connection, then for the answer. */
  readonly timeoutMs: number;
}

/** A client with the scripts as commands. Each takes the prefix of all keys, then its values. */
export type Client = Redis &
  Readonly<
    Record<
      ScriptName,
      (prefix: string, ...values: readonly (string | number)[]) => Promise<unknown>
    >
  >;

export interface Connection {
  /**
   * Runs commands once the connection stands.
   * @throws TransientError `catalogue.unavailable` when it does not stand, or breaks, or is late
   * @throws PermanentError `catalogue.denied` when the password is wrong
   */
  run<Result>(commands: (redis: Client) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

const pauseLimits = { firstMs: 50, longestMs: 2_000 };

/** What Redis says to a missing or wrong password. */
const refusal = /NOAUTH|WRONGPASS|NOPERM|invalid password|without any password/;

/** Connects in the background, and again whenever the connection breaks. Returns at once. */
export function connectRedis(options: ConnectionOptions): Connection {
  const { host, port, logger, timeoutMs } = options;
  const where = `Redis at ${host}:${port}`;
  const redis = new Redis({
    host,
    port,
    db: options.db ?? 0,
    password: options.password,
    // RESP2 is understood by every version.
    protocol: 2,
    connectTimeout: timeoutMs,
    // A server that does not close its end must not keep this process.
    disconnectTimeout: 100,
    commandTimeout: timeoutMs,
    retryStrategy: (attempt) => backoffMs(attempt, pauseLimits),
    // Commands never wait in a queue that grows while Redis is away, nor are they sent twice.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // Sent by their hash, and in full to a server that does not know them yet.
    scripts: Object.fromEntries(
      Object.entries(scripts).map(([name, lua]) => [name, { lua, numberOfKeys: 1 }]),
    ),
  }) as Client;

  const closed = new AbortController();
  let lastError: unknown;
  let isAway = false;
  let waiting: Promise<void> | undefined;
  redis.on('ready', () => {
    isAway = false;
    lastError = undefined;
    logger.info({ host, port }, 'connected to Redis');
  });
  redis.on('error', (error: Error) => {
    lastError = error;
    // Once for each time that it is away, not for every attempt.
    if (!isAway) {
      logger.warn({ host, port, reason: messageOf(error) }, 'Redis does not answer; trying on');
    }
    isAway = true;
  });

  // Without the cause: errors of ioredis carry the command, and that of AUTH has the password.
  function failure(cause: unknown): Error {
    const message = messageOf(cause);
    return refusal.test(message)
      ? new PermanentError(
          'catalogue.denied',
          `${where} denies access (${message}). Check REDIS_PASSWORD.`,
        )
      : new TransientError('catalogue.unavailable', `${where} does not answer (${message}).`);
  }

  const waitForReady = (): Promise<void> =>
    deadline(
      (signal) =>
        new Promise<void>((resolve) => {
          redis.once('ready', resolve);
          signal.addEventListener('abort', () => redis.off('ready', resolve));
        }),
      {
        ms: timeoutMs,
        signal: closed.signal,
        tooLate: () => failure(lastError ?? new Error(`not connected within ${timeoutMs} ms`)),
      },
    ).finally(() => {
      waiting = undefined;
    });

  /** Waits for the connection to stand, together with all who wait, for as long as a command may take. */
  async function untilReady(): Promise<void> {
    closed.signal.throwIfAborted();
    if (redis.status !== 'ready') await (waiting ??= waitForReady());
  }

  return {
    run: async (commands) => {
      try {
        await untilReady();
        return await commands(redis);
      } catch (error) {
        if (error instanceof PermanentError || error instanceof TransientError) throw error;
        throw failure(error);
      }
    },
    close: async () => {
      closed.abort(new Error('the connection is closed'));
      redis.disconnect();
    },
  };
}
