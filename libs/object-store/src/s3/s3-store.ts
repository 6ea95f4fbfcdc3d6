import type { ObjectRef } from '@mosaicme/contracts';
import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  type GetObjectCommandOutput,
  type HeadObjectCommandOutput,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { TransientError } from '@mosaicme/errors';
import { watchBody } from '../body';
import {
  ObjectNotFound,
  ObjectsNotDeleted,
  PreconditionFailed,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
} from '../port';
import { checkBucket, checkRange, checkRef } from '../refs';
import { nameOf, s3Error, statusOf } from './errors';

export interface S3StoreOptions {
  readonly endpoint: { readonly host: string; readonly port: number; readonly https: boolean };
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /**
   * When the SDK adds and checks its own checksums. Older servers refuse them: `WHEN_REQUIRED`, the
   * default, works everywhere.
   */
  readonly checksums?: 'WHEN_REQUIRED' | 'WHEN_SUPPORTED';
  /** Put the bucket into the path and not into the host name. Default true. */
  readonly forcePathStyle?: boolean;
  /** Attempts for each request, at least 1. Default 4, with growing pauses. */
  readonly maxAttempts?: number;
  /** Milliseconds until a connection must stand. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds until an answer must begin, and that a connection may be silent. Default 30,000. */
  readonly requestTimeoutMs?: number;
  /** Connections at once. Default 64. */
  readonly maxSockets?: number;
}

/** Bytes of a part of a multipart upload: 10,000 of them make 80 GB. */
const partBytes = 8 * 1024 * 1024;
/** Parts in flight; with `partBytes` this bounds the memory of an upload. */
const partsAtOnce = 2;

/** The limit of S3 for one request. */
const maxDeletes = 1_000;
/** What XML 1.0 cannot hold, and what it would change on the way. */
const unfitForXml = /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/;

/** Names one write in the object's metadata, so that a writer can recognise its own. */
const writeIdName = 'mosaicme-write';

/**
 * An object store on an S3 server.
 *
 * A conditional write whose answer was lost, or that came back as an error 500 (radosgw says so to some
 * losers of a race), is settled by reading the object back.
 */
export function createS3Store(options: S3StoreOptions): ObjectStore {
  const { host, port, https } = options.endpoint;
  const endpoint = `${https ? 'https' : 'http'}://${host}:${port}`;
  const requestTimeout = options.requestTimeoutMs ?? 30_000;
  const agent = { maxSockets: options.maxSockets ?? 64, keepAlive: true };
  const checksums = options.checksums ?? 'WHEN_REQUIRED';
  const client = new S3Client({
    endpoint,
    region: options.region,
    credentials: { accessKeyId: options.accessKey, secretAccessKey: options.secretKey },
    forcePathStyle: options.forcePathStyle ?? true,
    maxAttempts: options.maxAttempts ?? 4,
    requestChecksumCalculation: checksums,
    responseChecksumValidation: checksums,
    requestHandler: {
      connectionTimeout: options.connectTimeoutMs ?? 5_000,
      requestTimeout,
      throwOnRequestTimeout: true,
      socketTimeout: requestTimeout,
      httpAgent: agent,
      httpsAgent: agent,
    },
  });
  // It would prepare an entry about each request for a log that nobody keeps.
  client.middlewareStack.remove('loggerMiddleware');

  /** Sends a request about an object; errors come out as ours. */
  async function about<Result>(ref: ObjectRef, request: () => Promise<Result>): Promise<Result> {
    checkRef(ref);
    try {
      return await request();
    } catch (error) {
      throw s3Error({ endpoint, ref }, error);
    }
  }

  /** The same, about a bucket as a whole. */
  async function aboutBucket<Result>(
    bucket: string,
    request: () => Promise<Result>,
  ): Promise<Result> {
    checkBucket(bucket);
    try {
      return await request();
    } catch (error) {
      throw s3Error({ endpoint, bucket }, error);
    }
  }

  async function headOutput(ref: ObjectRef): Promise<HeadObjectCommandOutput | undefined> {
    try {
      return await client.send(new HeadObjectCommand(address(ref)));
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  async function putWhere(
    ref: ObjectRef,
    body: Uint8Array,
    { only, ...putOptions }: PutOptions & Required<Pick<PutOptions, 'only'>>,
  ): Promise<{ readonly etag: string }> {
    const writeId = randomUUID();
    // Without quotes: radosgw compares literally, AWS takes both forms.
    const condition = 'absent' in only ? { IfNoneMatch: '*' } : { IfMatch: only.etag };
    try {
      const output = await client.send(
        new PutObjectCommand({
          ...address(ref),
          ...headersOf(putOptions),
          ...condition,
          Body: body,
          Metadata: { [writeIdName]: writeId },
        }),
      );
      return { etag: plainEtag(output.ETag) };
    } catch (error) {
      const failure = s3Error({ endpoint, ref }, error);
      const isFirstAnswer = attemptsOf(error) === 1;
      if (failure instanceof PreconditionFailed && isFirstAnswer) throw failure;
      // A server answers 404 where `etag` is expected and nothing is there.
      if (failure instanceof ObjectNotFound) throw new PreconditionFailed(ref, { cause: error });
      if (!(failure instanceof TransientError)) throw failure;
      return settle(ref, only, writeId, failure);
    }
  }

  /** Reads back what became of a conditional write without a clear answer. */
  async function settle(
    ref: ObjectRef,
    only: NonNullable<PutOptions['only']>,
    writeId: string,
    failure: TransientError,
  ): Promise<{ readonly etag: string }> {
    const found = await headOutput(ref).catch(() => {
      throw failure;
    });
    if (found?.Metadata?.[writeIdName] === writeId) return { etag: plainEtag(found.ETag) };
    const conditionHolds =
      'absent' in only ? found === undefined : found && plainEtag(found.ETag) === only.etag;
    throw conditionHolds ? failure : new PreconditionFailed(ref, { cause: failure });
  }

  /** The headers of a copy that does not take all of them from its source. */
  async function headersOfCopy(
    from: ObjectRef,
    { contentType, cacheControl }: Omit<PutOptions, 'only'>,
  ): Promise<Pick<HeadObjectCommandOutput, 'ContentType' | 'CacheControl'> | undefined> {
    if (contentType === undefined && cacheControl === undefined) return undefined;
    if (contentType !== undefined && cacheControl !== undefined) {
      return { ContentType: contentType, CacheControl: cacheControl };
    }
    // New headers replace all old ones, so what shall stay is read first.
    const source = await headOutput(from);
    if (!source) throw new ObjectNotFound(from);
    return {
      ContentType: contentType ?? typeOf(source),
      CacheControl: cacheControl ?? source.CacheControl,
    };
  }

  /** Removes up to a thousand objects of one bucket. @returns What is still there. */
  async function deleteBatch(
    bucket: string,
    batch: readonly string[],
  ): Promise<{ readonly ref: ObjectRef; readonly reason: string }[]> {
    const command = new DeleteObjectsCommand({
      Bucket: bucket,
      Delete: { Objects: batch.map((Key) => ({ Key })), Quiet: true },
    });
    // Servers know either the newer checksums or this one, and all know this one.
    command.middlewareStack.add(
      (next) => (args) => {
        useContentMd5(args.request);
        return next(args);
      },
      { step: 'build', priority: 'low' },
    );
    const { Errors = [] } = await aboutBucket(bucket, () => client.send(command));
    return Errors.filter(({ Code }) => Code !== 'NoSuchKey').map(({ Key = '', Code, Message }) => ({
      ref: { bucket, key: Key },
      reason: `${Code}: ${Message}`,
    }));
  }

  async function getOutput(ref: ObjectRef, range?: string): Promise<GetObjectCommandOutput> {
    return client.send(new GetObjectCommand({ ...address(ref), ...(range && { Range: range }) }));
  }

  const remove = (ref: ObjectRef): Promise<void> =>
    about(ref, async () => {
      await client.send(new DeleteObjectCommand(address(ref)));
    });

  return {
    put: (ref, body, putOptions = {}) =>
      about(ref, async () => {
        const { only, ...rest } = putOptions;
        if (only) return putWhere(ref, body, { ...rest, only });
        const output = await client.send(
          new PutObjectCommand({ ...address(ref), ...headersOf(rest), Body: body }),
        );
        return { etag: plainEtag(output.ETag) };
      }),

    putStream: (ref, body, putOptions = {}) => {
      const watched = watchBody(body);
      return about(ref, async () => {
        const upload = new Upload({
          client,
          params: {
            ...address(ref),
            ...headersOf(putOptions),
            Body: Readable.from(watched.body, { objectMode: false }),
          },
          partSize: partBytes,
          queueSize: partsAtOnce,
        });
        const output = await upload.done();
        // radosgw does not say the etag of what it put together from parts.
        const { ETag } = output.ETag ? output : ((await headOutput(ref)) ?? output);
        return { etag: plainEtag(ETag) };
      }).catch(watched.rethrow);
    },

    get: async (ref, range) => {
      if (range) checkRange(range);
      return about(ref, async () => {
        const empty = async () => {
          const found = await headOutput(ref);
          if (!found) throw new ObjectNotFound(ref);
          return { ...infoOf(ref, found), contentType: typeOf(found), bytes: new Uint8Array() };
        };
        // HTTP has no empty range.
        if (range && range.start === range.end) return empty();
        try {
          const output = await getOutput(ref, range && `bytes=${range.start}-${range.end - 1}`);
          const bytes = (await output.Body?.transformToByteArray()) ?? new Uint8Array();
          return { ...infoOf(ref, output), contentType: typeOf(output), bytes };
        } catch (error) {
          if (range && statusOf(error) === 416) return empty();
          throw error;
        }
      });
    },

    stream: (ref) =>
      about(ref, async () => {
        const output = await getOutput(ref);
        const source = output.Body;
        async function* body(): AsyncGenerator<Uint8Array> {
          if (!(source instanceof Readable)) return;
          try {
            yield* source;
          } catch (error) {
            throw s3Error({ endpoint, ref }, error);
          }
        }
        return { ...infoOf(ref, output), contentType: typeOf(output), body: body() };
      }),

    head: (ref) =>
      about(ref, async () => {
        const found = await headOutput(ref);
        return found && infoOf(ref, found);
      }),

    async *list(bucket, { prefix = '', after = '' } = {}) {
      let token: string | undefined;
      do {
        const page = await aboutBucket(bucket, () =>
          client.send(
            new ListObjectsV2Command({
              Bucket: bucket,
              Prefix: prefix,
              // XML cannot hold all characters that a key can.
              EncodingType: 'url',
              ...(token === undefined ? { StartAfter: after } : { ContinuationToken: token }),
            }),
          ),
        );
        for (const item of page.Contents ?? []) {
          yield {
            bucket,
            key: decodeURIComponent((item.Key ?? '').replaceAll('+', ' ')),
            size: item.Size ?? 0,
            etag: plainEtag(item.ETag),
            lastModified: item.LastModified ?? new Date(0),
          };
        }
        token = page.IsTruncated ? page.NextContinuationToken : undefined;
      } while (token !== undefined);
    },

    copy: (from, to, copyOptions = {}) =>
      about(from, async () => {
        checkRef(to);
        const headers = await headersOfCopy(from, copyOptions);
        await client.send(
          new CopyObjectCommand({
            ...address(to),
            CopySource: `${from.bucket}/${from.key.split('/').map(encodeURIComponent).join('/')}`,
            ...(headers && { MetadataDirective: 'REPLACE', ...headers }),
          }),
        );
      }),

    delete: remove,

    deleteMany: async (refs) => {
      const left: { readonly ref: ObjectRef; readonly reason: string }[] = [];
      for (const [bucket, keys] of byBucket(refs)) {
        const fit = keys.filter((key) => !unfitForXml.test(key));
        for (let at = 0; at < fit.length; at += maxDeletes) {
          left.push(...(await deleteBatch(bucket, fit.slice(at, at + maxDeletes))));
        }
        for (const key of keys.filter((each) => unfitForXml.test(each))) {
          await remove({ bucket, key });
        }
      }
      if (left.length > 0) throw new ObjectsNotDeleted(left);
    },

    ensureBucket: (bucket) =>
      aboutBucket(bucket, async () => {
        try {
          await client.send(new HeadBucketCommand({ Bucket: bucket }));
        } catch (error) {
          if (statusOf(error) !== 404) throw error;
          await client.send(new CreateBucketCommand({ Bucket: bucket })).catch((cause: unknown) => {
            // Somebody else made it in between.
            if (nameOf(cause) !== 'BucketAlreadyOwnedByYou') throw cause;
          });
        }
      }),

    ping: async () => {
      try {
        await client.send(new ListBucketsCommand({ MaxBuckets: 1 }));
      } catch (error) {
        // The key is known but may not list buckets: the store does answer.
        if (nameOf(error) !== 'AccessDenied') throw s3Error({ endpoint }, error);
      }
    },

    close: async () => {
      client.destroy();
    },
  };
}

/** The keys of objects by their bucket, each once. @throws PermanentError for a name that cannot be. */
function byBucket(refs: Iterable<ObjectRef>): Map<string, string[]> {
  const keys = new Map<string, Set<string>>();
  for (const ref of refs) {
    checkRef(ref);
    const known = keys.get(ref.bucket);
    if (known) known.add(ref.key);
    else keys.set(ref.bucket, new Set([ref.key]));
  }
  return new Map([...keys].map(([bucket, known]) => [bucket, [...known]]));
}

/** Takes the SDK's own checksum off a request, and puts the MD5 of its body there. */
function useContentMd5(request: unknown): void {
  const { headers, body = '' } = request as {
    readonly headers: Record<string, string>;
    readonly body?: string | Uint8Array;
  };
  for (const name of Object.keys(headers)) {
    if (/^x-amz-(?:sdk-)?checksum-/i.test(name)) delete headers[name];
  }
  headers['content-md5'] = createHash('md5').update(body).digest('base64');
}

const address = ({ bucket, key }: ObjectRef) => ({ Bucket: bucket, Key: key });

const headersOf = ({ contentType, cacheControl }: Omit<PutOptions, 'only'>) => ({
  ...(contentType === undefined ? {} : { ContentType: contentType }),
  ...(cacheControl === undefined ? {} : { CacheControl: cacheControl }),
});

const plainEtag = (etag: string | undefined): string =>
  (etag ?? '').replace(/^W\//, '').replaceAll('"', '');

const typeOf = (output: { readonly ContentType?: string | undefined }): string =>
  output.ContentType ?? 'application/octet-stream';

/** How often the SDK sent the request, undefined when the server never answered. */
const attemptsOf = (error: unknown): number | undefined =>
  error instanceof S3ServiceException ? error.$metadata.attempts : undefined;

function infoOf(
  ref: ObjectRef,
  output: HeadObjectCommandOutput | GetObjectCommandOutput,
): ObjectInfo {
  // The length of a part is not the size; `bytes 0-9/100` is 100.
  const total = /\/(\d+)$/.exec(output.ContentRange ?? '')?.[1];
  return {
    bucket: ref.bucket,
    key: ref.key,
    size: total === undefined ? (output.ContentLength ?? 0) : Number(total),
    etag: plainEtag(output.ETag),
    lastModified: output.LastModified ?? new Date(0),
  };
}
