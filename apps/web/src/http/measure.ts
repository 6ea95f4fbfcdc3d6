import type { Metrics } from '@mosaicme/service';
import type { IncomingMessage, RequestListener } from 'node:http';

const methods = ['GET', 'HEAD', 'POST'];

/**
 * Times the answers. Live connections stay open for hours and are left out. Addresses are no label:
 * visitors choose them, and each new one would be a time series.
 */
export function measureHttp(metrics: Metrics, handler: RequestListener): RequestListener {
  return (request, response) => {
    const startedAt = performance.now();
    response.once('close', () => {
      if (isLive(response.getHeader('content-type'))) return;
      const labels = {
        method: methodOf(request),
        status: `${Math.floor(response.statusCode / 100)}xx`,
      };
      const seconds = (performance.now() - startedAt) / 1_000;
      metrics.observe('mosaicme_http_seconds', labels, seconds);
    });
    handler(request, response);
  };
}

const isLive = (contentType: unknown): boolean =>
  String(contentType).startsWith('text/event-stream');

const methodOf = ({ method = '' }: IncomingMessage): string =>
  methods.includes(method) ? method : 'other';
