import { sleep } from '@mosaicme/async';
import { messageOf } from '@mosaicme/errors';
import type { Logger, ServiceContext } from '@mosaicme/service';
import { AccountFault, type Network, type Networks } from '@mosaicme/social';

export interface SupervisePorts {
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly addCheck: ServiceContext['addCheck'];
  readonly fail: ServiceContext['fail'];
}

/** Milliseconds after which a network that refused the account is asked again. */
const askAgainMs = 15 * 60_000;

/**
 * Follows each network by itself. One that refuses stops alone: its check says why, and after a fault of
 * the account, which an operator may have mended meanwhile, it is tried again. Only when none is followed
 * any more the whole service fails.
 *
 * @param follow Runs until the signal aborts; rejects when the network refuses.
 * @returns A promise for the end of all of them. It never rejects.
 */
export async function superviseEach(
  networks: Networks,
  follow: (network: Network) => Promise<void>,
  { logger, signal, addCheck, fail }: SupervisePorts,
): Promise<void> {
  const all = [...networks];
  const stopped = new Map<Network, string>();

  const supervise = async (network: Network): Promise<void> => {
    const { name, instance } = network.id;
    addCheck(`${name} (${instance})`, () => {
      const reason = stopped.get(network);
      if (reason !== undefined) throw new Error(`not followed: ${reason}`);
    });
    while (!signal.aborted) {
      try {
        await follow(network);
        return;
      } catch (error) {
        if (signal.aborted) return;
        const reason = messageOf(error);
        stopped.set(network, reason);
        logger.error(
          { error, network: network.id },
          `${instance} is not followed any more: ${reason}`,
        );
        if (stopped.size === all.length) return fail(error);
        if (!(error instanceof AccountFault)) return;
      }
      await sleep(askAgainMs, signal).catch(() => {});
      stopped.delete(network);
    }
  };
  await Promise.all(all.map(supervise));
}
