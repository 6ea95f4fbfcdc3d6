import { once } from 'node:events';
import { messageOf } from '@mosaicme/errors';
import { encodePixels } from './jobs/encode-pixels';
import { growLibrary } from './jobs/grow-library';
import { makeGigapixel } from './jobs/make-gigapixel';
import { makeMosaics } from './jobs/make-mosaics';
import { matchMany } from './jobs/match-many';
import { rebuildPhotos } from './jobs/rebuild-photos';
import type { Measured } from './jobs/measure';
import { peakMemoryOf } from './process';

interface Jobs {
  readonly 'make-mosaics': typeof makeMosaics;
  readonly 'encode-pixels': typeof encodePixels;
  readonly 'match-many': typeof matchMany;
  readonly 'rebuild-photos': typeof rebuildPhotos;
  readonly 'grow-library': typeof growLibrary;
  readonly 'make-gigapixel': typeof makeGigapixel;
}

/** What a process of its own is asked to do. */
export type Job = {
  readonly [Name in keyof Jobs]: {
    readonly name: Name;
    readonly input: Parameters<Jobs[Name]>[0];
  };
}[keyof Jobs];

export interface JobResult {
  /** Of each time, in order. */
  readonly seconds: readonly number[];
  /** Peak of the process's resident memory; undefined where /proc does not tell. */
  readonly peakMemoryMB: number | undefined;
  /** Other figures, by name. */
  readonly figures: Readonly<Record<string, number>>;
}

/** Waits for the one job of this process, does it and answers. */
export async function serveJob(): Promise<void> {
  const [job] = (await once(process, 'message')) as [Job];
  let answer: JobResult | { readonly error: string };
  try {
    const { seconds, figures = {} } = await perform(job);
    answer = { seconds, peakMemoryMB: peakMemoryOf('self'), figures };
  } catch (error) {
    answer = { error: messageOf(error) };
  }
  process.send?.(answer);
  process.disconnect();
}

function perform(job: Job): Promise<Measured> {
  switch (job.name) {
    case 'make-mosaics':
      return makeMosaics(job.input);
    case 'encode-pixels':
      return encodePixels(job.input);
    case 'match-many':
      return matchMany(job.input);
    case 'rebuild-photos':
      return rebuildPhotos(job.input);
    case 'grow-library':
      return growLibrary(job.input);
    case 'make-gigapixel':
      return makeGigapixel(job.input);
  }
}
