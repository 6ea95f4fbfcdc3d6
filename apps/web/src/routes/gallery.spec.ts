import { createMemoryCatalogue } from '@mosaicme/catalogue';
import { TransientError } from '@mosaicme/errors';
import { idOf, mosaicOf, startSite, type TestSite } from '../testing/site';

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
});

it('offers no upload where uploads are switched off', async () => {
  site = await startSite({ uploadEnabled: false });
  expect((await site.page('/')).text).not.toContain('/upload');
  expect((await site.page('/upload')).response.status).toBe(404);
});
