import { request } from 'node:http';
import { browser, idOf, publicUrl, putCampaign, startSite, type TestSite } from '../testing/site';
import type { WebOptions } from '../ports';

let site: TestSite;
afterEach(() => site.close());

const formOf = (
  photo: Blob | undefined,
  fields: Record<string, string> = {},
  fileName = 'photo.jpg',
): FormData => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  if (photo) form.set('photo', photo, fileName);
  return form;
};
const jpeg = (bytes: number): Blob => new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' });

const start = async (options: Partial<WebOptions> = {}): Promise<void> => {
  site = await startSite({ uploadMaxBytes: 1_000, ...options });
};
const send = (body: FormData, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${site.url}/upload`, { method: 'POST', body, headers, redirect: 'manual' });

it('takes a photo and tells a script where its mosaic will be', async () => {
  await start();
  const response = await send(
    formOf(new Blob(['\u0000photo'], { type: 'image/png' }), { name: ' @Ada\nL. ', text: ' hi ' }),
    { Accept: 'application/json' },
  );
  expect(response.status).toBe(202);
  const id = idOf('upload-1');
  expect(await response.json()).toEqual({ id, url: `${publicUrl}/mosaic/${id}/` });
  expect(response.headers.get('location')).toBe(`/mosaic/${id}/`);
  expect(site.uploads).toEqual([
    {
      campaign: 'default',
      bytes: Buffer.from('\u0000photo'),
      declaredType: 'image/png',
      handle: 'Ada L.',
      name: 'Ada L.',
      text: 'hi',
    },
  ]);
});

it('leads a browser without scripts to the page of its request', async () => {
  await start();
  const response = await send(formOf(jpeg(10)), browser);
  expect(response.status).toBe(303);
  expect(response.headers.get('location')).toBe(`/mosaic/${idOf('upload-1')}/`);
  expect(site.uploads[0]).toMatchObject({ handle: 'guest' });
});

it('takes the last of several fields of one name', async () => {
  await start();
  const form = formOf(jpeg(1), { name: 'Ada' });
  form.append('name', 'Grace');
  expect((await send(form)).status).toBe(202);
  expect(site.uploads[0]).toMatchObject({ name: 'Grace' });
});

it('takes a photo of exactly the limit', async () => {
  await start();
  expect((await send(formOf(jpeg(1_000)))).status).toBe(202);
});

describe('refuses, and says why,', () => {
  const large = 'larger than 1 KB';
  it.each([
    ['one byte too many', formOf(jpeg(1_001)), 413, 'upload.too-large', large],
    ['far too many bytes', formOf(jpeg(500_000)), 413, 'upload.too-large', large],
    ['no file', formOf(undefined), 400, 'upload.no-photo', 'choose a photo'],
    ['an empty file', formOf(jpeg(0)), 400, 'upload.no-photo', 'choose a photo'],
    [
      'something that is no image',
      formOf(new Blob(['%PDF'], { type: 'application/pdf' }), {}, 'a.pdf'),
      415,
      'upload.no-image',
      'application/pdf',
    ],
    ['a long text', formOf(jpeg(1), { text: 'x'.repeat(501) }), 413, 'upload.text-too-long', '500'],
    [
      'a very long text',
      formOf(jpeg(1), { text: 'x'.repeat(9_000) }),
      413,
      'upload.text-too-long',
      'text',
    ],
  ])('%s', async (_name, form, status, code, message) => {
    await start();
    const response = await send(form, { Accept: 'application/json' });
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({
      error: { code, message: expect.stringContaining(message) },
    });
    expect(site.uploads).toEqual([]);
  });

  it.each([
    ['two photos at once', 'photo', 'upload.files', 'one photo at a time'],
    ['a photo in another field', 'picture', 'upload.files', "in the field 'photo'"],
  ])('%s', async (_name, field, code, message) => {
    await start();
    const form = formOf(jpeg(1));
    form.append(field, jpeg(1), 'b.jpg');
    const response = await send(form);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      error: { code, message: expect.stringContaining(message) },
    });
    expect(site.uploads).toEqual([]);
  });

  it('more fields than it reads', async () => {
    await start();
    const fields = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`field${at}`, 'x']));
    const response = await send(formOf(jpeg(1), fields));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: 'upload.fields', message: expect.stringContaining('8') },
    });
  });

  it('a field name that would make an object', async () => {
    await start();
    const response = await send(formOf(jpeg(1), { 'name[__proto__]': 'x' }));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'upload.unreadable' } });
  });

  it('a body that is no form', async () => {
    await start();
    const response = await fetch(`${site.url}/upload`, { method: 'POST', body: 'hello' });
    expect(response.status).toBe(400);
  });

  it('a form that ends in the middle', async () => {
    await start();
    const response = await fetch(`${site.url}/upload`, {
      method: 'POST',
      headers: { 'Content-Type': 'multipart/form-data; boundary=b' },
      body: '--b\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\nhalf',
    });
    expect(response.status).toBe(400);
    expect(site.uploads).toEqual([]);
  });

  it('in a page, when a browser asks', async () => {
    await start();
    const response = await send(formOf(jpeg(2_000)), browser);
    const text = await response.text();
    expect(response.status).toBe(413);
    expect(text).toContain('That photo is too large');
    expect(text).toContain('1 KB');
  });
});

it('stops reading a body without end', async () => {
  await start();
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const outgoing = request(`${site.url}/upload`, {
      method: 'POST',
      headers: { 'Content-Type': 'multipart/form-data; boundary=b' },
    });
    const piece = Buffer.alloc(16_384);
    const write = (): void => {
      while (!outgoing.destroyed && outgoing.write(piece));
    };
    outgoing.on('drain', write);
    outgoing.on('response', (response) => {
      resolve(response.statusCode);
      outgoing.destroy();
    });
    outgoing.on('error', reject);
    outgoing.write(
      '--b\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n',
    );
    write();
  });
  expect(status).toBe(413);
});

describe('limits the uploads', () => {
  const statuses = async (count: number, headers?: Record<string, string>) => {
    const found = [];
    for (let sent = 0; sent < count; sent++)
      found.push((await send(formOf(jpeg(1)), headers)).status);
    return found;
  };
  /** The cookie that the upload page gives to a browser. */
  const device = async () => {
    const { headers } = await site.get('/upload');
    const cookie = headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/HttpOnly; Secure; SameSite=Lax/);
    return { Cookie: cookie.split(';')[0] ?? '' };
  };

  it('of one device, and lets others behind its address go on', async () => {
    await start({ uploadsPerMinute: 2 });
    const one = await device();
    expect(await statuses(3, one)).toEqual([202, 202, 429]);
    expect(await statuses(3, await device())).toEqual([202, 202, 429]);
    expect((await site.get('/upload', one)).headers.get('set-cookie')).toBeNull();
  });

  it('of an address without a device as those of one', async () => {
    await start({ uploadsPerMinute: 2 });
    expect(await statuses(3)).toEqual([202, 202, 429]);
  });

  it('of one address whatever devices it has, and says how long to wait', async () => {
    await start({ uploadsPerMinute: 2, uploadsPerAddress: 3 });
    expect(await statuses(2, await device())).toEqual([202, 202]);
    expect(await statuses(2, await device())).toEqual([202, 429]);
    const response = await send(formOf(jpeg(1)), await device());
    expect(response.headers.get('retry-after')).toBe('60');
    expect(await response.json()).toMatchObject({
      error: { code: 'upload.too-many', message: expect.stringContaining('At most 3 photos') },
    });
  });
});

describe('the campaign of an upload', () => {
  beforeEach(async () => {
    await start();
    await putCampaign(site, { slug: 'summer', state: 'open', title: 'Summer Fest' });
    await putCampaign(site, { slug: 'past', state: 'closed', title: 'Last Year' });
    await putCampaign(site, {
      slug: 'next',
      state: 'scheduled',
      opensAt: '2099-06-01T10:00:00Z',
      timeZone: 'Europe/Berlin',
    });
    await putCampaign(site, { slug: 'secret', state: 'draft' });
  });
  const sendTo = (path: string) =>
    fetch(site.url + path, { method: 'POST', body: formOf(jpeg(1)), redirect: 'manual' });

  it('is the one in the address', async () => {
    const { text } = await site.page('/c/summer/upload');
    expect(text).toContain('action="/c/summer/upload"');
    expect(text).toContain('Summer Fest');
    expect((await sendTo('/c/summer/upload')).status).toBe(202);
    expect(site.uploads).toMatchObject([{ campaign: 'summer' }]);
  });

  it.each([
    ['past', 403, /Last Year.* has closed/],
    ['next', 403, /takes photos from 1 Jun 2099, 12:00 \(Europe\/Berlin\)/],
    ['secret', 404, /no event at this address/],
    ['none', 404, /no event at this address/],
    ['No_Slug', 404, /no event at this address/],
  ])("refuses '%s' with %d and words", async (slug, status, words) => {
    const { response, text } = await site.page(`/c/${slug}/upload`);
    expect(response.status).toBe(status);
    expect(text).toMatch(words);
    const refused = await sendTo(`/c/${slug}/upload`);
    expect(refused.status).toBe(status);
    expect(site.uploads).toEqual([]);
  });
});

describe('a form of another site', () => {
  it.each<[string, Record<string, string>, number]>([
    ['this site', { Origin: publicUrl }, 202],
    ['this site, says the browser', { 'Sec-Fetch-Site': 'same-origin' }, 202],
    ['no browser', {}, 202],
    ['another site', { Origin: 'https://evil.example' }, 403],
    ['another site, says the browser', { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['a neighbour', { 'Sec-Fetch-Site': 'same-site', Origin: 'https://x.example' }, 403],
    ['nowhere', { Origin: 'null' }, 403],
  ])('from %s: %j -> %d', async (_name, headers, status) => {
    await start();
    expect((await send(formOf(jpeg(1)), headers)).status).toBe(status);
    expect(site.uploads).toHaveLength(status === 202 ? 1 : 0);
  });
});

it.each([
  ['IMG_1.HEIC', 'application/octet-stream', 202, 'image/heic'],
  ['a.jpg', 'application/octet-stream', 202, 'image/jpeg'],
  ['a.heic', 'image/heic', 202, 'image/heic'],
  ['a.exe', 'application/octet-stream', 415, undefined],
  ['a.heic', 'text/html', 415, undefined],
])('a file named %s of the type %s gives %d, %s', async (name, type, status, declaredType) => {
  await start();
  expect((await send(formOf(new Blob(['x'], { type }), {}, name))).status).toBe(status);
  expect(site.uploads[0]?.declaredType).toBe(declaredType);
});

it('limits the uploads that are in memory at the same time', async () => {
  await start({ uploadsAtOnce: 0 });
  const response = await send(formOf(jpeg(1)));
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('5');
});
