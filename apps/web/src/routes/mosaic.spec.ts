import type { Decision } from '@mosaicme/requests';
import {
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

  it.each([
    ['failed', /^This photo could not be used. The file ends in the middle.$/],
    ['received', /not finished/],
  ] as const)('says that a request is not there because it is %s', async (fact, message) => {
    const request = facts(site, 'a');
    await request.received();
    await request[fact]();
    const response = await site.get(`/mosaic/${request.id}/`);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ error: expect.stringMatching(message) });
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

  it('shows what a guest wrote, and no text of a post', async () => {
    const text = 'Greetings <from> the beach';
    await site.catalogue.addMosaic(mosaicOf('a', { photo: { network: 'web', text } }));
    await site.catalogue.addMosaic(mosaicOf('b', { photo: { text } }));
    expect((await site.page(`/mosaic/${idOf('a')}/`)).text).toContain(
      '<blockquote class="words">Greetings &lt;from&gt; the beach</blockquote>',
    );
    expect((await site.page(`/mosaic/${idOf('b')}/`)).text).not.toContain('Greetings');
  });

  it('is a page of its own when there is nothing', async () => {
    const { response, text } = await site.page(`/mosaic/${idOf('none')}/`);
    expect(response.status).toBe(404);
    expect(text).toContain('Nothing here');
  });
});

describe('a request without a mosaic', () => {
  type Fact = Exclude<keyof ReturnType<typeof facts>, 'id' | 'decided' | 'failed'>;
  const review = 'as soon as somebody of the event has looked at it';
  it.each<[string, readonly Fact[], readonly Decision['verb'][], string, string]>([
    ['has arrived', ['received'], [], 'received', 'waits for its turn'],
    ['was opened', ['received', 'prepared'], [], 'prepared', 'is being rebuilt'],
    ['was drawn', ['received', 'drawn'], [], 'rendered', 'is about to appear'],
    ['is held', ['received', 'drawn', 'putAside'], [], 'review', review],
    ['was held after it was shown', ['received', 'published'], ['hold'], 'review', review],
    ['was rejected', ['received', 'putAside'], ['reject'], 'review', review],
    ['was rejected after it was shown', ['received', 'published'], ['reject'], 'review', review],
  ])('that %s waits, and its page says for what', async (_name, given, verbs, stage, words) => {
    const request = facts(site, 'a');
    for (const fact of given) await request[fact]();
    if (verbs.length > 0) await request.decided(...verbs);
    const { response, text } = await site.page(`/mosaic/${request.id}/`);
    expect(response.status).toBe(200);
    expect(text).toContain(`data-waiting="${request.id}"`);
    expect(text).toContain(words);
    expect(text).not.toContain('secret reason');
    expect(await (await site.get(`/api/requests/${request.id}`)).json()).toEqual({
      id: request.id,
      url: `${publicUrl}/mosaic/${request.id}/`,
      state: 'waiting',
      stage,
    });
  });

  it('that was withdrawn is gone, and its page says so and nothing of it', async () => {
    const request = facts(site, 'a');
    await request.received();
    await request.published();
    await request.decided('withdraw');
    const { response, text } = await site.page(`/mosaic/${request.id}/`);
    expect(response.status).toBe(410);
    expect(text).toContain('This photo was withdrawn');
    expect(text).not.toMatch(/by-a|secret reason/);
    expect(await (await site.get(`/api/requests/${request.id}`)).json()).toMatchObject({
      state: 'withdrawn',
    });
    expect((await site.get(`/mosaic/${request.id}/large.jpg`)).status).toBe(404);
  });

  it.each([
    ['lies in the photo', 'image.truncated', 'The file ends here.', 'The file ends here.', ''],
    [
      'quotes a library',
      'image.truncated',
      'VipsJpeg: premature end of JPEG image',
      'not sent to its end',
      'Vips',
    ],
    ['is not known', 'image.new', 'pngload: IDAT error', 'Please send it as a JPEG', 'pngload'],
    ['speaks of servers', 's3.away', 'host 10.0.0.7', 's3.away', '10.0.0.7'],
    ['is the end of the event', 'campaign.closed', 'closed at 12', 'The event had closed', 'at 12'],
  ])('that failed for a reason which %s says so in words for guests', async (...given) => {
    const [_name, code, reason, shown, hidden] = given;
    const request = facts(site, 'bad');
    await request.received();
    await request.failed(code, reason);
    const { text } = await site.page(`/mosaic/${request.id}/`);
    expect(text).toContain('No mosaic this time');
    expect(text).toContain(shown);
    if (hidden !== '') expect(text).not.toContain(hidden);
    expect(text).toContain('<time datetime="2026-01-01T00:00:01.000Z">');
  });

  it('of a campaign leads back to the gallery of that campaign', async () => {
    await putCampaign(site, { slug: 'summer', title: 'Summer Fest', state: 'open' });
    const request = facts(site, 'a', 'summer');
    await request.received();
    const { text } = await site.page(`/mosaic/${request.id}/`);
    expect(text).toContain('<a class="button quiet" href="/c/summer/">To the gallery</a>');
    expect(text).toContain('Summer Fest');
  });
});

describe('when the catalogue is lost', () => {
  it('reads the facts in the buckets', async () => {
    await facts(site, 'a').published();
    await facts(site, 'bad').failed();
    expect((await site.get(`/mosaic/${idOf('a')}/`)).status).toBe(200);
    expect(await (await site.get(`/api/requests/${idOf('bad')}`)).json()).toMatchObject({
      state: 'failed',
      code: 'image.truncated',
    });
  });
});
