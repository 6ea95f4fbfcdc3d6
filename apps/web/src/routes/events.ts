import { Router } from 'express';
import { HttpProblem } from '../http/problem';
import type { EventHub } from '../live/hub';

/** Live events for browsers, as server-sent events. */
export function eventRoutes(hub: EventHub): Router {
  const routes = Router();
  routes.get('/events', (request, response) => {
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
      request.get('last-event-id'),
    );
    response.once('close', remove);
  });
  return routes;
}
