import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const prefix = 'mosaicme-servers-';

/** A new folder for the servers of this process. It removes what killed processes left behind. */
export async function makeServersFolder(parent: string = tmpdir()): Promise<string> {
  for (const name of await readdir(parent)) {
    if (isLeftover(name, isAlive)) await rm(join(parent, name), { recursive: true, force: true });
  }
  return mkdtemp(join(parent, `${prefix}${process.pid}-`));
}

/** Was this folder made by a process that is gone? */
export function isLeftover(name: string, isRunning: (pid: number) => boolean): boolean {
  const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
  return pid !== undefined && !isRunning(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EPERM';
  }
}
