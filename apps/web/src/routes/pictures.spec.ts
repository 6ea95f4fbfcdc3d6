import { drawingOf, drawingPathOf, idOf, startSite, type TestSite } from '../testing/site';

// Longer than the pieces in which a range is read.
const large = Uint8Array.from(
  { length: 9_000_000 },
  (_, index) => (index * 31 + (index >> 8)) & 255,
);
const path = `${drawingPathOf('a')}/large.jpg`;

let site: TestSite;
beforeAll(async () => {
  site = await startSite();
  await site.put(drawingOf('a').picture, large);
  await site.put(drawingOf('a').thumbnail, 'small');
  await site.put(drawingOf('a').recipe, 'recipe');
});
afterAll(() => site.close());

const bytesOf = async (response: Response): Promise<Uint8Array> =>
  new Uint8Array(await response.arrayBuffer());
const isEqual = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

it('streams the whole picture, to be kept by browsers', async () => {
  const response = await site.get(path);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('image/jpeg');
  expect(response.headers.get('content-length')).toBe('9000000');
  expect(response.headers.get('cache-control')).toContain('immutable');
  expect(response.headers.get('accept-ranges')).toBe('bytes');
  expect(isEqual(await bytesOf(response), large)).toBe(true);
});

it.each([
  [`${drawingPathOf('a')}/small.jpg`, 'image/jpeg', 'small'],
  [`${drawingPathOf('a')}/recipe`, 'application/octet-stream', 'recipe'],
])('serves %s', async (address, type, content) => {
  const response = await site.get(address);
  expect(response.headers.get('content-type')).toBe(type);
  expect(await response.text()).toBe(content);
});

it('answers 304 to who has it already', async () => {
  const etag = (await site.get(path)).headers.get('etag') ?? '';
  // Without this header fetch would ask for a fresh copy.
  const response = await site.get(path, { 'If-None-Match': etag, 'Cache-Control': 'max-age=0' });
  expect(response.status).toBe(304);
  expect(response.headers.get('etag')).toBe(etag);
});

it('answers HEAD without the bytes', async () => {
  const response = await fetch(site.url + path, { method: 'HEAD' });
  expect(response.headers.get('content-length')).toBe('9000000');
  expect((await bytesOf(response)).length).toBe(0);
});

it.each([
  ['bytes=0-99', 0, 100],
  ['bytes=4194000-8999999', 4_194_000, 9_000_000],
  ['bytes=8999990-', 8_999_990, 9_000_000],
  ['bytes=-5', 8_999_995, 9_000_000],
  ['bytes=100-999999999', 100, 9_000_000],
])('answers the range %s', async (range, start, end) => {
  const response = await site.get(path, { Range: range });
  expect(response.status).toBe(206);
  expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/9000000`);
  expect(response.headers.get('content-length')).toBe(String(end - start));
  expect(isEqual(await bytesOf(response), large.subarray(start, end))).toBe(true);
});

it('refuses a range behind the end', async () => {
  const response = await site.get(path, { Range: 'bytes=9000000-' });
  expect(response.status).toBe(416);
  expect(response.headers.get('content-range')).toBe('bytes */9000000');
});

it.each([
  ['several ranges', { Range: 'bytes=0-1,5-6' }],
  ['a range that makes no sense', { Range: 'bytes=z' }],
  ['a range of another version', { Range: 'bytes=0-99', 'If-Range': '"another"' }],
])('answers %s with the whole picture', async (_name, headers) => {
  const response = await site.get(path, headers);
  expect(response.status).toBe(200);
  expect((await bytesOf(response)).length).toBe(9_000_000);
});

it.each([
  ['a drawing that is not there', `${drawingPathOf('none')}/large.jpg`],
  ['a revision that is none', `/pictures/default/${idOf('a')}/latest/large.jpg`],
  ['a mosaic that is not there', `/mosaic/${idOf('none')}/large.jpg`],
  ['an id that is none', '/mosaic/..%2F..%2Fsecret/large.jpg'],
])('answers 404 for %s', async (_name, address) => {
  const response = await site.get(address);
  expect(response.status).toBe(404);
  expect(response.headers.get('content-type')).toContain('json');
  expect(response.headers.get('cache-control')).toBe('no-store');
});

it('breaks the connection when the picture is replaced while it is sent', async () => {
  const get = jest.spyOn(site.store, 'get').mockResolvedValue({
    ...drawingOf('a').picture,
    contentType: 'image/jpeg',
    size: large.length,
    lastModified: new Date(),
    etag: 'another version',
    bytes: large,
  });
  await expect(site.get(path, { Range: 'bytes=0-' }).then(bytesOf)).rejects.toThrow();
  get.mockRestore();
});
