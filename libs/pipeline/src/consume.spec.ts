import { createEvent } from '@mosaicme/contracts';
import { PermanentError } from '@mosaicme/errors';
import { consumeWork, type Handlers } from './consume';
import { readRecord } from '@mosaicme/object-store';
import { failureRecordSchema } from '@mosaicme/requests';
import { createEmbedded, requested, sampleObject, type Embedded } from './testing/embedded';
import { keys, sampleRequest } from './testing/place';

let embedded: Embedded;
beforeEach(async () => {
  embedded = await createEmbedded();
});
afterEach(() => embedded.close());

const consuming = (handlers: Handlers) =>
  embedded.start('downloader', (context) => consumeWork(context, 'prepare', 2, handlers));
const deadLettered = 'A message is dead-lettered.';
const failureOf = async (id: string) =>
  (await readRecord(embedded.store, keys.failureRecord(id), failureRecordSchema))?.record;

it('hands an event to the handler of its type, with the attempt it is', async () => {
  const heard: unknown[] = [];
  const { messaging } = await consuming({
    'mosaic.requested.v1': async ({ data }, { delivery }) => {
      heard.push([data.request.photo.postId, delivery.attempt]);
    },
  });
  await messaging.publish(requested('7'));
  await embedded.said('handled');
  expect(heard).toEqual([['7', 1]]);
});

it('gives an event up that its queue does not carry, and says which it does', async () => {
  await consuming({ 'mosaic.requested.v1': async () => undefined });
  const { photo } = sampleRequest('8');
  const stray = createEvent(
    'photo.collected.v1',
    { photo, object: sampleObject, library: 'default' },
    { app: 'test', subject: photo.id },
  );
  embedded.broker.inject('prepare', new TextEncoder().encode(JSON.stringify(stray)));
  await embedded.said(deadLettered);
  expect(await failureOf(photo.id)).toMatchObject({
    step: 'prepare',
    code: 'event.unexpected',
    reason: expect.stringContaining('it takes mosaic.requested.v1') as string,
  });
});

it('records a failure for good, tells of it, and handles the next event', async () => {
  const context = await consuming({
    'mosaic.requested.v1': async ({ data }) => {
      if (data.request.photo.postId === 'bad') throw new PermanentError('test.bad', 'Bad photo.');
    },
  });
  const told = new Promise<unknown>((resolve) => {
    void context.messaging.listen(['mosaic.failed.v1'], ({ data }) => resolve(data));
  });
  await context.messaging.publish(requested('bad'));
  await context.messaging.publish(requested('good'));
  await embedded.said('handled');

  const { id } = sampleRequest('bad');
  const failure = { queue: 'mosaic-in', code: 'test.bad', reason: 'Bad photo.', attempts: 1 };
  expect(await told).toMatchObject({ id, ...failure });
  const { queue: _, ...recorded } = failure;
  expect(await failureOf(id)).toMatchObject({ id, ...recorded });
});

it.each([
  ['no JSON', 'not even JSON'],
  ['an unknown type', JSON.stringify({ ...requested(), type: 'mosaic.imagined.v1' })],
  ['an unknown version', JSON.stringify({ ...requested(), type: 'mosaic.requested.v9' })],
  ['impossible data', JSON.stringify({ ...requested(), data: { request: { photo: 'of a cat' } } })],
])('lets no poison block its queue: %s', async (_what, poison) => {
  const heard: string[] = [];
  const { messaging } = await consuming({
    'mosaic.requested.v1': async ({ data }) => void heard.push(data.request.photo.postId),
  });
  embedded.broker.inject('prepare', new TextEncoder().encode(poison));
  await messaging.publish(requested('after'));
  await embedded.said('handled');
  await embedded.said(deadLettered);
  expect(heard).toEqual(['after']);
  expect(embedded.broker.deadLetters('prepare')).toHaveLength(1);
  expect((await messaging.depth('prepare')).ready).toBe(0);
});

it('finishes what it has in flight before its app has stopped', async () => {
  let finish: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (finish = resolve));
  let isDone = false;
  let begun: () => void = () => undefined;
  const hasBegun = new Promise<void>((resolve) => (begun = resolve));
  const service = await embedded.launch('downloader', (context) =>
    consumeWork(context, 'prepare', 1, {
      'mosaic.requested.v1': async () => {
        begun();
        await gate;
        isDone = true;
      },
    }),
  );
  await service.ready;
  await embedded.broker.connect().publish(requested());
  await hasBegun;
  const stopped = service.close();
  finish();
  await stopped;
  expect(isDone).toBe(true);
});
