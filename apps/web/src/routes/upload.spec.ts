import { request } from 'node:http';
import { browser, idOf, publicUrl, startSite, type TestSite } from '../testing/site';
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

it('limits the uploads of one address', async () => {
  await start({ uploadsPerMinute: 2 });
  for (let count = 0; count < 2; count += 1) {
    expect((await send(formOf(jpeg(1)))).status).toBe(202);
  }
  const response = await send(formOf(jpeg(1)));
  expect(response.status).toBe(429);
  expect(await response.json()).toMatchObject({ error: { code: 'upload.too-many' } });
});

it('limits the uploads that are in memory at the same time', async () => {
  await start({ uploadsAtOnce: 0 });
  const response = await send(formOf(jpeg(1)));
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('5');
});
