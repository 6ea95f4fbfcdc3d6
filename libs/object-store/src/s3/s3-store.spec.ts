import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ObjectsNotDeleted, PreconditionFailed, type ObjectStore } from '../port';
import { createS3Store } from './s3-store';

type React = (request: IncomingMessage, response: ServerResponse) => void;

const ref = { bucket: 'photos', key: 'k' };
const body = new TextEncoder().encode('hello');
const writeId = 'x-amz-meta-mosaicme-write';

/** Answers with an error as S3 writes them. */
const fail =
  (status: number, code: string): React =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(`<Error><Code>${code}</Code><Message>said the server</Message></Error>`);
  };

describe('S3 store on a server that misbehaves', () => {
  let server: Server;
  let store: ObjectStore;
  let requests: IncomingMessage[];
  /** What the server does with its requests, one after the other. */
  let reactions: React[];

  beforeEach(async () => {
    requests = [];
    reactions = [];
    server = createServer((request, response) => {
      requests.push(request);
      request.resume().once('end', () => {
        const react = reactions.shift() ?? fail(400, 'UnexpectedRequest');
        react(request, response);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    store = createS3Store({
      endpoint: { host: '127.0.0.1', port: address.port, https: false },
      region: 'us-east-1',
      accessKey: 'a',
      secretKey: 's',
      maxAttempts: 2,
      requestTimeoutMs: 300,
    });
  });
  afterEach(async () => {
    await store.close();
    server.closeAllConnections();
    server.close();
  });

  /** Answers a HEAD with an object that was written by the first request of this test. */
  const ours: React = (_, response) => {
    response.setHeader('etag', '"ours"');
    response.setHeader(writeId, requests[0]?.headers[writeId] ?? '');
    response.end();
  };
  const theirs: React = (_, response) => {
    response.setHeader('etag', '"theirs"');
    response.setHeader(writeId, 'another write');
    response.end();
  };
  const cut: React = (_, response) => response.destroy();

  it('sends the etag without quotes, as every server takes it', async () => {
    reactions = [theirs];
    await store.put(ref, body, { only: { etag: 'abc' } });
    expect(requests[0]?.headers['if-match']).toBe('abc');
  });

  it('loses at once where the first answer says so', async () => {
    reactions = [fail(412, 'PreconditionFailed')];
    await expect(store.put(ref, body, { only: { absent: true } })).rejects.toThrow(
      PreconditionFailed,
    );
    expect(requests).toHaveLength(1);
    expect(requests[0]?.headers['if-none-match']).toBe('*');
  });

  it.each([
    ['an error 500', fail(500, 'InternalError')],
    ['a broken connection', cut],
  ])('loses where %s hides that another writer won', async (_, failure) => {
    for (const only of [{ absent: true }, { etag: 'before' }] as const) {
      reactions = [failure, failure, theirs];
      await expect(store.put(ref, body, { only })).rejects.toThrow(PreconditionFailed);
    }
  });

  it('wins where only the answer was lost', async () => {
    reactions = [cut, cut, ours];
    await expect(store.put(ref, body, { only: { absent: true } })).resolves.toEqual({
      etag: 'ours',
    });
  });

  it('wins where a second attempt meets the first one', async () => {
    reactions = [cut, fail(412, 'PreconditionFailed'), ours];
    await expect(store.put(ref, body, { only: { etag: 'before' } })).resolves.toEqual({
      etag: 'ours',
    });
  });

  it('says that the store is unavailable where nothing was written', async () => {
    const nothing = fail(404, '');
    reactions = [fail(503, 'SlowDown'), fail(503, 'SlowDown'), nothing];
    await expect(store.put(ref, body, { only: { absent: true } })).rejects.toMatchObject({
      code: 'object-store.unavailable',
      message: expect.stringContaining('SlowDown'),
    });
  });

  it('says that the store is unavailable where the outcome cannot be read either', async () => {
    reactions = Array.from({ length: 4 }, () => cut);
    await expect(store.put(ref, body, { only: { absent: true } })).rejects.toMatchObject({
      code: 'object-store.unavailable',
    });
  });

  it('tries again what may pass', async () => {
    reactions = [fail(503, 'SlowDown'), theirs];
    await expect(store.put(ref, body)).resolves.toEqual({ etag: 'theirs' });
  });

  it('does not wait for ever for an answer', async () => {
    const hang: React = () => undefined;
    reactions = [hang, hang];
    await expect(store.get(ref)).rejects.toMatchObject({ code: 'object-store.unavailable' });
  });

  it('says that the store is unavailable when a body stops half-way', async () => {
    const half: React = (_, response) => {
      response.writeHead(200, { 'content-length': 10, etag: '"e"' });
      response.write('12345', () => response.destroy());
    };
    reactions = [half];
    await expect(store.get(ref)).rejects.toMatchObject({ code: 'object-store.unavailable' });
    reactions = [half];
    const { body: pieces } = await store.stream(ref);
    const read = async (): Promise<void> => {
      for await (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(5);
    };
    await expect(read()).rejects.toMatchObject({ code: 'object-store.unavailable' });
  });

  it('answers a ping with a key that may not list buckets', async () => {
    reactions = [fail(403, 'AccessDenied')];
    await expect(store.ping()).resolves.toBeUndefined();
  });

  it('names the objects that a server would not remove, and why', async () => {
    reactions = [
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/xml' });
        response.end(
          '<DeleteResult><Error><Key>kept</Key><Code>AccessDenied</Code><Message>locked</Message></Error></DeleteResult>',
        );
      },
    ];
    const refs = ['gone', 'kept'].map((key) => ({ bucket: ref.bucket, key }));
    const outcome = store.deleteMany(refs);
    await expect(outcome).rejects.toThrow(ObjectsNotDeleted);
    await expect(outcome).rejects.toMatchObject({
      left: [{ ref: refs[1], reason: 'AccessDenied: locked' }],
    });
  });

  it('sends the MD5 of what is to be removed, because older servers ask for it', async () => {
    reactions = [(_, response) => response.end('<DeleteResult></DeleteResult>')];
    await store.deleteMany([ref]);
    expect(requests[0]?.headers['content-md5']).toMatch(/^[\w+/]{22}==$/);
  });
});
