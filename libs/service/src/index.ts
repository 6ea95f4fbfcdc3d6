/** What every app is made of: start and stop, health, logs, metrics, traces. */
export { withCorrelation } from './correlation';
export * from './health';
export * from './health-command';
export * from './logger';
export * from './main';
export { metricDefinitions, type MetricName } from './metrics/definitions';
export { noMetrics, type Metrics } from './metrics/metrics';
export { createMetricsPage, type MetricsPage } from './metrics/page';
export * from './program';
export * from './service';
export * from './stop';
export { noTracing, type Span, type SpanOptions, type Tracing } from './tracing';
export * from './version';
export * from './wait';
