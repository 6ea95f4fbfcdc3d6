import { createMemoryCatalogue } from '@mosaicme/catalogue';
import { TransientError } from '@mosaicme/errors';
import {
  drawingPathOf,
  idOf,
  mosaicOf,
  publicUrl,
  putCampaign,
  startSite,
  type TestSite,
} from '../testing/site';

let site: TestSite;
afterEach(() => site.close());

it('tells how to take part when there is nothing to show', async () => {
  site = await startSite();
  const { response, text } = await site.page('/');
  expect(response.status).toBe(200);
  expect(text).toContain('#mosaictest');
  expect(text).toContain('@bot');
  expect(text).toContain('No mosaics yet');
  expect(text).toContain('Test &lt;Event&gt;');
});

it('leads through all mosaics by links, newest first, without JavaScript', async () => {
  site = await startSite({ pageSize: 2 });
  for (let minute = 0; minute < 5; minute += 1) {
    await site.catalogue.addMosaic(mosaicOf(`m${minute}`, { minute }));
  }
  const seen: string[] = [];
  let path: string | undefined = '/';
  while (path !== undefined) {
    const { text } = await site.page(path);
    seen.push(...[...text.matchAll(/data-mosaic="([0-9a-f]{32})"/g)].map(([, id]) => id ?? ''));
    path = /href="(\/\?after=[^"]+)"/.exec(text)?.[1];
  }
  expect(seen).toEqual(['m4', 'm3', 'm2', 'm1', 'm0'].map(idOf));
});

describe('campaigns', () => {
  const shown = async (path: string): Promise<string[]> =>
    [...(await site.page(path)).text.matchAll(/data-mosaic="([0-9a-f]{32})"/g)].map(
      ([, id]) => id ?? '',
    );
  const titleOf = async (path: string) =>
    /<title>(.*)<\/title>/.exec((await site.page(path)).text)?.[1];
  beforeEach(async () => {
    site = await startSite({ pageSize: 2, title: 'MosaicMe' });
    await putCampaign(site, {
      slug: 'summer',
      title: 'Summer Fest',
      state: 'open',
      hashtags: { x: { requests: ['fest', 'summer'] } },
    });
    await putCampaign(site, { slug: 'past', state: 'closed', title: 'Last Year' });
    await putCampaign(site, { slug: 'secret', state: 'draft' });
    for (const [minute, campaign] of ['default', 'summer', 'past', 'secret', 'summer'].entries()) {
      await site.catalogue.addMosaic(mosaicOf(`m${minute}`, { minute, campaign }));
    }
  });

  it('have a gallery each, with their own title, hashtags and mosaics', async () => {
    const { text } = await site.page('/c/summer/');
    expect(await shown('/c/summer/')).toEqual(['m4', 'm1'].map(idOf));
    expect(await titleOf('/c/summer/')).toBe('Summer Fest');
    expect(text).toContain('#fest or #summer');
    expect(text).toContain('href="/c/summer/upload"');
    expect(text).toContain('2 mosaics');
  });

  it('that are open share the first page, page by page', async () => {
    const { text } = await site.page('/');
    expect(await shown('/')).toEqual(['m4', 'm1'].map(idOf));
    expect(text).toContain('3 mosaics');
    expect(text).toContain('href="/c/summer/"');
    expect(text).not.toContain('Last Year');
    const next = /href="(\/\?after=[^"]+)"/.exec(text)?.[1] ?? '';
    expect(await shown(next)).toEqual([idOf('m0')]);
  });

  it('that are over show their mosaics and take no photos', async () => {
    const { text } = await site.page('/c/past/');
    expect(await shown('/c/past/')).toEqual([idOf('m2')]);
    expect(text).toContain('This event is over');
    expect(text).not.toContain('upload"');
  });

  it.each(['/c/secret/', '/c/none/', '/c/No_Slug/'])('at %s are not to be seen', async (path) => {
    const { response, text } = await site.page(path);
    expect(response.status).toBe(404);
    expect(text).toContain('There is no event at this address');
  });

  it('stay as they were known while the store is away', async () => {
    expect(await shown('/')).toHaveLength(2);
    jest.spyOn(site.store, 'list').mockImplementation(() => {
      throw new TransientError('object-store.unavailable', 'Away.');
    });
    expect(await shown('/')).toEqual(['m4', 'm1'].map(idOf));
    expect(await titleOf('/c/summer/')).toBe('Summer Fest');
  });
});

it('names its newest mosaic for previews', async () => {
  site = await startSite();
  await site.catalogue.addMosaic(mosaicOf('a'));
  const { text } = await site.page('/');
  expect(text).toContain(
    `<meta property="og:image" content="${publicUrl}${drawingPathOf('a')}/small.jpg" />`,
  );
});

it('tells a guest of a page that is gone without speaking of parameters', async () => {
  site = await startSite();
  const { response, text } = await site.page('/?after=nonsense');
  expect(response.status).toBe(400);
  expect(text).toContain('Begin with the newest mosaics');
  expect(text).not.toMatch(/'after'|'next'/);
});

it('says so while the list is being rebuilt', async () => {
  site = await startSite();
  let finish = (): void => undefined;
  const gate = new Promise<void>((resolve) => (finish = resolve));
  const rebuilt = site.catalogue.rebuild(
    (async function* () {
      await gate;
      yield { mosaic: mosaicOf('a') };
    })(),
  );
  expect((await site.page('/')).text).toContain('The list is being rebuilt');
  finish();
  await rebuilt;
  expect((await site.page('/')).text).not.toContain('The list is being rebuilt');
});

it('says so from the moment at which the catalogue lost all', async () => {
  site = await startSite({}, { catalogue: createMemoryCatalogue() });
  const { text } = await site.page('/');
  expect(text).toContain('The list is being rebuilt');
  expect(text).toContain('The mosaics will be back shortly');
  expect(text).not.toContain('No mosaics yet');
});

it('says that it will be back when the catalogue is away', async () => {
  site = await startSite();
  jest
    .spyOn(site.catalogue, 'list')
    .mockRejectedValue(new TransientError('redis.away', 'redis at 10.0.0.7 does not answer'));
  const { response, text } = await site.page('/');
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('30');
  expect(text).toContain('Back in a moment');
  expect(text).not.toContain('10.0.0.7');
  expect(text).toContain('<meta http-equiv="refresh" content="30" />');
});

it('offers no upload where uploads are switched off', async () => {
  site = await startSite({ uploadEnabled: false });
  expect((await site.page('/')).text).not.toContain('/upload');
  expect((await site.page('/upload')).response.status).toBe(404);
});
