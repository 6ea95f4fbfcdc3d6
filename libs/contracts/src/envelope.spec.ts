import { createEvent, parseEvent, serializeEvent } from './envelope';
import type { Photo } from './photo';

const photo: Photo = {
  id: '3f1c0a5be7d94f0f8f2b6f3a9c1d2e4f',
  network: 'x',
  instance: 'x.com',
  postId: '1',
  mediaIndex: 0,
  author: { handle: 'ada' },
  postedAt: '2026-11-21T10:00:00.000Z',
};
const collected = () =>
  createEvent(
    'photo.collected.v1',
    { photo, object: { bucket: 'mosaic-raw', key: 'k' }, library: 'default' },
    { app: 'collector', subject: photo.id },
  );

it('gives the same event the same id, however often it is made', () => {
  expect(collected().id).toBe(collected().id);
});

it('starts a trace, and a correlation with the subject', () => {
  const event = collected();
  expect(event.correlationid).toBe(photo.id);
  expect(event.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
});

it('continues trace and correlation of its cause with a span of its own', () => {
  const cause = collected();
  const event = createEvent(
    'mosaic.failed.v1',
    { step: 'tiles', queue: 'q', code: 'c', reason: 'r', attempts: 1, failedAt: photo.postedAt },
    { app: 'engine', subject: 'other', cause },
  );
  expect(event.correlationid).toBe(photo.id);
  expect(event.traceparent.slice(0, 36)).toBe(cause.traceparent.slice(0, 36));
  expect(event.traceparent).not.toBe(cause.traceparent);
});

it('refuses to make an event that breaks its contract', () => {
  expect(() =>
    createEvent(
      'photo.collected.v1',
      {
        photo: { ...photo, id: 'short' },
        object: { bucket: 'mosaic-raw', key: 'k' },
        library: 'default',
      },
      { app: 'collector', subject: 'short' },
    ),
  ).toThrow(/photo.id/);
});

it('survives the wire', () => {
  const event = collected();
  expect(parseEvent(serializeEvent(event))).toEqual(event);
});

it.each([
  ['no JSON', new TextEncoder().encode('{')],
  ['no UTF-8', Uint8Array.of(0x22, 0xff, 0xfe, 0x22)],
])('refuses a message that is %s', (_name, bytes) => {
  expect(() => parseEvent(bytes)).toThrow('not UTF-8 JSON');
});
