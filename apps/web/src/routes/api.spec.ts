import { createEvent, queueRoles } from '@mosaicme/contracts';
import {
  browser,
  drawingPathOf,
  facts,
  idOf,
  mosaicOf,
  publicUrl,
  putCampaign,
  startSite,
  type TestSite,
} from '../testing/site';

let site: TestSite;
beforeEach(async () => {
  site = await startSite();
});
afterEach(() => site.close());

const json = async (path: string): Promise<unknown> => (await site.get(path)).json();

describe('GET /api/mosaics', () => {
  it('pages through the list', async () => {
    for (let minute = 0; minute < 3; minute += 1) {
      await site.catalogue.addMosaic(mosaicOf(`m${minute}`, { minute }));
    }
    const first = (await json('/api/mosaics?limit=2')) as {
      mosaics: { id: string }[];
      next: string;
      count: number;
    };
    expect(first.mosaics.map(({ id }) => id)).toEqual([idOf('m2'), idOf('m1')]);
    expect(first.count).toBe(3);
    expect(
      await json(`/api/mosaics?limit=2&after=${encodeURIComponent(first.next)}`),
    ).toMatchObject({ mosaics: [{ id: idOf('m0') }], next: null });
  });

  it.each(['0', '201', '1.5', 'many'])('refuses a limit of %s', async (limit) => {
    const response = await site.get(`/api/mosaics?limit=${limit}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      error: { code: 'limit.invalid', message: expect.stringContaining('1 to 200') },
    });
  });
});

it('says how to read on when the cursor is none', async () => {
  const response = await site.get('/api/mosaics?after=nonsense');
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { code: 'after.invalid' } });
});

it('tells one mosaic with credit, size, grid and answer', async () => {
  await site.catalogue.addMosaic(mosaicOf('a'));
  await site.catalogue.addAnswer(idOf('a'), { status: 'refused', reason: 'the post is gone' });
  const address = `${publicUrl}/mosaic/${idOf('a')}/`;
  expect(await json(`/api/mosaics/${idOf('a')}`)).toEqual({
    id: idOf('a'),
    campaign: 'default',
    revision: '5f0c9a17be34d268',
    url: address,
    pictureUrl: `${publicUrl}${drawingPathOf('a')}/large.jpg`,
    thumbnailUrl: `${publicUrl}${drawingPathOf('a')}/small.jpg`,
    recipeUrl: `${publicUrl}${drawingPathOf('a')}/recipe`,
    iiifUrl: `${publicUrl}${drawingPathOf('a')}/iiif`,
    size: { width: 640, height: 480 },
    grid: { columns: 20, rows: 15, tileSize: 32 },
    distinctTiles: 250,
    credit: { network: 'x', handle: 'by-a', link: 'https://x.com/by-a/status/1' },
    answer: { status: 'refused', reason: 'the post is gone' },
    requestedAt: '2026-01-01T00:00:01.000Z',
    publishedAt: '2026-01-01T00:00:00.000Z',
  });
});

it('tells the mosaics of one campaign, and without one those of the first page', async () => {
  await putCampaign(site, { slug: 'summer', state: 'open', title: 'Summer Fest' });
  await putCampaign(site, { slug: 'past', state: 'closed' });
  await putCampaign(site, { slug: 'secret', state: 'draft' });
  for (const [minute, campaign] of ['default', 'summer', 'past', 'secret'].entries()) {
    await site.catalogue.addMosaic(mosaicOf(campaign, { minute, campaign }));
  }
  const campaignsAt = async (path: string) => {
    const { mosaics, count } = (await json(path)) as {
      mosaics: { campaign: string }[];
      count: number;
    };
    expect(count).toBe(mosaics.length);
    return mosaics.map(({ campaign }) => campaign);
  };
  expect(await campaignsAt('/api/mosaics')).toEqual(['summer', 'default']);
  expect(await campaignsAt('/api/mosaics?campaign=summer')).toEqual(['summer']);
  expect(await campaignsAt('/api/mosaics?campaign=past')).toEqual(['past']);
  for (const [slug, status] of [
    ['secret', 404],
    ['none', 404],
    ['No%20Slug', 400],
  ] as const) {
    expect((await site.get(`/api/mosaics?campaign=${slug}`)).status).toBe(status);
  }
  expect(await json('/api/campaigns')).toMatchObject({
    campaigns: [
      { slug: 'default', state: 'open', hashtags: ['mosaictest'] },
      { slug: 'past', state: 'closed' },
      { slug: 'summer', title: 'Summer Fest', url: `${publicUrl}/c/summer/` },
    ],
  });
});

it.each([
  ['POST', '/', 'GET, HEAD'],
  ['DELETE', `/mosaic/${idOf('a')}/`, 'GET, HEAD'],
  ['PUT', '/c/default/', 'GET, HEAD'],
  ['DELETE', '/upload', 'GET, HEAD, POST'],
  ['POST', '/status', 'GET, HEAD'],
  ['POST', '/api/mosaics', 'GET, HEAD'],
  ['DELETE', '/api/events', 'GET, HEAD'],
  ['PUT', `${drawingPathOf('a')}/large.jpg`, 'GET, HEAD'],
])('answers %s %s with 405 and what is possible', async (method, path, allowed) => {
  const response = await fetch(site.url + path, { method });
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe(allowed);
});

it('answers HEAD as GET, without a body', async () => {
  const response = await fetch(site.url, { method: 'HEAD', headers: browser });
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('');
});

it('serves its assets for a year under the hash of their bytes, and else anew each time', async () => {
  const { text } = await site.page('/');
  const address = /href="(\/assets\/style\.css\?v=[0-9a-f]{12})"/.exec(text)?.[1] ?? '';
  const kept = await site.get(address);
  expect(await kept.text()).toBe('body{}');
  expect(kept.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  for (const path of ['/assets/style.css', '/assets/style.css?v=0123456789ab']) {
    expect((await site.get(path)).headers.get('cache-control')).toBe('no-cache');
  }
  expect((await site.get('/assets/none.css')).status).toBe(404);
});

it('follows a request from waiting to published', async () => {
  const path = `/api/requests/${idOf('a')}`;
  expect((await site.get(path)).status).toBe(404);
  await facts(site, 'a').received();
  expect(await json(path)).toMatchObject({ id: idOf('a'), state: 'waiting' });
  await site.catalogue.addMosaic(mosaicOf('a'));
  expect(await json(path)).toMatchObject({ state: 'published', mosaic: { id: idOf('a') } });
});

it('tells whose photo a tile is, or that it is not known', async () => {
  expect(await json(`/api/tiles/${idOf('tile')}`)).toEqual({
    network: 'x',
    handle: 'tess',
    link: 'https://x.com/t/1',
  });
  expect((await site.get(`/api/tiles/${idOf('other')}`)).status).toBe(404);
});

it('tells the instances that it heard and the depths of the queues', async () => {
  const heartbeat = {
    app: 'engine',
    instance: 'host-1',
    version: '1.2.3',
    state: 'ready' as const,
    startedAt: '2026-01-01T00:00:00.000Z',
    uptimeSeconds: 5,
    intervalSeconds: 10,
  };
  await site.messaging.publish(
    createEvent('service.heartbeat.v1', heartbeat, { app: 'engine', subject: 'host-1' }),
  );
  expect(await json('/api/status')).toEqual({
    instances: [
      {
        app: 'engine',
        instance: 'host-1',
        version: '1.2.3',
        state: 'ready',
        startedAt: '2026-01-01T00:00:00.000Z',
        uptimeSeconds: expect.any(Number),
        lastHeartbeatSecondsAgo: 0,
      },
    ],
    queues: queueRoles.map((role) => ({ role, ready: 0, dead: 0 })),
  });
  const { text } = await site.page('/status');
  expect(text).toContain('host-1');
});

it('tells the rest of the status when the broker does not answer', async () => {
  jest.spyOn(site.messaging, 'depth').mockRejectedValue(new Error('gone'));
  expect(await json('/api/status')).toMatchObject({ queues: queueRoles.map((role) => ({ role })) });
  expect((await site.page('/status')).text).toContain('The broker does not answer');
});

describe('errors', () => {
  it('are JSON for unknown addresses, even for a browser', async () => {
    const { response, text } = await site.page('/api/nothing');
    expect(response.status).toBe(404);
    expect(JSON.parse(text)).toEqual({
      error: { code: 'not-found', message: 'There is nothing at this address.' },
    });
  });

  it('never tell what broke inside', async () => {
    jest.spyOn(site.catalogue, 'list').mockRejectedValue(new Error('secret stack'));
    const response = await site.get('/api/mosaics');
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(text).not.toContain('secret');
    expect(text).toContain(response.headers.get('x-request-id'));
  });

  it('blame a broken address on its sender', async () => {
    const response = await site.get('/api/mosaics/%E0%A4%A');
    expect(response.status).toBe(400);
  });
});

it('sends security headers and no word about its software', async () => {
  const { headers } = await site.get('/');
  const policy = headers.get('content-security-policy');
  expect(policy).toContain("script-src 'self'");
  expect(policy).toContain("style-src 'self'");
  expect(policy).not.toContain('unsafe');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('strict-transport-security')).toContain('max-age');
  expect(headers.get('x-powered-by')).toBeNull();
});
