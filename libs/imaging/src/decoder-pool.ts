import { PermanentError, TransientError } from '@mosaicme/errors';
import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import type { PhotoDecoder } from './decoder';
import type { DecodeJob, DecodeResult } from './decoder-messages';
import { DecoderCrash, startDecoder, type DecoderProcess } from './decoder-process';
import { defaultImageLimits } from './limits';
import { refusals } from './refusals';
import type { PreparedTarget } from './target';
import type { TileImages } from './tile';

export interface DecoderPoolOptions {
  /** File of the bundled `decoder-main.ts`. */
  readonly program: string;
  /** Decoders at the most; by default as many as there are processors, at most 4. */
  readonly processes?: number;
  /** Memory of each in bytes; 1.2 GB unless given, twice what a photo at the limits takes. */
  readonly memoryBytes?: number;
  /** Hears when a decoder has crashed, with the signal or exit code. */
  readonly onCrash?: (how: string) => void;
}

export interface DecoderPool extends PhotoDecoder {
  /** Process ids of the decoders that run. */
  pids(): number[];
}

const mostProcesses = 4;
const defaultMemoryBytes = 1_200_000_000;

/** A photo on which the decoder crashed is tried once more: the crash may have been another's fault. */
const attempts = 2;

/**
 * Decodes each photo in a process of its own kind, which gets the bytes and nothing else: no credentials,
 * no network of ours, limited memory. Whatever happens in there costs that one photo:
 *
 * - longer than `limits.maxSeconds`, also when it was stopped or hangs: killed, `image.too-slow`;
 * - more memory than allowed: killed, `image.too-much-memory`;
 * - a crash, twice: `decode.crashed`. Killed from outside, twice: transient, `decode.killed`, because that
 *   is how a machine short of memory does it.
 *
 * Processes are started when they are needed and kept for the next photo. `close` kills them; photos that
 * are being decoded fail as transient then.
 */
export function createDecoderPool(options: DecoderPoolOptions): DecoderPool {
  const { program, memoryBytes = defaultMemoryBytes, onCrash } = options;
  const { processes = Math.min(mostProcesses, availableParallelism()) } = options;
  const slot = pLimit(processes);
  const all = new Set<DecoderProcess>();
  const idle: DecoderProcess[] = [];
  let closed = false;

  function takeDecoder(): DecoderProcess {
    for (let decoder = idle.pop(); decoder; decoder = idle.pop()) {
      if (decoder.alive) return decoder;
      all.delete(decoder);
    }
    const started = startDecoder(program, memoryBytes);
    all.add(started);
    return started;
  }

  function giveBack(decoder: DecoderProcess): void {
    if (decoder.alive) idle.push(decoder);
    else all.delete(decoder);
  }

  async function decode(job: DecodeJob): Promise<DecodeResult> {
    const limits = job.limits ?? defaultImageLimits;
    // The limit that needs no decoder spares the way to it.
    if (job.bytes.length > limits.maxBytes) throw refusals.tooManyBytes(job.bytes.length, limits);
    const timing = { seconds: limits.maxSeconds, tooSlow: () => refusals.tooSlow(limits) };
    let crash: DecoderCrash | undefined;
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (closed) throw closedError();
      const decoder = takeDecoder();
      try {
        return await decoder.run(job, timing);
      } catch (error) {
        if (!(error instanceof DecoderCrash)) throw error;
        if (closed) throw closedError();
        crash = error;
        onCrash?.(error.how);
      } finally {
        giveBack(decoder);
      }
    }
    throw crashError(crash!);
  }

  return {
    makeTile: (bytes, limits, tile) =>
      slot(() => decode({ kind: 'tile', bytes, limits, options: tile })) as Promise<TileImages>,
    prepareTarget: (bytes, limits, target) =>
      slot(() =>
        decode({ kind: 'target', bytes, limits, options: target }),
      ) as Promise<PreparedTarget>,
    pids: () =>
      [...all].filter(({ alive }) => alive).flatMap(({ pid }) => (pid === undefined ? [] : [pid])),
    close() {
      closed = true;
      for (const decoder of all) decoder.kill();
      return Promise.resolve();
    },
  };
}

function crashError(crash: DecoderCrash): Error {
  return crash.how === 'SIGKILL'
    ? new TransientError(
        'decode.killed',
        'The decoder was killed from outside, twice; the machine may be short of memory.',
        { cause: crash },
      )
    : new PermanentError(
        'decode.crashed',
        `The decoder crashed on this picture (${crash.how}), twice; save it anew as JPEG and send that.`,
        { cause: crash },
      );
}

const closedError = () =>
  new TransientError('decode.closed', 'The decoder is closed; the photo is decoded later.');
