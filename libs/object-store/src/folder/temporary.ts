import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode, unlessMissing } from './disk';

/** Tells this process from an earlier one with the same id, as every container's process 1 is. */
const processMark = randomBytes(6).toString('hex');
let count = 0;

/** A name that nobody else uses: process id, process mark, number. */
export function temporaryName(): string {
  count += 1;
  return `${process.pid}-${processMark}-${count}`;
}

/**
 * Removes what crashed processes left in the folder of temporary files. Files of processes that still
 * run stay.
 */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of (await unlessMissing(readdir(folder))) ?? []) {
    if (isLeftover(name)) await rm(join(folder, name), { force: true });
  }
}

function isLeftover(name: string): boolean {
  const [, pid, mark] = /^(\d+)-([0-9a-f]+)-\d+$/.exec(name) ?? [];
  if (pid === undefined) return false;
  if (Number(pid) === process.pid) return mark !== processMark;
  return !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
