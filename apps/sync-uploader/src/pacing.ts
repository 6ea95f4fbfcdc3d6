import { DeferredError, messageOf } from '@mosaicme/errors';
import { AccountFault, RateLimited, type NetworkId } from '@mosaicme/social';
import type { Logger } from '@mosaicme/service';

export interface PacingSettings {
  /** Milliseconds after which a network whose account is faulty is asked again. */
  readonly probeMs: number;
  readonly now?: () => Date;
}

interface Pause {
  readonly until: Date;
  readonly code: string;
  readonly reason: string;
  /** Whether an operator has to act, so that the app is not ready. */
  readonly isFault: boolean;
}

/** Keeps the answers of each network back while it takes none. */
export interface Pacing {
  /**
   * Asks a network, unless it is known to refuse. A rate limit, a spent budget or a fault of the account
   * pauses it for all answers: they are deferred, none of them counts an attempt, and after the pause a
   * single one is tried.
   *
   * @throws DeferredError while the network takes no answers; whatever `ask` throws about the post.
   */
  through<Result>(network: NetworkId, ask: () => Promise<Result>): Promise<Result>;
  /** @throws Error naming every network whose account an operator has to mend. */
  check(): void;
}

/** Paces the answers; one for all networks of a process. */
export function createPacing(
  { probeMs, now = () => new Date() }: PacingSettings,
  logger: Logger,
): Pacing {
  const pauses = new Map<string, Pause>();
  const probing = new Set<string>();

  const defer = (network: string, { until, code, reason }: Pause) =>
    new DeferredError(
      code,
      `${network} takes no answers until ${until.toISOString()}: ${reason}`,
      until,
    );

  const pauseAfter = (error: unknown): Pause | undefined => {
    if (error instanceof RateLimited) {
      const { retryAt: until, code } = error;
      return { until, code, reason: messageOf(error), isFault: false };
    }
    if (error instanceof AccountFault) {
      const until = new Date(now().getTime() + probeMs);
      return { until, code: error.code, reason: messageOf(error), isFault: true };
    }
    return undefined;
  };

  return {
    async through({ name, instance }, ask) {
      const network = `${name} (${instance})`;
      const before = pauses.get(network);
      if (before) {
        if (before.until > now()) throw defer(network, before);
        // After a pause one answer finds out for all others.
        if (probing.has(network)) {
          throw defer(network, { ...before, until: new Date(now().getTime() + 1_000) });
        }
        probing.add(network);
      }
      try {
        const result = await ask();
        if (pauses.delete(network)) logger.info({ network }, 'answers go on');
        return result;
      } catch (error) {
        const pause = pauseAfter(error);
        if (!pause) {
          // It was the post, not the network.
          pauses.delete(network);
          throw error;
        }
        pauses.set(network, pause);
        const about = { network, code: pause.code, until: pause.until.toISOString() };
        if (pause.isFault) {
          logger.error(about, `Answers stand still until this is mended: ${pause.reason}`);
        } else {
          logger.warn(about, `Answers wait: ${pause.reason}`);
        }
        throw defer(network, pause);
      } finally {
        if (before) probing.delete(network);
      }
    },
    check() {
      const faults = [...pauses].filter(([, { isFault }]) => isFault);
      if (faults.length === 0) return;
      throw new Error(faults.map(([network, { reason }]) => `${network}: ${reason}`).join(' '));
    },
  };
}
