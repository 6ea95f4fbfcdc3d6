import {
  defaultCampaign,
  photoId,
  requestId,
  type PublishedMosaic,
  type QueueRole,
} from '@mosaicme/contracts';
import { readRecord } from '@mosaicme/object-store';
import { mosaicRecordSchema, failureRecordSchema } from '@mosaicme/requests';
import { decodeRecipe } from '@mosaicme/mosaic';
import { connectRabbitAdmin, readDeadMessage } from '@mosaicme/messaging';
import { topologyOf } from '@mosaicme/pipeline';
import { silentLogger } from '@mosaicme/service';
import amqp from 'amqplib';
import { Redis } from 'ioredis';
import sharp from 'sharp';
import { badPictures, plasma } from './pictures';
import { eventually } from './processes';
import { hashtags, startStack, type Stack } from './stack';

jest.setTimeout(120_000);

interface GuideMosaic {
  readonly id: string;
  readonly url_small: string;
  readonly url_large: string;
  readonly username: string;
  readonly date: string;
}

let stack: Stack;
let postNumber = 0;

const rawPhotos = 80;

beforeAll(async () => {
  stack = await startStack();
  await Promise.all(
    ['collector-raw', 'collector-in', 'sync-downloader', 'sync-uploader', 'cacher', 'web'].map(
      (name) => stack.apps.get(name)!.ready(),
    ),
  );
  for (let seed = 0; seed < rawPhotos; seed++) {
    await stack.simulator.post({
      handle: `photographer${seed % 9}`,
      text: `one for the library #${hashtags.raw}`,
      photos: [await plasma(seed)],
    });
  }
  await stack.apps.get('engine')!.ready();
});

afterAll(() => stack?.close());

/** Posts a request and gives its post and its id in the pipeline. */
async function request(photo: Buffer | undefined, text: string) {
  const post = await stack.simulator.post({
    handle: `guest${postNumber++}`,
    text,
    photos: photo ? [photo] : [],
  });
  const source = { network: 'x', instance: 'x.com', postId: post.id, mediaIndex: 0 } as const;
  return { post, id: requestId(defaultCampaign, photoId(source)) };
}

const withMention = `@mosaicme rebuild me #${hashtags.requests}`;
const getJson = async (path: string): Promise<unknown> =>
  (await fetch(`${stack.galleryUrl}${path}`, { headers: { accept: 'application/json' } })).json();
/** Public addresses begin with MOSAIC_WEB_URL; this one reaches the same page in the test. */
const recordOf = async (id: string): Promise<PublishedMosaic> => {
  const found = await readRecord(stack.store, stack.keys.mosaicRecord(id), mosaicRecordSchema);
  if (!found) throw new Error(`${id} has no record.`);
  return found.record;
};
const onGallery = (url: string) => `${stack.galleryUrl}${new URL(url).pathname}`;
const listed = (id: string) =>
  eventually(`the gallery lists ${id}`, async () => {
    const response = await fetch(`${stack.galleryUrl}/mosaic/${id}/`, {
      headers: { accept: 'application/json' },
    });
    if (response.status !== 200) throw new Error(await response.text());
    return (await response.json()) as GuideMosaic;
  });
const deadLetters = async (role: QueueRole) => {
  const admin = await connectRabbitAdmin({
    ...stack.config.rabbitmq,
    topology: topologyOf(stack.config),
    logger: silentLogger,
  });
  try {
    return await admin.deadLetters(role, { limit: 100 });
  } finally {
    await admin.close();
  }
};
const answersTo = (postId: string) =>
  stack.simulator.answers().filter(({ inReplyTo }) => inReplyTo === postId);

it('publishes the mosaic of a posted photo and answers the post with picture and link', async () => {
  const { post, id } = await request(await plasma(500, 300, 200), withMention);
  const mosaic = await listed(id);

  expect(mosaic.username).toMatch(/^guest/);
  const large = Buffer.from(await (await fetch(onGallery(mosaic.url_large))).arrayBuffer());
  const { width, height, format } = await sharp(large, { failOn: 'warning' }).metadata();
  expect({ width, height, format }).toEqual({ width: 20 * 32, height: 13 * 32, format: 'jpeg' });

  const [answer] = await eventually('the post is answered', async () => {
    const answers = answersTo(post.id);
    if (answers.length === 0) throw new Error('no answer yet');
    return answers;
  });
  expect(answer?.text).toContain(`@guest`);
  expect(answer?.text).toContain(`/mosaic/${id}/`);
  expect(answer?.photos).toHaveLength(1);

  const recipe = decodeRecipe((await stack.store.get((await recordOf(id)).recipe)).bytes);
  expect(recipe.layout).toMatchObject({ columns: 40, rows: 26, unit: 16, largestSpan: 4 });
});

it('makes and shows a post without a mention, but does not answer it', async () => {
  const { post, id } = await request(await plasma(501, 200), `look #${hashtags.requests}`);
  await listed(id);
  expect(await recordOf(id)).toMatchObject({ answerable: false });
  expect(answersTo(post.id)).toEqual([]);
});

it('makes the same mosaic of the same photo', async () => {
  const photo = await plasma(502, 240);
  const first = await request(photo, withMention);
  const second = await request(photo, withMention);
  await listed(first.id);
  await listed(second.id);
  const [a, b] = await Promise.all(
    [first, second].map(async ({ id }) => stack.store.get((await recordOf(id)).picture)),
  );
  expect(Buffer.from(a!.bytes).equals(b!.bytes)).toBe(true);
});

describe('bad photos', () => {
  it.each([
    'image.not-an-image',
    'image.truncated',
    'image.too-small',
    'image.too-many-pixels',
    'media.too-large',
  ])('end as a visible failure: %s', async (code) => {
    const { id } = await request((await badPictures()).get(code), withMention);
    const failure = await eventually(`${code} is reported`, async () => {
      const found = await readRecord(
        stack.store,
        stack.keys.failureRecord(id),
        failureRecordSchema,
      );
      if (!found) throw new Error('no failure record');
      return found.record;
    });
    expect(failure.code).toBe(code);
    const page = await eventually('the gallery knows of it', async () => {
      const body = JSON.stringify(await getJson(`/api/requests/${id}`));
      if (!body.includes('failed')) throw new Error(body);
      return body;
    });
    expect(page).toContain('failed');
  });

  it('lie in the dead-letter queue with their reason', async () => {
    const { id } = await request(Buffer.from('no image at all. '.repeat(20)), withMention);
    const letter = await eventually('its message is dead-lettered', async () => {
      const [found] = (await deadLetters('prepare')).filter(({ content }) =>
        Buffer.from(content).includes(id),
      );
      if (!found) throw new Error('no dead letter');
      return found;
    });
    expect(letter).toMatchObject({
      queue: stack.config.queues.prepare,
      code: 'image.not-an-image',
      reason: expect.stringContaining('The file is no picture'),
      attempts: 1,
    });
  });

  it('do not stop the next request', async () => {
    const { id } = await request(await plasma(503, 200), withMention);
    await listed(id);
  });
});

it('dead-letters a message that is no event and goes on', async () => {
  const { host: hostname, port, user: username, password } = stack.config.rabbitmq;
  const connection = await amqp.connect({ hostname, port, username, password });
  const channel = await connection.createConfirmChannel();
  const queue = stack.config.queues.render;
  const before = (await stack.messaging.depth('render')).dead;
  channel.sendToQueue(queue, Buffer.from('{"not": "an event"'));
  await channel.waitForConfirms();

  await eventually('the message is dead', async () => {
    if ((await stack.messaging.depth('render')).dead !== before + 1) throw new Error('not yet');
  });
  const dead = await channel.get(`${queue}.dead`, { noAck: true });
  if (!dead) throw new Error('the dead-letter queue is empty');
  expect(readDeadMessage(dead.content, dead.properties.headers).reason).toContain('UTF-8 JSON');
  await connection.close();

  const { id } = await request(await plasma(504, 200), withMention);
  await listed(id);
});

it('takes a photo by the upload page', async () => {
  const form = new FormData();
  form.set('name', 'Ada');
  form.set('photo', new Blob([await plasma(505, 220)], { type: 'image/jpeg' }), 'me.jpg');
  const response = await fetch(`${stack.galleryUrl}/upload`, {
    method: 'POST',
    body: form,
    headers: { accept: 'application/json' },
  });
  expect(response.status).toBe(202);
  const { id } = (await response.json()) as { id: string };
  const mosaic = await listed(id);
  expect(mosaic.id).toBe(id);
});

it("lists mosaics in the guide's shape", async () => {
  const { id } = await request(await plasma(506, 200), withMention);
  await listed(id);
  const { mosaics, size } = (await getJson('/mosaic/')) as {
    mosaics: GuideMosaic[];
    size: number;
  };
  expect(size).toBe(mosaics.length);
  expect(Object.keys(mosaics[0]!).sort()).toEqual([
    'date',
    'id',
    'url_large',
    'url_small',
    'username',
  ]);
  expect(mosaics.map((mosaic) => mosaic.id)).toContain(id);
});

it('shows every instance of every app on the status page', async () => {
  const apps = [
    'cacher',
    'collector',
    'engine',
    'janitor',
    'sync-downloader',
    'sync-uploader',
    'web',
  ];
  await eventually('all instances are known', async () => {
    const { instances } = (await getJson('/api/status')) as {
      instances: { app: string; version: string; state: string }[];
    };
    expect([...new Set(instances.map(({ app }) => app))].sort()).toEqual(apps);
    expect(instances.filter(({ app }) => app === 'collector')).toHaveLength(2);
    expect(new Set(instances.map(({ version }) => version))).toEqual(new Set(['0.1.0']));
  });
  const page = await (await fetch(`${stack.galleryUrl}/status`)).text();
  for (const app of apps) expect(page).toContain(app);
});

it('lists the same mosaics again after Redis has lost everything', async () => {
  const before = (await getJson('/mosaic/')) as { size: number };
  expect(before.size).toBeGreaterThan(0);
  const { host, port, db } = stack.config.redis;
  const redis = new Redis({ host, port, db });
  await redis.flushdb();
  redis.disconnect();
  await eventually('the list is back', async () => {
    expect(await getJson('/mosaic/')).toEqual(before);
  });
});

it('carries one correlation id through the logs of all apps', async () => {
  const { id } = await request(await plasma(507, 200), withMention);
  await listed(id);
  for (const name of ['collector-in', 'sync-downloader', 'engine', 'sync-uploader', 'cacher']) {
    await stack.apps.get(name)!.line((line) => line['correlationId'] === id);
  }
});

it('stops every app in order at SIGTERM', async () => {
  for (const app of stack.apps.values()) {
    expect([app.app, await app.stop('SIGTERM'), app.errors()]).toEqual([app.app, 0, '']);
  }
});
