import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

/** A program of the pipeline, or this process, and the processor time it has used. */
export type ProcessorTime = ReadonlyMap<string, number>;

/** `/proc` counts in hundredths of a second, whatever the kernel's own clock is. */
const millisecondsPerTick = 10;

/** One line of `/proc/PID/stat`. */
export interface ProcessStat {
  readonly parent: number;
  readonly name: string;
  /** User and system time, milliseconds. */
  readonly milliseconds: number;
}

/**
 * Reads a line of `/proc/PID/stat`, see proc(5).
 *
 * @throws RangeError when it is not such a line.
 */
export function parseStat(line: string): ProcessStat {
  // The name is in brackets and may itself hold brackets and blanks.
  const name = /\((.*)\)/s.exec(line)?.[1];
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number);
  if (name === undefined || ![parent, user, system].every(Number.isInteger)) {
    throw new RangeError(`This is no line of /proc/PID/stat: ${line}`);
  }
  return { name, parent: parent!, milliseconds: (user! + system!) * millisecondsPerTick };
}

/** Milliseconds of processor time of this process and of all that it started, by program. */
export async function processorTime(): Promise<ProcessorTime> {
  const stats = new Map<number, ProcessStat>();
  for (const pid of (await readdir('/proc')).map(Number).filter(Number.isInteger)) {
    // It may have ended since it was listed.
    const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    if (line !== undefined) stats.set(pid, parseStat(line));
  }
  const isOurs = (pid: number): boolean => {
    for (let at: number | undefined = pid; at; at = stats.get(at)?.parent) {
      if (at === process.pid) return true;
    }
    return false;
  };
  const times = new Map<string, number>();
  for (const [pid, { name, milliseconds }] of stats) {
    if (!isOurs(pid)) continue;
    const program = pid === process.pid ? 'bench' : await programOf(pid, name);
    times.set(program, (times.get(program) ?? 0) + milliseconds);
  }
  return times;
}

/** An app is known by the folder of its bundle, a server by its name. */
async function programOf(pid: number, name: string): Promise<string> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const bundle = command.split('\0').find((part) => part.endsWith('/main.js'));
  return bundle === undefined ? name : basename(dirname(bundle));
}

/** Milliseconds of processor time for each of `count` things done in between, the largest first. */
export function timeForEach(
  before: ProcessorTime,
  after: ProcessorTime,
  count: number,
): Record<string, number> {
  const each = [...after]
    .map(([program, ms]) => [program, (ms - (before.get(program) ?? 0)) / count] as const)
    .filter(([, ms]) => ms >= 0.05)
    .sort(([, a], [, b]) => b - a);
  return Object.fromEntries(each.map(([program, ms]) => [program, Number(ms.toFixed(1))]));
}
