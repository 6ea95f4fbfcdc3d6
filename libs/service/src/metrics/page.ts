import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { metricDefinitions, type MetricDefinition, type MetricName } from './definitions';
import type { Metrics } from './metrics';

/** The metrics of one process, as Prometheus reads them. */
export interface MetricsPage {
  /** The metrics of one service; several services of a process share a page. */
  forApp(app: string): Metrics;
  /** The page in the text format of Prometheus. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>;
}

type Labels = Readonly<Record<string, string>>;

/** Makes a page, with the metrics of the process (memory, CPU, event loop, garbage collection) on it. */
export function createMetricsPage(): MetricsPage {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counters = new Map<MetricName, Counter>();
  const histograms = new Map<MetricName, Histogram>();
  const readers = new Map<MetricName, Set<{ labels: Labels; read: () => number | undefined }>>();

  for (const [name, definition] of definitionsByName()) {
    const { help } = definition;
    const shared = { name, help, labelNames: ['app', ...definition.labels], registers: [registry] };
    switch (definition.kind) {
      case 'counter':
        counters.set(name, new Counter(shared));
        break;
      case 'histogram':
        histograms.set(name, new Histogram({ ...shared, buckets: [...definition.buckets] }));
        break;
      case 'gauge': {
        const reading = new Set<{ labels: Labels; read: () => number | undefined }>();
        readers.set(name, reading);
        new Gauge({
          ...shared,
          collect() {
            this.reset();
            for (const { labels, read } of reading) {
              const value = valueOf(read);
              if (value !== undefined) this.inc(labels, value);
            }
          },
        });
      }
    }
  }

  return {
    forApp: (app) => ({
      count: (name, labels, by = 1) => counters.get(name)?.inc({ app, ...labels }, by),
      observe: (name, labels, seconds) =>
        histograms.get(name)?.observe({ app, ...labels }, seconds),
      gauge(name, labels, read) {
        const reader = { labels: { app, ...labels }, read };
        readers.get(name)?.add(reader);
        return () => void readers.get(name)?.delete(reader);
      },
    }),
    render: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}

const definitionsByName = () =>
  Object.entries(metricDefinitions) as [MetricName, MetricDefinition][];

/** One reader that fails must not take the page away from the others. */
function valueOf(read: () => number | undefined): number | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
