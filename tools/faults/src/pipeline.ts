import { createRedisCatalogue, type Catalogue } from '@mosaicme/catalogue';
import { appSchemas, readConfig, type CacherConfig } from '@mosaicme/config';
import {
  objectKeys,
  photoId,
  type ObjectKeys,
  defaultCampaign,
  requestId,
} from '@mosaicme/contracts';
import type { ObjectStore } from '@mosaicme/object-store';
import { connectMessaging, connectStore, submitRawPhoto, topologyOf } from '@mosaicme/pipeline';
import { silentLogger } from '@mosaicme/service';
import {
  simulatorVariables,
  startSimulator,
  type Simulator,
  type SimulatorOptions,
} from '@mosaicme/social-simulator';
import { appVariables, type TestServers } from '@mosaicme/test-servers';
import amqp from 'amqplib';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { createFrameReader, type AmqpFrame } from './amqp-frames';
import { keepRunning, type AppProcess, type LogLine } from './app-process';
import { startHttpProxy, type HttpFault, type HttpProxy } from './http-proxy';
import { madeUpPhoto } from './made-up-photo';
import { wavePicture } from './pictures';
import { startTcpProxy, type Direction, type Inspector, type TcpProxy } from './tcp-proxy';

export const workers = [
  'collector',
  'sync-downloader',
  'engine',
  'sync-uploader',
  'cacher',
  'janitor',
] as const;
export type Worker = (typeof workers)[number];

/** The boundaries between the steps of a handler, as they show in an app's traffic. */
export const steps = [
  'before store',
  'after store',
  'before follow-up',
  'after follow-up',
  'before ack',
  'after answer',
] as const;
export type Step = (typeof steps)[number];

export interface PipelineOptions {
  readonly servers: TestServers;
  /** Folder with a folder for each app. */
  readonly appsFolder: string;
  /** Variables beside those that name servers, buckets and queues. */
  readonly environment: Readonly<Record<string, string>>;
  /** More variables for single apps. */
  readonly appEnvironment?: Partial<Record<Worker, Readonly<Record<string, string>>>>;
  readonly simulator?: SimulatorOptions;
  /** Called at each boundary; true kills the app before anything else happens. */
  readonly onStep?: (worker: Worker, step: Step) => boolean;
  /** What becomes of a request to the object store. */
  readonly s3Fault?: (worker: Worker, request: { method: string; url: string }) => HttpFault;
  readonly onLog?: (name: string, line: LogLine) => void;
  /** Without proxies, for measurements; nothing can be disturbed then. */
  readonly direct?: boolean;
}

/** The apps as processes of their own on real servers, each behind proxies of its own. */
export interface Pipeline {
  readonly simulator: Simulator;
  readonly store: ObjectStore;
  readonly catalogue: Catalogue;
  readonly keys: ObjectKeys;
  readonly config: CacherConfig;
  /** Variables with which one more app reaches the servers, past the proxies. */
  readonly environment: Readonly<Record<string, string>>;
  readonly apps: ReadonlyMap<Worker, AppProcess>;
  readonly brokers: ReadonlyMap<Worker, TcpProxy>;
  readonly redis: TcpProxy;
  /** Temporary files of all apps, and the engine's cache. */
  readonly folder: string;
  /** Puts photos into the tile library and waits until they are in it. */
  fillLibrary(count: number): Promise<void>;
  /** Posts a request. @returns its id in the pipeline. */
  request(photo: Buffer): Promise<string>;
  /** Messages in each queue, retry queues and dead letters included; those in flight do not count. */
  messages(): Promise<ReadonlyMap<string, number>>;
  /** Messages that apps have taken and not answered for, as their proxies see it. */
  inFlight(): number;
  /** Deletes all queues, as a broker does that loses its disk. */
  deleteQueues(): Promise<void>;
  stopApps(): Promise<void>;
  close(): Promise<void>;
}

/** Photos submitted at a time, to fill the library. */
const submitsAtOnce = 8;
const tags = { requests: 'mosaicme' } as const;

export async function startPipeline(options: PipelineOptions): Promise<Pipeline> {
  const { servers, appsFolder, onLog = () => undefined } = options;
  const simulator = await startSimulator({ maxPosts: 100_000, ...options.simulator });
  const named: Readonly<Record<string, string>> = {
    ...appVariables(servers, 'faults'),
    ...simulatorVariables(simulator),
    ...options.environment,
  };
  const folder = await mkdtemp(join(tmpdir(), 'mosaicme-faults-'));
  const [temporary, cache] = [join(folder, 'tmp'), join(folder, 'cache')];
  await mkdir(temporary);

  const config = readConfig('cacher', appSchemas.cacher, named);
  const direct = connectStore(config);
  const catalogue = createRedisCatalogue({ ...config.redis, logger: silentLogger });

  const apps = new Map<Worker, AppProcess>();
  const brokers = new Map<Worker, TcpProxy>();
  const stores: HttpProxy[] = [];
  let inFlight = 0;
  const atStep = (worker: Worker, step: Step): boolean => {
    if (!options.onStep?.(worker, step)) return false;
    apps.get(worker)?.kill();
    return true;
  };
  simulator.onAnswer(() => void atStep('sync-uploader', 'after answer'));

  const target = (host: string, port: string) => ({ host, port: Number(port) });
  const redis = await startTcpProxy(target(named['REDIS_HOST']!, named['REDIS_PORT']!), () =>
    redisInspector((step) => atStep('cacher', step)),
  );

  for (const worker of workers) {
    const broker = await startTcpProxy(
      target(named['RABBITMQ_HOST']!, named['RABBITMQ_PORT']!),
      () =>
        amqpInspector(
          (step) => atStep(worker, step),
          (change) => (inFlight += change),
        ),
    );
    const store = await startHttpProxy(target(named['S3_HOST']!, named['S3_PORT']!), {
      before: (request) =>
        isWrite(request) && atStep(worker, 'before store')
          ? { kind: 'cut' }
          : (options.s3Fault?.(worker, request) ?? { kind: 'pass' }),
      after: (request) => !(isWrite(request) && atStep(worker, 'after store')),
    });
    brokers.set(worker, broker);
    stores.push(store);
    apps.set(
      worker,
      keepRunning({
        name: worker,
        file: join(appsFolder, worker, 'main.js'),
        environment: {
          ...named,
          ...(!options.direct && {
            RABBITMQ_HOST: '127.0.0.1',
            RABBITMQ_PORT: String(broker.port),
            S3_HOST: '127.0.0.1',
            S3_PORT: String(store.port),
            REDIS_HOST: '127.0.0.1',
            REDIS_PORT: String(redis.port),
          }),
          TMPDIR: temporary,
          INSTANCE: worker,
          ...(worker === 'collector' && {
            MOSAIC_QUEUE: named['QUEUE_IN']!,
            MOSAIC_BUCKET: named['BUCKET_IN']!,
            MOSAIC_LISTEN_HASHTAG: tags.requests,
          }),
          ...(worker === 'engine' && { ENGINE_CACHE_FOLDER: cache }),
          ...options.appEnvironment?.[worker],
        },
        onLog: (line) => onLog(worker, line),
      }),
    );
  }

  const layout = topologyOf(config);
  const queueNames = layout.queues.flatMap(({ name, deadLetterQueue, retryQueues }) => [
    name,
    deadLetterQueue,
    ...retryQueues.map((retryQueue) => retryQueue.name),
  ]);
  const onBroker = async <Value>(
    task: (channel: amqp.Channel) => Promise<Value>,
  ): Promise<Value> => {
    const connection = await amqp.connect(servers.amqpUrl);
    connection.on('error', () => undefined);
    try {
      return await task(await connection.createChannel());
    } finally {
      await connection.close();
    }
  };

  const stopApps = async (): Promise<void> => {
    await Promise.all([...apps.values()].map((app) => app.stop()));
  };

  let guests = 0;
  return {
    inFlight: () => inFlight,
    simulator,
    store: direct,
    catalogue,
    keys: objectKeys(config.buckets),
    config,
    environment: named,
    apps,
    brokers,
    redis,
    folder,

    async fillLibrary(count) {
      const messaging = connectMessaging(config, silentLogger, 'faults');
      await Promise.all([
        messaging.ready(),
        apps.get('sync-downloader')?.ready(),
        apps.get('collector')?.ready(),
      ]);
      const keys = objectKeys(config.buckets);
      const submit = async (seed: number): Promise<void> => {
        const photo = madeUpPhoto(`library-${seed}`);
        const bytes = await wavePicture(seed);
        const ports = { app: 'faults', store: direct, messaging, keys };
        await submitRawPhoto(
          ports,
          { photo, library: defaultCampaign },
          { bytes, contentType: 'image/jpeg' },
        );
      };
      await pLimit(submitsAtOnce).map(Array(count).keys(), submit);
      await apps.get('engine')?.ready();
      await messaging.close();
    },

    async request(photo) {
      const post = await simulator.post({
        handle: `guest${guests++}`,
        text: `@mosaicme rebuild me #${tags.requests}`,
        photos: [photo],
      });
      const source = { network: 'x', instance: 'x.com', postId: post.id, mediaIndex: 0 } as const;
      return requestId(defaultCampaign, photoId(source));
    },

    messages: () =>
      onBroker(async (channel) => {
        const counts = new Map<string, number>();
        for (const name of queueNames) {
          counts.set(name, (await channel.checkQueue(name)).messageCount);
        }
        return counts;
      }),

    deleteQueues: () =>
      onBroker(async (channel) => {
        for (const name of queueNames) await channel.deleteQueue(name);
      }),

    stopApps,
    async close() {
      await stopApps();
      for (const proxy of [...brokers.values(), ...stores, redis]) await proxy.close();
      await catalogue.close();
      await direct.close();
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Tries until it holds. @returns false when it did not in time. */
export async function eventually(
  holds: () => Promise<boolean>,
  timeoutMs: number,
  pauseMs = 300,
): Promise<boolean> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(pauseMs)) {
    if (await holds()) return true;
  }
  return false;
}

const isWrite = ({ method }: { readonly method: string }): boolean =>
  method === 'PUT' || method === 'POST';

/**
 * Stops a connection right where the traffic reaches a boundary at which the app is killed, and counts
 * the messages that are in flight.
 */
function amqpInspector(
  killsAt: (step: Step) => boolean,
  countInFlight: (change: number) => void,
): Inspector {
  const readers = { 'to server': createFrameReader(), 'to client': createFrameReader() };
  let confirms = 0;
  /** By channel: with it, its messages go. */
  const inFlight = new Map<number, number>();
  const count = (channel: number, change: number): void => {
    inFlight.set(channel, (inFlight.get(channel) ?? 0) + change);
    countInFlight(change);
  };
  const forget = (channel: number): void => count(channel, -(inFlight.get(channel) ?? 0));
  const stepAt = (direction: Direction, { method, channel }: AmqpFrame): Step | undefined => {
    const { name } = method;
    if (name === 'close channel') forget(channel);
    if (direction === 'to client') {
      if (name === 'deliver') count(channel, 1);
      if (name !== 'ack' || confirms === 0) return undefined;
      confirms--;
      return 'after follow-up';
    }
    if (name === 'ack' || name === 'reject' || name === 'nack') count(channel, -1);
    if (name === 'ack') return 'before ack';
    if (name !== 'publish' || !/^(photo|mosaic)\./.test(method.routingKey)) return undefined;
    confirms++;
    return 'before follow-up';
  };
  return {
    pass(direction, bytes) {
      const passing: Buffer[] = [];
      for (const frame of readers[direction](bytes)) {
        const step = stepAt(direction, frame);
        if (step && killsAt(step)) return undefined;
        passing.push(frame.bytes);
      }
      return Buffer.concat(passing);
    },
    closed: () => [...inFlight.keys()].forEach(forget),
  };
}

/** The same for Redis, whose writes are scripts and single commands. */
function redisInspector(killsAt: (step: Step) => boolean): Inspector {
  let writes = 0;
  return {
    pass(direction, bytes) {
      if (
        direction === 'to server' &&
        /\r\n(?:eval(?:sha)?|hset)\r\n/i.test(bytes.toString('latin1'))
      ) {
        if (killsAt('before store')) return undefined;
        writes++;
      } else if (direction === 'to client' && writes > 0) {
        writes = 0;
        if (killsAt('after store')) return undefined;
      }
      return bytes;
    },
  };
}
