import {
  drawingPathOf,
  idOf,
  keys,
  mosaicOf,
  publicUrl,
  startSite,
  type TestSite,
} from '../testing/site';

let site: TestSite;
beforeEach(async () => {
  site = await startSite();
});
afterEach(() => site.close());

const failure = {
  id: idOf('bad'),
  code: 'image.truncated',
  reason: 'The file ends in the middle.',
  failedAt: '2026-01-01T00:00:00.000Z',
};
const fail = (changes: Partial<typeof failure> = {}) =>
  site.put(
    keys.failureRecord(failure.id),
    JSON.stringify({ ...failure, step: 'prepare', attempts: 1, ...changes }),
  );

describe('the addresses of the original', () => {
  const original = {
    id: idOf('a'),
    url_small: `${publicUrl}${drawingPathOf('a')}/small.jpg`,
    url_large: `${publicUrl}${drawingPathOf('a')}/large.jpg`,
    username: 'by-a',
    date: '2026-01-01T00:00:00.000Z',
  };

  it.each(['/mosaic/', '/mosaic'])('lists all mosaics at %s', async (path) => {
    await site.catalogue.addMosaic(mosaicOf('a'));
    expect(await (await site.get(path)).json()).toEqual({ mosaics: [original], size: 1 });
  });

  it('lists none as an empty list', async () => {
    expect(await (await site.get('/mosaic/')).json()).toEqual({ mosaics: [], size: 0 });
  });

  it('lists more mosaics than a page of the catalogue holds, newest first', async () => {
    for (let minute = 0; minute < 401; minute += 1) {
      await site.catalogue.addMosaic(mosaicOf(`m${minute}`, { minute }));
    }
    const body = (await (await site.get('/mosaic/')).json()) as {
      mosaics: { username: string }[];
      size: number;
    };
    expect(body.size).toBe(401);
    expect(body.mosaics.map(({ username }) => username)).toEqual(
      Array.from({ length: 401 }, (_, index) => `by-m${400 - index}`),
    );
  });

  it.each([`/mosaic/${idOf('a')}/`, `/mosaic/${idOf('a')}`])('tells one at %s', async (path) => {
    await site.catalogue.addMosaic(mosaicOf('a'));
    expect(await (await site.get(path)).json()).toEqual(original);
  });

  it.each([
    ['no id at all', '/mosaic/etc-passwd/', /no valid id/],
    ['an id in upper case', `/mosaic/${idOf('a').toUpperCase()}/`, /no valid id/],
    ['an unknown id', `/mosaic/${idOf('a')}/`, /no mosaic with this id/],
  ])('answers 404 with an error for %s', async (_name, path, message) => {
    const response = await site.get(path);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ error: expect.stringMatching(message) });
  });

  it('says why a request failed', async () => {
    await fail();
    const response = await site.get(`/mosaic/${failure.id}/`);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      error: 'This photo could not be used. The file ends in the middle.',
    });
  });

  it('says that a request is not finished', async () => {
    await site.put(keys.requestRecord(idOf('new')), '{}');
    const response = await site.get(`/mosaic/${idOf('new')}/`);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ error: expect.stringMatching(/not finished/) });
  });

  it('gives a browser pages at the same addresses', async () => {
    await site.catalogue.addMosaic(mosaicOf('a'));
    for (const path of ['/mosaic/', `/mosaic/${idOf('a')}/`]) {
      const { response, text } = await site.page(path);
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(response.headers.get('vary')).toContain('Accept');
      expect(text).toContain('@by-a');
    }
  });
});

describe('the page of a mosaic', () => {
  it('credits the author with a link to the post, and links the answer', async () => {
    await site.catalogue.addMosaic(mosaicOf('a'));
    await site.catalogue.addAnswer(idOf('a'), {
      status: 'answered',
      postId: '2',
      link: 'https://x.com/bot/status/2',
      answeredAt: '2026-01-01T00:00:00.000Z',
    });
    const { text } = await site.page(`/mosaic/${idOf('a')}/`);
    expect(text).toContain('href="https://x.com/by-a/status/1"');
    expect(text).toContain('href="https://x.com/bot/status/2"');
  });

  it('names its picture for previews by absolute addresses', async () => {
    await site.catalogue.addMosaic(mosaicOf('a'));
    const { text } = await site.page(`/mosaic/${idOf('a')}/`);
    const address = `${publicUrl}/mosaic/${idOf('a')}/`;
    expect(text).toContain(
      `<meta property="og:image" content="${publicUrl}${drawingPathOf('a')}/small.jpg" />`,
    );
    expect(text).toContain(`<meta property="og:url" content="${address}" />`);
    expect(text).toContain('<meta name="twitter:card" content="summary_large_image" />');
  });

  it('never lets what people wrote become markup or a script link', async () => {
    await site.catalogue.addMosaic(
      mosaicOf('a', {
        photo: {
          author: { handle: '<script>alert(1)</script>', name: '"><img src=x>' },
          text: '<script>alert(2)</script>',
        },
      }),
    );
    await site.catalogue.addAnswer(idOf('a'), {
      status: 'answered',
      postId: '2',
      link: 'javascript:alert(3)',
      answeredAt: '2026-01-01T00:00:00.000Z',
    });
    for (const path of ['/', `/mosaic/${idOf('a')}/`]) {
      const { text } = await site.page(path);
      expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
      expect(text).not.toContain('<script>alert');
      expect(text).not.toContain('<img src=x>');
      expect(text).not.toContain('javascript:');
    }
  });

  it('waits for a mosaic that is not finished', async () => {
    await site.put(keys.requestRecord(idOf('new')), '{}');
    const { response, text } = await site.page(`/mosaic/${idOf('new')}/`);
    expect(response.status).toBe(200);
    expect(text).toContain(`data-waiting="${idOf('new')}"`);
  });

  it('tells the reason of a failure that lies in the photo', async () => {
    await fail();
    const { text } = await site.page(`/mosaic/${failure.id}/`);
    expect(text).toContain('The file ends in the middle.');
  });

  it('keeps the reason of any other failure to the operator', async () => {
    await fail({ code: 's3.away', reason: 'host 10.0.0.7' });
    const { text } = await site.page(`/mosaic/${failure.id}/`);
    expect(text).toContain('s3.away');
    expect(text).not.toContain('10.0.0.7');
  });

  it('is a page of its own when there is nothing', async () => {
    const { response, text } = await site.page(`/mosaic/${idOf('none')}/`);
    expect(response.status).toBe(404);
    expect(text).toContain('Nothing here');
  });
});

describe('when the catalogue is lost', () => {
  it('reads the records in the buckets', async () => {
    await site.put(keys.mosaicRecord(idOf('a')), JSON.stringify(mosaicOf('a')));
    await fail();
    expect((await site.get(`/mosaic/${idOf('a')}/`)).status).toBe(200);
    expect(await (await site.get(`/api/requests/${idOf('bad')}`)).json()).toMatchObject({
      state: 'failed',
      code: 'image.truncated',
    });
  });
});
