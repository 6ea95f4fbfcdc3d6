import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { describeObjectStore } from '../conformance';
import { createS3Store, type S3StoreOptions } from './s3-store';

/** Where the test server is. A missing server fails the run; it never skips it. */
function testServer(): S3StoreOptions {
  const text = process.env.MOSAICME_TEST_S3_URL;
  if (!text) {
    throw new Error(
      'MOSAICME_TEST_S3_URL is not set. Run `npm test`, or set it to http://accesskey:secret@host:port.',
    );
  }
  const url = new URL(text);
  const https = url.protocol === 'https:';
  return {
    endpoint: { host: url.hostname, port: Number(url.port || (https ? 443 : 80)), https },
    region: 'us-east-1',
    accessKey: decodeURIComponent(url.username),
    secretKey: decodeURIComponent(url.password),
  };
}

describeObjectStore('S3 store', async () => createS3Store(testServer()));

describe('S3 store on a real server', () => {
  const newBucket = (): string => `conformance-${randomUUID()}`;

  it('leaves no parts of an upload whose body failed', async () => {
    const server = testServer();
    const store = createS3Store(server);
    const bucket = newBucket();
    await store.ensureBucket(bucket);
    async function* failing(): AsyncGenerator<Uint8Array> {
      for (let part = 0; part < 3; part += 1) yield Buffer.alloc(8 * 1024 * 1024, part);
      throw new Error('the picture broke');
    }
    await expect(store.putStream({ bucket, key: 'k' }, failing())).rejects.toThrow(
      'the picture broke',
    );
    await store.close();

    const client = new S3Client({
      endpoint: `http://${server.endpoint.host}:${server.endpoint.port}`,
      region: server.region,
      forcePathStyle: true,
      credentials: { accessKeyId: server.accessKey, secretAccessKey: server.secretKey },
    });
    const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    client.destroy();
    expect(Uploads ?? []).toEqual([]);
  });

  it.each([
    ['a wrong secret', { secretKey: 'wrong' }],
    ['an unknown key', { accessKey: 'nobody' }],
  ])('names the variables of the credentials for %s', async (_, wrong) => {
    const store = createS3Store({ ...testServer(), ...wrong });
    const error = {
      name: 'PermanentError',
      code: 'object-store.denied',
      message: expect.stringMatching(/S3_ACCESS_KEY and S3_SECRET_KEY/),
    };
    await expect(store.ping()).rejects.toMatchObject(error);
    await expect(store.ensureBucket(newBucket())).rejects.toMatchObject(error);
    await expect(
      store.put({ bucket: newBucket(), key: 'k' }, new Uint8Array()),
    ).rejects.toMatchObject(error);
    await store.close();
  });

  it('says which server does not answer', async () => {
    const port = await freePort();
    const store = createS3Store({
      ...testServer(),
      endpoint: { host: '127.0.0.1', port, https: false },
      maxAttempts: 1,
    });
    const error = {
      name: 'TransientError',
      code: 'object-store.unavailable',
      message: expect.stringContaining(`http://127.0.0.1:${port}`),
    };
    await expect(store.ping()).rejects.toMatchObject(error);
    await expect(store.get({ bucket: newBucket(), key: 'k' })).rejects.toMatchObject(error);
    await store.close();
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
