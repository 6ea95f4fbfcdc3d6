import { codeOf, isPermanent, messageOf } from '@mosaicme/errors';
import { outOfMemory, type DecodeJob, type DecoderMessage } from './decoder-messages';
import { isOutOfMemory } from './refusals';
import { prepareTarget } from './target';
import { makeTile } from './tile';

/**
 * Makes this process a decoder: it does what its parent asks for and ends with it. Signals from a terminal
 * go to the parent as well, which finishes its work first; so they are left to it.
 */
export function serveDecoder(): void {
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
  process.on('disconnect', () => process.exit());
  process.on('message', (job: DecodeJob) => void answer(job));
  send({ type: 'ready' });
}

async function answer(job: DecodeJob): Promise<void> {
  const residentBytes = () => process.memoryUsage.rss();
  try {
    const result = await carryOut(job);
    send({ type: 'done', result, residentBytes: residentBytes() });
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    send({
      type: 'failed',
      permanent: isPermanent(error),
      code: isOutOfMemory(error) ? outOfMemory : codeOf(error),
      message: messageOf(error),
      cause: cause === undefined ? undefined : messageOf(cause),
      residentBytes: residentBytes(),
    });
  }
}

const carryOut = ({ kind, bytes, limits, options }: DecodeJob) =>
  kind === 'tile' ? makeTile(bytes, limits, options) : prepareTarget(bytes, limits, options);

const send = (message: DecoderMessage): void => void process.send?.(message);
