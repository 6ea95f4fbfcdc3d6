import { codeOf, messageOf } from '@mosaicme/errors';
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span as OtelSpan,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Logger } from './logger';
import { noSpan, type Span, type SpanOptions, type Tracing } from './tracing';

const kinds: Readonly<Record<NonNullable<SpanOptions['kind']>, SpanKind>> = {
  internal: SpanKind.INTERNAL,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
};

export interface TracingOptions {
  /** Base address of an OTLP/HTTP collector, without `/v1/traces`. */
  readonly endpoint: string;
  readonly app: string;
  readonly instance: string;
  readonly version: string;
  readonly logger: Logger;
}

/** Milliseconds that sending a batch of spans may take; also how long they delay the end of a service. */
const exportWithinMs = 3_000;

/**
 * Tracing with OpenTelemetry. Load this module by `import()` and only when there is an endpoint: a
 * service without one then does not pay for the packages. Nothing is registered globally, because a
 * process may run several services, each with its own name.
 */
export function openTracing(options: TracingOptions): Tracing {
  const { endpoint, app, instance, version, logger } = options;
  const exporter = new OTLPTraceExporter({
    url: `${endpoint}/v1/traces`,
    timeoutMillis: exportWithinMs,
  });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.namespace': 'mosaicme',
      'service.name': app,
      'service.instance.id': instance,
      'service.version': version,
    }),
    spanProcessors: [
      new BatchSpanProcessor(reportFailures(exporter, endpoint, logger), {
        exportTimeoutMillis: exportWithinMs,
      }),
    ],
  });
  const tracer = provider.getTracer('mosaicme', version);
  const active = new AsyncLocalStorage<Context>();

  const contextOf = (parent: string | undefined): Context => {
    const remote = parent === undefined ? undefined : readTraceparent(parent);
    if (!remote) return active.getStore() ?? ROOT_CONTEXT;
    return trace.setSpanContext(ROOT_CONTEXT, { ...remote, isRemote: true });
  };

  return {
    async span(name, { kind = 'internal', parent, attributes, insideOnly = false }, work) {
      if (insideOnly && !active.getStore()) return work(noSpan);
      const context = contextOf(parent);
      const span = tracer.startSpan(
        name,
        { kind: kinds[kind], ...(attributes && { attributes: { ...attributes } }) },
        context,
      );
      try {
        return await active.run(trace.setSpan(context, span), () => work(handleOf(span)));
      } catch (error) {
        span.setAttribute('error.type', codeOf(error));
        span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
        throw error;
      } finally {
        span.end();
      }
    },
    async close() {
      try {
        await provider.shutdown();
      } catch (error) {
        logger.debug({ reason: messageOf(error) }, 'the last spans were not sent');
      }
    },
  };
}

function handleOf(span: OtelSpan): Span {
  const { traceId, spanId, traceFlags } = span.spanContext();
  const flags = traceFlags.toString(16).padStart(2, '0');
  return {
    traceparent: `00-${traceId}-${spanId}-${flags}`,
    set: (attributes) => void span.setAttributes({ ...attributes }),
  };
}

function readTraceparent(text: string) {
  const [, traceId, spanId, flags] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(text) ?? [];
  return traceId && spanId && flags
    ? { traceId, spanId, traceFlags: Number.parseInt(flags, 16) }
    : undefined;
}

/** Says it once when spans cannot be sent, and once when they can again. */
function reportFailures(exporter: SpanExporter, endpoint: string, logger: Logger): SpanExporter {
  let failing = false;
  return {
    export(spans: ReadableSpan[], done) {
      exporter.export(spans, (result) => {
        const failed = result.error !== undefined;
        if (failed && !failing) {
          logger.warn({ endpoint, reason: messageOf(result.error) }, 'spans cannot be sent');
        }
        if (!failed && failing) logger.info({ endpoint }, 'spans are sent again');
        failing = failed;
        done(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
