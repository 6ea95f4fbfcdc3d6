import { once } from 'node:events';
import http, { type RequestListener } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { isPermanent, PermanentError, TransientError } from '@mosaicme/errors';
import { downloadMedia, type DownloadOptions } from './download';
import { pinnedTo } from './pinned-lookup';

const servers: http.Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }
});

/** A server that is allowed by its origin, as the simulator is. */
async function serve(listener: RequestListener): Promise<string> {
  const server = http.createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function failureOf(url: string, options: DownloadOptions = {}) {
  const outcome = await downloadMedia(url, options).catch((error: unknown) => error);
  if (!(outcome instanceof PermanentError || outcome instanceof TransientError)) {
    throw new Error(`Expected a failure, got ${JSON.stringify(outcome)}.`);
  }
  return { code: outcome.code, permanent: isPermanent(outcome), message: outcome.message };
}

const unresolvable = () => Promise.reject(new Error('getaddrinfo ENOTFOUND'));

describe('downloadMedia', () => {
  it('fetches bytes and content type, and says where they came from', async () => {
    const origin = await serve((request, response) => {
      if (request.url === '/a') return response.writeHead(302, { location: '/b' }).end();
      response.setHeader('content-type', 'image/png');
      response.end('bytes');
    });
    const media = await downloadMedia(`${origin}/a`, { allowedOrigins: [origin] });
    expect(Buffer.from(media.bytes).toString()).toBe('bytes');
    expect(media).toMatchObject({ contentType: 'image/png', finalUrl: `${origin}/b` });
  });

  it.each([
    ['plain http', 'http://example.org/a.jpg', 'media.not-https'],
    ['another scheme', 'file:///etc/passwd', 'media.not-https'],
    ['no URL', 'photo.jpg', 'media.bad-url'],
    ['credentials', 'https://user:secret@example.org/', 'media.credentials-in-url'],
    ['loopback', 'https://127.0.0.1/', 'media.address-not-public'],
    ['loopback in disguise', 'https://0x7f.1/', 'media.address-not-public'],
    ['loopback as a number', 'https://2130706433/', 'media.address-not-public'],
    ['a name for loopback', 'https://localhost/', 'media.address-not-public'],
    ['cloud metadata', 'https://169.254.169.254/latest', 'media.address-not-public'],
    ['IPv6 loopback', 'https://[::1]/', 'media.address-not-public'],
    ['IPv4 inside IPv6', 'https://[::ffff:10.0.0.1]/', 'media.address-not-public'],
  ])('refuses %s', async (_kind, url, code) => {
    expect(await failureOf(url)).toMatchObject({ code, permanent: true });
  });

  it('shows no credentials and no query in its messages', async () => {
    const { message } = await failureOf('https://user:secret@example.org/a?token=hidden');
    expect(message).not.toMatch(/secret|hidden/);
  });

  it('refuses a name of which only one address is private', async () => {
    const resolve = async () => [
      { address: '1.1.1.1', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ];
    expect(await failureOf('https://rebind.example/', { resolve })).toMatchObject({
      code: 'media.address-not-public',
    });
  });

  it('connects to the addresses that it checked, without asking for the name again', async () => {
    const checked = [{ address: '1.1.1.1', family: 4 }];
    const resolve = jest.fn(async () => checked);
    const request = jest.spyOn(https, 'request').mockImplementation(() => {
      throw new Error('not sent');
    });
    await failureOf('https://photos.example/', { resolve });
    const [, options] = request.mock.lastCall ?? [];
    request.mockRestore();
    const answer = jest.fn();
    (options as https.RequestOptions).lookup?.('photos.example', { all: true }, answer);
    expect(answer).toHaveBeenCalledWith(null, checked);
    expect(resolve).toHaveBeenCalledTimes(1);
  });

  it('refuses a redirect to a private address, also from an allowed origin', async () => {
    let reached = false;
    const secret = await serve((_request, response) => {
      reached = true;
      response.end();
    });
    const origin = await serve((_request, response) => {
      response.writeHead(302, { location: secret }).end();
    });
    expect(await failureOf(origin, { allowedOrigins: [origin] })).toMatchObject({
      code: 'media.not-https',
      permanent: true,
    });
    const secure = await serve((_request, response) => {
      response.writeHead(307, { location: secret.replace('http:', 'https:') }).end();
    });
    expect(await failureOf(secure, { allowedOrigins: [secure] })).toMatchObject({
      code: 'media.address-not-public',
    });
    expect(reached).toBe(false);
  });

  it('gives up after too many redirects', async () => {
    let requests = 0;
    const origin = await serve((_request, response) => {
      requests++;
      response.writeHead(302, { location: `/${requests}` }).end();
    });
    const options = { allowedOrigins: [origin], maxRedirects: 2 };
    expect(await failureOf(origin, options)).toMatchObject({
      code: 'media.too-many-redirects',
      permanent: true,
    });
    expect(requests).toBe(3);
  });

  it('refuses a file that is announced too large before it reads it', async () => {
    const origin = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '1000000' }).flushHeaders();
    });
    expect(await failureOf(origin, { allowedOrigins: [origin], maxBytes: 999_999 })).toEqual({
      code: 'media.too-large',
      permanent: true,
      message: expect.stringContaining('999999 bytes'),
    });
  });

  it('cuts off a file that turns out too large', async () => {
    const origin = await serve((_request, response) => {
      const pour = () => {
        while (!response.destroyed && response.write(Buffer.alloc(10_000))) continue;
      };
      response.on('drain', pour);
      pour();
    });
    expect(await failureOf(origin, { allowedOrigins: [origin], maxBytes: 100_000 })).toMatchObject({
      code: 'media.too-large',
      permanent: true,
    });
  });

  it('takes a file of exactly the limit', async () => {
    const origin = await serve((_request, response) => response.end(Buffer.alloc(1000)));
    const media = await downloadMedia(origin, { allowedOrigins: [origin], maxBytes: 1000 });
    expect(media.bytes).toHaveLength(1000);
  });

  it('gives up on a server that drips', async () => {
    const origin = await serve((_request, response) => {
      const drip = setInterval(() => response.write('.'), 5);
      response.on('close', () => clearInterval(drip));
    });
    expect(await failureOf(origin, { allowedOrigins: [origin], timeoutMs: 100 })).toMatchObject({
      code: 'media.timeout',
      permanent: false,
    });
  });

  it('gives up on a name that does not resolve in time', async () => {
    const resolve = () => new Promise<never>(() => {});
    expect(await failureOf('https://slow.example/', { resolve, timeoutMs: 20 })).toMatchObject({
      code: 'media.timeout',
      permanent: false,
    });
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const origin = await serve(() => controller.abort(new Error('shutting down')));
    const download = downloadMedia(origin, {
      allowedOrigins: [origin],
      signal: controller.signal,
    });
    await expect(download).rejects.toThrow('shutting down');
  });

  it.each([
    [404, 'media.gone', true],
    [410, 'media.gone', true],
    [403, 'media.refused', true],
    [204, 'media.refused', true],
    [304, 'media.refused', true],
    [429, 'media.unavailable', false],
    [500, 'media.unavailable', false],
    [503, 'media.unavailable', false],
  ])('takes status %i for %s', async (status, code, permanent) => {
    const origin = await serve((_request, response) => response.writeHead(status).end());
    expect(await failureOf(origin, { allowedOrigins: [origin] })).toMatchObject({
      code,
      permanent,
    });
  });

  it('passes on when the server wants to be asked again', async () => {
    const origin = await serve((_request, response) =>
      response.writeHead(429, { 'retry-after': '7' }).end(),
    );
    const download = downloadMedia(origin, { allowedOrigins: [origin] });
    await expect(download).rejects.toMatchObject({ retryAfterMs: 7000 });
  });

  it.each([
    ['a date', new Date(Date.now() + 60_000).toUTCString(), 50_000, 60_000],
    ['more than an hour', '99999999999', 3_600_000, 3_600_000],
  ])('understands a Retry-After that is %s', async (_form, header, least, most) => {
    const origin = await serve((_request, response) =>
      response.writeHead(503, { 'retry-after': header }).end(),
    );
    const error = await downloadMedia(origin, { allowedOrigins: [origin] }).catch(
      (thrown) => thrown,
    );
    expect(error.retryAfterMs).toBeGreaterThan(least - 1);
    expect(error.retryAfterMs).toBeLessThanOrEqual(most);
  });

  it.each(['Infinity', '-5', 'soon', ''])(
    'does not believe a Retry-After of %j',
    async (header) => {
      const origin = await serve((_request, response) =>
        response.writeHead(503, { 'retry-after': header }).end(),
      );
      const error = await downloadMedia(origin, { allowedOrigins: [origin] }).catch(
        (thrown) => thrown,
      );
      expect(error).toMatchObject({ code: 'media.unavailable', retryAfterMs: undefined });
    },
  );

  it('is not held by a server that switches protocols and keeps the connection', async () => {
    const origin = await serve(({ socket }) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    });
    expect(await failureOf(origin, { allowedOrigins: [origin] })).toMatchObject({
      code: 'media.refused',
      permanent: true,
    });
  });

  it('does not take a file without length for whole when its time is over', async () => {
    const origin = await serve(({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\nhalf');
    });
    const options = { allowedOrigins: [origin], timeoutMs: 100 };
    expect(await failureOf(origin, options)).toMatchObject({ code: 'media.timeout' });
  });

  it('does not take a file without length for whole when the connection is cut', async () => {
    const origin = await serve(({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n', () =>
        socket.destroy(),
      );
    });
    expect(await failureOf(origin, { allowedOrigins: [origin] })).toMatchObject({
      code: 'media.unreachable',
    });
  });

  it.each([
    ['a continuation', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['nothing', ''],
    ['no HTTP', 'hello\r\n\r\n'],
  ])('ends when a server answers with %s and then closes', async (_kind, bytes) => {
    const origin = await serve(({ socket }) => void socket.end(bytes));
    expect(await failureOf(origin, { allowedOrigins: [origin] })).toMatchObject({
      code: 'media.unreachable',
    });
  });

  it.each([
    ['a broken body', true],
    ['no answer', false],
  ])('may retry after %s', async (_kind, begins) => {
    const origin = await serve((request, response) => {
      if (begins) response.writeHead(200, { 'content-length': '10' }).write('12345');
      setImmediate(() => request.socket.destroy());
    });
    expect(await failureOf(origin, { allowedOrigins: [origin] })).toMatchObject({
      code: 'media.unreachable',
      permanent: false,
    });
  });

  it('may retry when the name cannot be resolved', async () => {
    expect(await failureOf('https://gone.example/', { resolve: unresolvable })).toMatchObject({
      code: 'media.unreachable',
      permanent: false,
    });
  });
});

describe('pinnedTo', () => {
  it('leads a request to the checked address, whatever the name says', async () => {
    const origin = await serve((request, response) => response.end(request.headers.host));
    const { port } = new URL(origin);
    const lookup = pinnedTo([{ address: '127.0.0.1', family: 4 }]);
    const request = http.get(`http://name.invalid:${port}/`, { lookup, agent: false });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    const body = Buffer.concat(await response.toArray()).toString();
    expect(body).toBe(`name.invalid:${port}`);
  });
});
