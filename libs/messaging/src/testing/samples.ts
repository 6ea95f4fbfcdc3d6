import {
  createEvent,
  createRequest,
  defaultCampaign,
  photoId,
  type EventOf,
  type Photo,
} from '@mosaicme/contracts';

/** The n-th photo of the tests. */
export function samplePhoto(n: number): Photo {
  const source = { network: 'web', instance: 'web', postId: `post-${n}`, mediaIndex: 0 } as const;
  return {
    ...source,
    id: photoId(source),
    author: { handle: 'ada' },
    postedAt: '2026-01-01T00:00:00Z',
  };
}

const sampleRequest = (n: number) =>
  createRequest(defaultCampaign, samplePhoto(n), {
    answerable: false,
    requestedAt: new Date('2026-01-01T00:00:00Z'),
  });

/** A work event for the queue `tiles`. */
export function collected(n: number): EventOf<'photo.collected.v1'> {
  const photo = samplePhoto(n);
  const object = { bucket: 'mosaic-raw', key: `photos/${photo.id}/photo` };
  return createEvent(
    'photo.collected.v1',
    { photo, object, library: defaultCampaign },
    { app: 'test', subject: photo.id },
  );
}

/** A work event for the queue `prepare`. */
export function requested(n: number): EventOf<'mosaic.requested.v1'> {
  const request = sampleRequest(n);
  const object = { bucket: 'mosaic-in', key: `requests/${request.id}/photo` };
  return createEvent(
    'mosaic.requested.v1',
    { request, object },
    { app: 'test', subject: request.id },
  );
}

/** A work event for the queue `catalogue`. */
export function answered(n: number): EventOf<'mosaic.answered.v1'> {
  const { id } = sampleRequest(n);
  return createEvent(
    'mosaic.answered.v1',
    { id, answer: { status: 'not-answerable', reason: 'There is nobody to answer.' } },
    { app: 'test', subject: id },
  );
}

/** An event for whoever listens. */
export function heartbeat(n: number): EventOf<'service.heartbeat.v1'> {
  return createEvent(
    'service.heartbeat.v1',
    {
      app: 'test',
      instance: 'test-1',
      version: '0.0.0',
      state: 'ready',
      startedAt: '2026-01-01T00:00:00Z',
      uptimeSeconds: n,
      intervalSeconds: 5,
    },
    { app: 'test', subject: 'test-1', key: String(n) },
  );
}
