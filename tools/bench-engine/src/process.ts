import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Job, JobResult } from './job';

/** What a run of a foreign program took. */
export interface ProgramRun {
  readonly seconds: number;
  /** Peak of its resident memory; undefined where /proc does not tell. */
  readonly peakMemoryMB: number | undefined;
}

/** How often the peak is read; the kernel keeps it, so only the last moments can be missed. */
const pollMs = 20;

/** The peak of a process's resident memory so far, in MB; undefined where /proc does not tell. */
export function peakMemoryOf(pid: number | 'self'): number | undefined {
  try {
    const [, kilobytes] =
      /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1_000;
  } catch {
    return undefined;
  }
}

/** Runs a program to its end. @throws Error with the end of what it said when it fails. */
export async function runProgram(
  program: string,
  parameters: readonly string[],
): Promise<ProgramRun> {
  const startedAt = performance.now();
  const child = spawn(program, parameters, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-500);
  });
  let peak: number | undefined;
  const timer = setInterval(() => {
    if (child.pid !== undefined) peak = peakMemoryOf(child.pid) ?? peak;
  }, pollMs);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`${program} failed with ${code}: ${said}`);
    return { seconds: (performance.now() - startedAt) / 1_000, peakMemoryMB: peak };
  } finally {
    clearInterval(timer);
  }
}

/** Runs a job in a process of its own. @throws Error with what the job threw. */
export async function runJob(self: string, job: Job): Promise<JobResult> {
  const child = fork(self, ['--job']);
  child.send(job);
  const closed = once(child, 'exit');
  const [answer] = (await Promise.race([
    once(child, 'message'),
    closed.then(([code]) => [{ error: `The process ended with ${String(code)}.` }]),
  ])) as [JobResult | { readonly error: string }];
  await closed;
  if ('error' in answer) throw new Error(`${job.name}: ${answer.error}`);
  return answer;
}
