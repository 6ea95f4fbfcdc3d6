import { startHealthServer, type HealthCheck } from './health';
import { createLogger, type Logger } from './logger';
import type { Metrics } from './metrics/metrics';
import { createMetricsPage, type MetricsPage } from './metrics/page';
import { createStopList } from './stop';
import { noTracing, type Tracing } from './tracing';
import { version } from './version';
import { hostname } from 'node:os';
import { randomBytes } from 'node:crypto';

/** The settings that every app has; libs/config reads them. */
export interface ServiceSettings {
  readonly logLevel: string;
  readonly instance?: string | undefined;
  readonly healthHost: string;
  readonly healthPort: number;
  readonly shutdownSeconds: number;
  /** Where spans go; without it there are none. */
  readonly otlpEndpoint?: string | undefined;
}

export type ServiceState = 'waiting' | 'ready' | 'stopping';

/** A service that runs: what `start…(config)` of an app returns. */
export interface RunningService {
  readonly app: string;
  readonly instance: string;
  /** Resolves once the service does its work; rejects when it never will. */
  readonly ready: Promise<void>;
  /** Resolves with the reason when the service can never work, or stopped working for good. */
  readonly failed: Promise<unknown>;
  /** Undefined where the health page is off. */
  readonly healthUrl: string | undefined;
  /** Stops intake first, then work in progress, then connections. */
  close(): Promise<void>;
}

/** What the start function of a service gets. */
export interface ServiceContext {
  readonly app: string;
  readonly instance: string;
  readonly startedAt: Date;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  /** Aborts when the service is to stop. */
  readonly signal: AbortSignal;
  state(): ServiceState;
  /** How to close what was just opened; the last one opened is closed first. */
  onStop(name: string, close: () => Promise<void> | void): void;
  /** Says that the service cannot go on; `main` then stops the process. */
  fail(reason: unknown): void;
  /** A check for `/readyz`. */
  addCheck(name: string, check: HealthCheck): void;
}

export interface ServiceOptions {
  readonly app: string;
  readonly settings: ServiceSettings;
  /** The parent of the service's logger; standard output unless given. */
  readonly logger?: Logger;
  /** `false` when something else tells about this service, as in the all-in-one program. */
  readonly healthPage?: boolean;
  /** The page that this service's metrics go to; a page of its own unless given. */
  readonly metricsPage?: MetricsPage;
  /** Opens everything; may wait for servers. The service is ready when it resolves. */
  readonly start: (context: ServiceContext) => Promise<void>;
}

/**
 * Starts a service. The health page answers at once, `/readyz` turns to 200 when `start` has resolved
 * and all checks pass.
 */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const { app, settings, start } = options;
  const instance =
    settings.instance ?? `${hostname()}-${process.pid}-${randomBytes(2).toString('hex')}`;
  const logger = options.logger
    ? options.logger.child({ app, instance })
    : createLogger({ app, instance, version, level: settings.logLevel });
  const stops = createStopList(logger);
  const stopping = new AbortController();
  let state: ServiceState = 'waiting';
  const checks: Record<string, HealthCheck> = {
    started: () => {
      if (state !== 'ready') throw new Error(`the service is ${state}`);
    },
  };

  const metricsPage = options.metricsPage ?? createMetricsPage();
  const metrics = metricsPage.forApp(app);
  const forget = [
    metrics.gauge('mosaicme_build_info', { version }, () => 1),
    metrics.gauge('mosaicme_service_ready', {}, () => (state === 'ready' ? 1 : 0)),
  ];
  const endpoint = settings.otlpEndpoint;
  const tracing =
    endpoint === undefined
      ? noTracing
      : (await import('./tracing-otlp')).openTracing({ endpoint, app, instance, version, logger });
  stops.add('tracing', () => tracing.close());

  let healthUrl: string | undefined;
  if (options.healthPage ?? true) {
    const health = await startHealthServer({
      host: settings.healthHost,
      port: settings.healthPort,
      checks,
      metrics: metricsPage,
    });
    stops.add('health page', () => health.close());
    healthUrl = health.url;
  }
  logger.info({ version, healthUrl }, `${app} starts`);

  let fail: (reason: unknown) => void = () => undefined;
  const failed = new Promise<unknown>((resolve) => {
    fail = resolve;
  });
  const ready = start({
    app,
    instance,
    startedAt: new Date(),
    logger,
    metrics,
    tracing,
    signal: stopping.signal,
    state: () => state,
    onStop: (name, close) => stops.add(name, close),
    fail,
    addCheck: (name, check) => {
      checks[name] = check;
    },
  }).then(() => {
    if (state === 'waiting') state = 'ready';
    logger.info({}, `${app} is ready`);
  });
  ready.catch((reason: unknown) => {
    if (!stopping.signal.aborted) fail(reason);
  });

  let closed: Promise<void> | undefined;
  return {
    app,
    instance,
    ready,
    failed,
    healthUrl,
    close() {
      closed ??= (async () => {
        state = 'stopping';
        logger.info({}, `${app} stops`);
        stopping.abort(new Error(`${app} stops`));
        await ready.catch(() => undefined);
        await stops.close();
        for (const end of forget) end();
        logger.info({}, `${app} has stopped`);
      })();
      return closed;
    },
  };
}
