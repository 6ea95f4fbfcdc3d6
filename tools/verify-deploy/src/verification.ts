import { freePorts } from '@mosaicme/test-servers';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Docker, Memory } from './docker';
import type { Document } from './document';
import type { Engine } from './engine';
import type { Outcome } from './network';
import type { BaseImages } from './stand-ins';

/** One line of the table. */
export interface ScenarioResult extends Outcome {
  readonly name: string;
  readonly seconds: number;
}

/** What the scenarios share. */
export interface Verification {
  readonly root: string;
  readonly version: string;
  readonly engine: Engine;
  readonly docker: Docker;
  readonly guide: Document;
  readonly images: BaseImages;
  /** True when the S3 server keeps its data in memory only. */
  readonly forgetfulS3: boolean;
  /** Photos to be made into mosaics. */
  readonly photos: readonly string[];
  readonly say: (line: string) => void;
  readonly record: (result: ScenarioResult) => void;
  readonly recordMemory: (name: string, state: 'idle' | 'load', memory: Memory) => void;
  readonly recordStart: (name: string, seconds: number) => void;
}

export async function listRequestPhotos(root: string): Promise<string[]> {
  const folder = join(root, 'tools/demo-photos/requests');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.jpg'));
  return files.sort().map((file) => join(folder, file));
}

/** Does something and records what became of the requests, with the time it took. */
export async function timed(
  { record, say }: Pick<Verification, 'record' | 'say'>,
  name: string,
  scenario: () => Promise<Outcome>,
): Promise<void> {
  say(`${name} …`);
  const startedAt = performance.now();
  const outcome = await scenario();
  const seconds = secondsSince(startedAt);
  record({ name, ...outcome, seconds });
  const { requests, published, answered } = outcome;
  say(
    `${name}: ${requests} requests, ${published} published, ${answered} answered in ${seconds} s`,
  );
}

export const secondsSince = (startedAt: number): number =>
  Math.round((performance.now() - startedAt) / 100) / 10;

/** The commands with ports of this machine that are free. */
export async function withFreePorts(script: string, ports: readonly number[]) {
  const names = ports.map(String);
  const free = await freePorts(names);
  const text = names.reduce(
    (changed, name) => changed.replaceAll(`-p ${name}:`, `-p ${free[name]}:`),
    script,
  );
  return { text, port: (documented: number): number => free[String(documented)] ?? documented };
}
