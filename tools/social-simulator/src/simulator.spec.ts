import { once } from 'node:events';
import http from 'node:http';
import { join } from 'node:path';
import { startSimulator, type Simulator, type SimulatorOptions } from './index';

/** What clients other than the adapter see: people with the page, and programs that do it wrong. */

const running: Simulator[] = [];
afterEach(async () => {
  for (const simulator of running.splice(0)) await simulator.close();
});

async function simulate(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator({ pageDir: join(__dirname, 'page'), ...options });
  running.push(simulator);
  return simulator;
}

function form(fields: Record<string, string | Blob>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return data;
}

const publish = (simulator: Simulator, fields: Record<string, string | Blob>) =>
  fetch(`${simulator.url}/api/posts`, { method: 'POST', body: form(fields) });

const jpeg = (bytes: number) => new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' });

describe('the page', () => {
  it.each([
    ['/', 'text/html'],
    ['/page.css', 'text/css'],
    ['/page.js', 'text/javascript'],
  ])('serves %s as %s', async (path, type) => {
    const { url } = await simulate();
    const response = await fetch(url + path);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining(type),
    ]);
  });

  it('posts with a photo that can be fetched again', async () => {
    const simulator = await simulate();
    const response = await publish(simulator, {
      handle: '@alice',
      text: 'hi #mosaicme',
      photo: jpeg(5),
    });
    expect(response.status).toBe(201);
    const [post] = simulator.posts();
    expect(post).toMatchObject({ author: { username: 'alice' }, text: 'hi #mosaicme' });
    const photo = await fetch(`${simulator.url}/media/${post?.photos[0]?.key}`);
    expect(photo.headers.get('content-type')).toBe('image/jpeg');
    expect(new Uint8Array(await photo.arrayBuffer())).toEqual(new Uint8Array(5));
  });

  it.each<[string, Record<string, string | Blob>, RegExp]>([
    ['no name', { handle: '', text: 'hi' }, /name has 1 to 15/],
    ['a name that cannot be', { handle: 'a b', text: 'hi' }, /name has 1 to 15/],
    ["the bot's name", { handle: 'MosaicMe', text: 'hi' }, /belongs to the bot/],
    ['nothing to say', { handle: 'alice', text: ' ' }, /Write something/],
    ['no photo', { handle: 'alice', photo: new Blob(['x'], { type: 'text/html' }) }, /Only photos/],
    ['a huge photo', { handle: 'alice', photo: jpeg(1001) }, /more than 1000 bytes/],
  ])('refuses %s with a reason', async (_kind, fields, reason) => {
    const simulator = await simulate({ maxPhotoBytes: 1000 });
    const response = await publish(simulator, fields);
    expect(response.status).toBe(400);
    expect((await response.json()) as { detail: string }).toMatchObject({
      detail: expect.stringMatching(reason),
    });
    expect(simulator.posts()).toEqual([]);
  });

  it('refuses a body that is no form', async () => {
    const simulator = await simulate();
    const response = await fetch(`${simulator.url}/api/posts`, { method: 'POST', body: 'hello' });
    expect(response.status).toBe(400);
  });

  it('hears of posts and removals live', async () => {
    const simulator = await simulate();
    const old = await simulator.post({ handle: 'alice', text: 'old' });
    const [response] = (await once(http.get(`${simulator.url}/api/events`), 'response')) as [
      http.IncomingMessage,
    ];
    response.setEncoding('utf8');
    const heard = async (wanted: string) => {
      let text = '';
      while (!text.includes(wanted)) text += String((await once(response, 'data'))[0]);
      return text;
    };
    expect(await heard('"old"')).toMatch(/^event: start\n/);
    await simulator.post({ handle: 'bob', text: 'new' });
    expect(await heard('"new"')).toMatch(/^event: post\n/);
    simulator.remove(old.id);
    expect(await heard(old.id)).toMatch(/^event: removed\n/);
  });

  it('lets a person delete a post', async () => {
    const simulator = await simulate();
    const { id } = await simulator.post({ handle: 'alice', text: 'oops' });
    const remove = () => fetch(`${simulator.url}/api/posts/${id}`, { method: 'DELETE' });
    expect([(await remove()).status, (await remove()).status]).toEqual([204, 404]);
    expect(simulator.posts()).toEqual([]);
  });

  it('leads the link of a post to its place on the page', async () => {
    const { url } = await simulate();
    const response = await fetch(`${url}/alice/status/12`, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([302, '/#post-12']);
  });
});

describe('the X API', () => {
  const get = (simulator: Simulator, path: string, authorization?: string) =>
    fetch(simulator.url + path, authorization ? { headers: { authorization } } : {});
  const bearer = (simulator: Simulator) => `Bearer ${simulator.credentials.bearerToken}`;

  it.each([
    ['/2/tweets/search/stream/rules', undefined, 401],
    ['/2/tweets/search/recent?query=%23a', 'Bearer wrong', 401],
    ['/2/users/me', 'OAuth oauth_consumer_key="wrong"', 401],
  ])('asks for credentials at %s', async (path, authorization, status) => {
    expect((await get(await simulate(), path, authorization)).status).toBe(status);
  });

  it('wants the user, not the app, where the user acts', async () => {
    const simulator = await simulate();
    const response = await get(simulator, '/2/users/me', bearer(simulator));
    expect([response.status, ((await response.json()) as { title: string }).title]).toEqual([
      403,
      'Unsupported Authentication',
    ]);
  });

  it('counts requests in windows and says so in the headers', async () => {
    const simulator = await simulate({ limits: { rules: { requests: 2, windowMs: 60_000 } } });
    const seen = [];
    for (let request = 0; request < 3; request++) {
      const response = await get(simulator, '/2/tweets/search/stream/rules', bearer(simulator));
      seen.push([response.status, response.headers.get('x-rate-limit-remaining')]);
    }
    expect(seen).toEqual([
      [200, '1'],
      [200, '0'],
      [429, '0'],
    ]);
  });

  it('sends nothing that was not asked for', async () => {
    const simulator = await simulate();
    const { id } = await simulator.post({ handle: 'alice', text: 'a & b #a', photos: [jpegBytes] });
    const path = '/2/tweets/search/recent?query=%23a';
    const plain = await (await get(simulator, path, bearer(simulator))).json();
    expect(plain).toEqual({
      data: [{ id, text: 'a &amp; b #a', edit_history_tweet_ids: [id] }],
      includes: {},
      meta: { result_count: 1, newest_id: id, oldest_id: id },
    });
  });

  it.each(['max_results=5', 'max_results=101', 'since_id=abc', 'query=plain'])(
    'refuses a search with %s',
    async (parameter) => {
      const simulator = await simulate();
      const query = parameter.startsWith('query') ? parameter : `query=%23a&${parameter}`;
      const response = await get(simulator, `/2/tweets/search/recent?${query}`, bearer(simulator));
      expect(response.status).toBe(400);
    },
  );

  it('has no stream without rules, and only one connection', async () => {
    const simulator = await simulate();
    const stream = () => get(simulator, '/2/tweets/search/stream', bearer(simulator));
    expect((await stream()).status).toBe(409);
    simulator.addRule({ value: '#a' });
    const first = await stream();
    expect([first.status, (await stream()).status]).toEqual([200, 429]);
    await first.body?.cancel();
  });

  it('finds users by name', async () => {
    const simulator = await simulate({ botHandle: 'TheBot' });
    const find = async (name: string): Promise<unknown> =>
      (await get(simulator, `/2/users/by/username/${name}`, bearer(simulator))).json();
    expect(await find('thebot')).toMatchObject({ data: { username: 'TheBot' } });
    expect(await find('ghost')).toMatchObject({ errors: [{ title: 'Not Found Error' }] });
  });

  it('checks rules without keeping them, and removes them', async () => {
    const simulator = await simulate();
    const change = async (query: string, body: object) => {
      const response = await fetch(`${simulator.url}/2/tweets/search/stream/rules${query}`, {
        method: 'POST',
        headers: { authorization: bearer(simulator), 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return response.status;
    };
    expect(await change('?dry_run=true', { add: [{ value: '#a' }] })).toBe(201);
    expect(simulator.rules()).toEqual([]);
    expect(await change('', { add: [{ value: 'nonsense' }] })).toBe(400);
    expect(await change('', { add: [{ value: '#a', tag: 't' }, { value: '#a' }] })).toBe(201);
    expect(simulator.rules()).toEqual([{ id: expect.any(String), value: '#a', tag: 't' }]);
    const ids = simulator.rules().map(({ id }) => id);
    expect(await change('', { delete: { ids } })).toBe(200);
    expect(simulator.rules()).toEqual([]);
    expect(await change('', {})).toBe(400);
  });

  it('knows no other paths', async () => {
    expect((await get(await simulate(), '/2/anything')).status).toBe(404);
  });
});

const jpegBytes = new Uint8Array(3);
