import { Router } from 'express';
import { readOnly } from '../http/methods';
import { HttpProblem } from '../http/problem';
import type { EventHub } from '../live/hub';

/** Live events for browsers, as server-sent events. */
export function eventRoutes(hub: EventHub): Router {
  const routes = Router();
  routes
    .route('/events')
    .get((request, response) => {
      if (hub.isFull) {
        throw new HttpProblem(
          503,
          'events.full',
          'Too many browsers listen at the moment. The page works without; reload it to see news.',
          { 'Retry-After': '60' },
        );
      }
      response.set({
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-store, no-transform',
        // Asks nginx not to hold events back.
        'X-Accel-Buffering': 'no',
      });
      response.flushHeaders();
      const remove = hub.add(
        {
          write: (text) => void response.write(text),
          pending: () => response.writableLength,
          end: () => void response.end(),
        },
        // A page that opened its connection anew cannot send the header.
        request.get('last-event-id') ?? textIn(request.query['after']),
      );
      response.once('close', remove);
    })
    .all(readOnly);
  return routes;
}

const textIn = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;
