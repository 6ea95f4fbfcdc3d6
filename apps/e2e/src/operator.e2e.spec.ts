import {
  createEvent,
  objectKeys,
  photoId,
  type ObjectKeys,
  createRequest,
  defaultCampaign,
} from '@mosaicme/contracts';
import { appSchemas, readConfig } from '@mosaicme/config';
import type { Messaging } from '@mosaicme/messaging';
import { type ObjectStore, writeRecord } from '@mosaicme/object-store';
import { connectMessaging, connectStore } from '@mosaicme/pipeline';
import { requestRecordSchema } from '@mosaicme/requests';
import { silentLogger } from '@mosaicme/service';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { guideEnvironment } from './environment';
import { plasma } from './pictures';
import { eventually, startApp, type AppProcess } from './processes';

jest.setTimeout(120_000);

let environment: ReturnType<typeof guideEnvironment>;
let store: ObjectStore;
let messaging: Messaging;
let downloader: AppProcess;
let keys: ObjectKeys;

// Buckets and queues of its own for each test: what one leaves behind counts in none of the others.
beforeEach(async () => {
  environment = guideEnvironment();
  const config = readConfig('cacher', appSchemas.cacher, environment);
  store = connectStore(config);
  messaging = connectMessaging(config, silentLogger, 'operator tests');
  keys = objectKeys(config.buckets);
  downloader = startApp('sync-downloader', environment);
  await downloader.ready();
});
afterEach(async () => {
  await downloader.stop();
  await messaging.close();
  await store.close();
});

interface Finished {
  readonly code: number;
  readonly text: string;
  readonly errors: string;
}

/** Runs `mosaicme` to its end. */
function mosaicme(words: readonly string[], more: NodeJS.ProcessEnv = environment) {
  const program = join(__dirname, '../../../dist/apps/cli/main.js');
  const env = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', ...more };
  return new Promise<Finished>((resolve) => {
    execFile(process.execPath, [program, ...words], { env }, (error, text, errors) => {
      resolve({ code: error ? Number(error.code) : 0, text, errors });
    });
  });
}

const json = async (...words: string[]): Promise<unknown> => {
  const { code, text, errors } = await mosaicme([...words, '--json']);
  if (code !== 0) throw new Error(errors);
  return JSON.parse(text);
};

interface Letter {
  readonly id: string;
  readonly code: string;
  readonly queue: string;
  readonly message: unknown;
}

function askedFor(postId: string) {
  const source = { network: 'web', instance: 'web', postId, mediaIndex: 0 } as const;
  const photo = {
    ...source,
    id: photoId(source),
    author: { handle: 'ada' },
    postedAt: '2026-01-01T00:00:00Z',
  };
  return createRequest(defaultCampaign, photo, { answerable: false });
}

/** Announces a request. Its photo is there only when it is given. */
async function request(postId: string, photo?: Uint8Array): Promise<string> {
  const asked = askedFor(postId);
  const { id } = asked;
  const object = keys.requestPhoto(id);
  if (photo) await store.put(object, photo);
  await writeRecord(store, keys.requestRecord(id), requestRecordSchema, { request: asked, object });
  await messaging.publish(
    createEvent('mosaic.requested.v1', { request: asked, object }, { app: 'test', subject: id }),
  );
  return id;
}

it('brings a request whose photo was missing back to work', async () => {
  const id = await request('without a photo');
  const letter = await eventually('the request is dead-lettered', async () => {
    const [found] = (await json('dead', 'list', 'prepare')) as Letter[];
    if (!found) throw new Error('There is no dead letter.');
    return found;
  });
  expect(letter).toMatchObject({ queue: environment.QUEUE_IN, code: 'object.not-found' });
  expect(letter.message).toMatchObject({ type: 'mosaic.requested.v1', subject: id });
  expect(await json('requests')).toMatchObject({
    counts: { failed: 1 },
    requests: [{ id, state: 'failed', failure: { code: 'object.not-found' } }],
  });
  expect(await json('queues')).toMatchObject([
    { role: 'tiles', consumers: 1 },
    { role: 'prepare', consumers: 1, dead: 1, ready: 0 },
    { role: 'render', consumers: 0 },
    { role: 'publish', consumers: 0 },
    { role: 'answer', consumers: 0 },
    { role: 'catalogue', consumers: 0, ready: 0 },
    { role: 'janitor', consumers: 0 },
  ]);
  expect((await mosaicme(['dead', 'show', 'prepare', letter.id])).text).toContain(id);

  await store.put(keys.requestPhoto(id), await plasma(1, 200));
  expect(await mosaicme(['dead', 'replay', 'prepare', letter.id])).toMatchObject({
    code: 0,
    errors: '',
  });

  await eventually('the request is prepared', async () => {
    expect(await json('requests')).toMatchObject({ requests: [{ id, state: 'prepared' }] });
  });
  expect(await json('dead', 'list')).toEqual([]);
});

it('announces a request whose message was lost', async () => {
  const asked = askedFor('lost');
  const { id } = asked;
  const object = keys.requestPhoto(id);
  await store.put(object, await plasma(2, 200));
  await writeRecord(store, keys.requestRecord(id), requestRecordSchema, {
    request: asked,
    object,
  });

  expect(await json('reconcile', '--age', '3600')).toMatchObject({ requests: 0 });
  expect(await json('reconcile', '--age', '0')).toMatchObject({ requests: 1 });
  await eventually('the request is prepared', async () => {
    expect(await json('requests', '--state', 'prepared')).toMatchObject({
      requests: expect.arrayContaining([expect.objectContaining({ id })]),
    });
  });
});

it('deletes a poison message when asked twice', async () => {
  const poison = await letterOfPoison();
  const unsure = await mosaicme(['dead', 'drop', 'tiles', poison.id]);
  expect(unsure.code).toBe(1);
  expect(unsure.errors).toContain('--yes');

  expect(await mosaicme(['dead', 'drop', 'tiles', poison.id, '--yes'])).toMatchObject({ code: 0 });
  expect(await json('dead', 'list', 'tiles')).toEqual([]);
  expect(await mosaicme(['dead', 'drop', 'tiles', poison.id, '--yes'])).toMatchObject({
    code: 1,
    errors: expect.stringContaining('dead list'),
  });
});

it('ends with 78 and the names of what is missing', async () => {
  expect(await mosaicme(['requests'], {})).toMatchObject({
    code: 78,
    errors: expect.stringContaining('S3_ACCESS_KEY is not set'),
  });
});

/** A raw photo whose object is gone. */
async function letterOfPoison(): Promise<Letter> {
  const source = { network: 'web', instance: 'web', postId: 'poison', mediaIndex: 0 } as const;
  const id = photoId(source);
  const photo = {
    ...source,
    id,
    author: { handle: 'ada' },
    postedAt: '2026-01-01T00:00:00Z',
  };
  const object = keys.rawPhoto(id);
  await messaging.publish(
    createEvent(
      'photo.collected.v1',
      { photo, object, library: defaultCampaign },
      { app: 'test', subject: id },
    ),
  );
  return eventually('the photo is dead-lettered', async () => {
    const [found] = (await json('dead', 'list', 'tiles')) as Letter[];
    if (!found) throw new Error('There is no dead letter.');
    return found;
  });
}
