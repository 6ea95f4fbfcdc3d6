import { createRequest, defaultCampaign } from '@mosaicme/contracts';
import { madeUpPhoto, type Pipeline } from '@mosaicme/faults';
import type { Messaging } from '@mosaicme/messaging';
import { submitRequest } from '@mosaicme/pipeline';
import pLimit from 'p-limit';
import type { Arrivals } from './arrivals';
import type { EngineAlone } from './engine-alone';
import type { StoreCalls } from './store-calls';
import { processorTime, timeForEach } from './processor-time';

/** What was seen while a queue was worked off, from its first message to its last mosaic. */
export interface Saturated {
  /** Requests that waited when the clock started. */
  readonly queued: number;
  /** How often. */
  readonly rounds: number;
  readonly mosaicsPerMinute: number;
  /** Of the engine with nothing around it, right before and after: the machine is not always as fast. */
  readonly engineAlonePerMinute: number;
  /** Share of the wall time that is the engine's own work, 0 to 1. */
  readonly engineShare: number;
  /** What the pipeline adds to the engine's time, 0.3 for 30 %. */
  readonly overhead: number;
  /** Milliseconds of processor time for each mosaic, by program; `bench` is this process. */
  readonly processorMs: Readonly<Record<string, number>>;
  /** Calls of all apps to the object store for each mosaic. */
  readonly storeCallsPerMosaic: number;
}

export interface SaturationPorts {
  readonly pipeline: Pipeline;
  readonly messaging: Messaging;
  readonly arrivals: Arrivals;
  readonly photos: readonly Buffer[];
  readonly engine: EngineAlone;
  readonly storeCalls: StoreCalls;
}

/** Mosaics for which the engine is timed alone, before and after. */
const aloneSample = 60;
const submitsAtOnce = 16;

/** One filling of the queue and what was seen of it. */
interface Round {
  /** From the first message to the last mosaic. */
  readonly seconds: number;
  /** Seconds for one mosaic of the engine alone. */
  readonly alone: number;
  /** For each mosaic. */
  readonly storeCalls: number;
  readonly processorMs: Readonly<Record<string, number>>;
}

/**
 * Fills the queue and times until all is published; again and again, until at least `atLeast` mosaics
 * were timed.
 */
export async function measureSaturation(
  ports: SaturationPorts,
  { queued, atLeast }: { readonly queued: number; readonly atLeast: number },
): Promise<Saturated> {
  const rounds: Round[] = [];
  while (rounds.length * queued < atLeast) rounds.push(await measureRound(ports, queued));
  const mean = (of: (round: Round) => number) =>
    rounds.reduce((sum, round) => sum + of(round), 0) / rounds.length;
  const each = mean(({ seconds }) => seconds / queued);
  const alone = mean((round) => round.alone);
  const programs = [...new Set(rounds.flatMap(({ processorMs }) => Object.keys(processorMs)))];
  return {
    queued,
    rounds: rounds.length,
    mosaicsPerMinute: Math.round(60 / each),
    engineAlonePerMinute: Math.round(60 / alone),
    engineShare: Number((alone / each).toFixed(3)),
    overhead: Number((each / alone - 1).toFixed(3)),
    storeCallsPerMosaic: Number(mean((round) => round.storeCalls).toFixed(2)),
    processorMs: Object.fromEntries(
      programs.map((program) => [
        program,
        Number(mean(({ processorMs }) => processorMs[program] ?? 0).toFixed(1)),
      ]),
    ),
  };
}

async function measureRound(ports: SaturationPorts, queued: number): Promise<Round> {
  const { pipeline, arrivals, engine } = ports;
  // Queued while the first worker sleeps, so that the backlog stands before the clock starts.
  const gate = pipeline.apps.get('sync-downloader')!;
  // The paused worker does not tell; what is submitted meanwhile is this process's own doing.
  const callsBefore = await ports.storeCalls.count();
  gate.pause();
  await pLimit(submitsAtOnce).map(Array(queued).keys(), (index) => submit(ports, index));
  const before = arrivals.count('published');
  const aloneBefore = await engine.measure(aloneSample);
  const usedBefore = await processorTime();
  const startedAt = performance.now();
  gate.resume();
  const endedAt = await arrivals.reached('published', before + queued);
  const used = await processorTime();
  const calls = (await ports.storeCalls.count()) - callsBefore;
  return {
    seconds: (endedAt - startedAt) / 1_000,
    alone: (aloneBefore + (await engine.measure(aloneSample))) / 2,
    storeCalls: calls / queued,
    processorMs: timeForEach(usedBefore, used, queued),
  };
}

let submitted = 0;

async function submit({ pipeline, messaging, photos }: SaturationPorts, index: number) {
  const { store, keys } = pipeline;
  const photo = madeUpPhoto(`queued-${submitted++}`);
  const request = createRequest(defaultCampaign, photo, { answerable: false });
  await submitRequest({ app: 'bench', store, messaging, keys }, request, {
    bytes: photos[index % photos.length]!,
    contentType: 'image/jpeg',
  });
}
