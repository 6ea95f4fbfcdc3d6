import { createEvent } from '@mosaicme/contracts';
import { idOf, mosaicOf, startSite, type TestSite } from '../testing/site';

let site: TestSite;
const abort = new AbortController();
afterEach(() => site.close());

/** Opens the stream and reads on until `end` was seen. */
async function open(headers: Record<string, string> = {}, query = '') {
  const response = await fetch(`${site.url}/api/events${query}`, { headers, signal: abort.signal });
  const reader = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream());
  const chunks = reader[Symbol.asyncIterator]();
  let text = '';
  const until = async (end: string): Promise<string> => {
    while (!text.includes(end)) {
      const { value, done } = await chunks.next();
      if (done) throw new Error(`The stream ended before '${end}': ${text}`);
      text += value;
    }
    return text;
  };
  await until('retry:');
  return { response, until, leave: () => chunks.return?.() };
}

const published = (name: string) =>
  createEvent(
    'mosaic.published.v1',
    { mosaic: mosaicOf(name) },
    { app: 'sync-uploader', subject: idOf(name) },
  );
const answered = (name: string) =>
  createEvent(
    'mosaic.answered.v1',
    { id: idOf(name), answer: { status: 'not-answerable', reason: 'no mention' } },
    { app: 'sync-uploader', subject: idOf(name) },
  );
const failed = (name: string) =>
  createEvent(
    'mosaic.failed.v1',
    {
      id: idOf(name),
      step: 'prepare',
      code: 'image.truncated',
      reason: 'Cut short.',
      attempts: 1,
      failedAt: '2026-01-01T00:00:00.000Z',
    },
    { app: 'sync-downloader', subject: idOf(name) },
  );

it('tells what is published, answered and failed', async () => {
  site = await startSite();
  const { response, until } = await open();
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  await site.messaging.publish(published('a'));
  await site.messaging.publish(answered('a'));
  await site.messaging.publish(failed('b'));
  const text = await until('event: mosaic.failed');
  expect(text).toMatch(new RegExp(`event: mosaic.published\\ndata: {"id":"${idOf('a')}"`));
  expect(text).toContain('"status":"not-answerable"');
  expect(await until('Cut short.')).toContain(idOf('b'));
});

it.each(['header', 'address'])('goes on after the last event that the %s names', async (way) => {
  site = await startSite();
  const first = await open();
  await site.messaging.publish(published('a'));
  const id = /id: (\S+)/.exec(await first.until(idOf('a')))?.[1] ?? '';
  await first.leave();
  await site.messaging.publish(published('b'));
  const second =
    way === 'header'
      ? await open({ 'Last-Event-ID': id })
      : await open({}, `?after=${encodeURIComponent(id)}`);
  expect(await second.until(idOf('b'))).not.toContain(idOf('a'));
});

it('tells what was withdrawn, and of which campaign each news is', async () => {
  site = await startSite();
  const { until } = await open();
  await site.messaging.publish(published('a'));
  await site.messaging.publish(
    createEvent(
      'mosaic.withdrawn.v1',
      { id: idOf('a'), campaign: 'default' },
      { app: 'janitor', subject: idOf('a') },
    ),
  );
  const text = await until('event: mosaic.removed');
  expect(await until(`data: {"id":"${idOf('a')}","campaign":"default"}`)).toContain(text);
  expect(text).toMatch(/event: mosaic.published\ndata: {"id":"[0-9a-f]+","campaign":"default"/);
});

it('turns away browsers beyond its limit', async () => {
  site = await startSite({ maxListeners: 1 });
  await open();
  const response = await site.get('/api/events');
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ error: { code: 'events.full' } });
});
