import { deferred } from '@mosaicme/async';
import { PermanentError, TransientError } from '@mosaicme/errors';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import {
  outOfMemory,
  type DecodeJob,
  type DecodeResult,
  type DecoderMessage,
} from './decoder-messages';

/** The process ended in the middle of a photo, and nobody here had asked it to. */
export class DecoderCrash extends Error {
  override readonly name = 'DecoderCrash';

  /** @param how A signal such as `SIGSEGV`, or an exit code. */
  constructor(readonly how: string) {
    super(`The decoder process ended with ${how}.`);
  }
}

/** A decoder process. It does one thing at a time. */
export interface DecoderProcess {
  readonly pid: number | undefined;
  /** False once it has ended or was told to. */
  readonly alive: boolean;
  /**
   * Sends a photo and waits for what becomes of it.
   *
   * @param timing.seconds When they are over, the process is killed and `timing.tooSlow` thrown.
   * @throws DecoderCrash; what the decoder refused, as PermanentError or TransientError.
   */
  run(
    job: DecodeJob,
    timing: { readonly seconds: number; readonly tooSlow: () => Error },
  ): Promise<DecodeResult>;
  /** SIGKILL: also for a process that was stopped or hangs in native code. */
  kill(): void;
}

const shell = '/bin/sh';
/** How often the memory of a working process is looked at, in milliseconds. */
const lookEveryMs = 100;
/** Heap for JavaScript, in megabytes: pixels are outside of it. */
const heapMegabytes = 256;
const startSeconds = 60;
/** A process that has grown beyond this is not kept: WebAssembly never gives memory back. */
const keptBytes = 300_000_000;

/** Variables that a decoder may see. It gets no other, so no credentials either. */
const passedVariables = ['PATH', 'LANG', 'LD_LIBRARY_PATH', 'SystemRoot', 'TMPDIR'];

/**
 * Starts a decoder.
 *
 * Its memory is limited twice. The kernel limits its writable private memory (RLIMIT_DATA by the shell's
 * `ulimit -d`; RLIMIT_AS would count the address space that V8 and WebAssembly only reserve), and while it
 * works its resident memory is looked at ten times a second where there is /proc. Without a shell only the
 * second holds, without /proc only the first, and on Windows neither.
 */
export function startDecoder(program: string, memoryBytes: number): DecoderProcess {
  const node = [process.execPath, `--max-old-space-size=${heapMegabytes}`, program];
  const kilobytes = String(Math.floor(memoryBytes / 1_024));
  const limited = ['-c', 'ulimit -c 0; ulimit -d "$0" && exec "$@"', kilobytes, ...node];
  const [file, ...parameters] = existsSync(shell) ? [shell, ...limited] : node;
  const child = spawn(file!, parameters, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
    env: {
      ...Object.fromEntries(passedVariables.map((name) => [name, process.env[name]])),
      // Fewer arenas of glibc keep less memory for nothing.
      MALLOC_ARENA_MAX: '2',
      UV_THREADPOOL_SIZE: '2',
    },
  });
  return superviseDecoder(child, memoryBytes);
}

function superviseDecoder(child: ChildProcess, memoryBytes: number): DecoderProcess {
  let alive = true;
  let said = '';
  const ready = deferred<void>();
  let answer = deferred<DecoderMessage>();
  let isWorking = false;

  const end = (error: Error): void => {
    alive = false;
    ready.reject(error);
    answer.reject(error);
  };
  const kill = (): void => {
    alive = false;
    child.kill('SIGKILL');
  };
  /** An idle decoder keeps nobody alive. */
  const letGo = (): void => {
    child.unref();
    child.channel?.unref();
  };
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-500);
  });
  (child.stderr as unknown as { unref?(): void } | null)?.unref?.();
  child.on('error', (error) => end(cannotStart(error)));
  child.on('exit', (code, signal) => {
    end(new DecoderCrash(signal ?? `exit code ${code}${said ? `: ${said}` : ''}`));
  });
  child.on('message', (message: DecoderMessage) => {
    if (message.type === 'ready') ready.resolve();
    else answer.resolve(message);
  });

  async function run(
    job: DecodeJob,
    { seconds, tooSlow }: Parameters<DecoderProcess['run']>[1],
  ): Promise<DecodeResult> {
    child.ref();
    child.channel?.ref();
    const fail = (error: Error): void => {
      kill();
      answer.reject(error);
      ready.reject(error);
    };
    const starting = setTimeout(() => fail(cannotStart('it says nothing')), startSeconds * 1_000);
    try {
      await ready.promise;
    } finally {
      clearTimeout(starting);
    }
    answer = deferred();
    isWorking = true;
    const deadline = setTimeout(() => fail(tooSlow()), seconds * 1_000);
    const watch = setInterval(() => {
      void residentBytesOf(child.pid).then((bytes) => {
        if (isWorking && bytes > memoryBytes) fail(tooMuchMemory(memoryBytes));
      });
    }, lookEveryMs);
    try {
      // A process that has just ended cannot be written to; its end is told by 'exit'.
      child.send(job, () => undefined);
      const message = await answer.promise;
      if (message.type === 'ready') throw new DecoderCrash('a start in the middle');
      const isSpent = message.residentBytes > keptBytes;
      // What was too slow may still keep a native thread busy.
      if (isSpent || (message.type === 'failed' && message.code === 'image.too-slow')) kill();
      if (message.type === 'failed') throw refusalOf(message, memoryBytes);
      return message.result;
    } finally {
      isWorking = false;
      clearTimeout(deadline);
      clearInterval(watch);
      letGo();
    }
  }

  letGo();
  return {
    pid: child.pid,
    get alive() {
      return alive;
    },
    run,
    kill,
  };
}

function refusalOf(
  message: Extract<DecoderMessage, { type: 'failed' }>,
  memoryBytes: number,
): Error {
  const { permanent, code, cause } = message;
  if (code === outOfMemory) return tooMuchMemory(memoryBytes, message.message);
  const options = { cause };
  return permanent
    ? new PermanentError(code, message.message, options)
    : new TransientError(code, message.message, options);
}

const cannotStart = (cause: unknown) =>
  new TransientError(
    'decode.no-decoder',
    'The decoder process cannot be started; see the cause, and that decoder.js lies beside the program.',
    { cause },
  );

const tooMuchMemory = (memoryBytes: number, cause?: unknown) =>
  new PermanentError(
    'image.too-much-memory',
    `Decoding the picture takes more than ${Math.round(memoryBytes / 1e6)} MB; send it smaller or as a plain JPEG.`,
    { cause },
  );

/** Bytes of resident memory; 0 where /proc does not tell. */
async function residentBytesOf(pid: number | undefined): Promise<number> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1_024;
  } catch {
    return 0;
  }
}
