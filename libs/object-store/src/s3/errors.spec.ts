import { S3ServiceException } from '@aws-sdk/client-s3';
import { PermanentError } from '@mosaicme/errors';
import { ObjectNotFound } from '../port';
import { s3Error } from './errors';

const endpoint = 'http://s3.test:9000';
const ref = { bucket: 'photos', key: 'a/b' };

const answer = (httpStatusCode: number, name: string): S3ServiceException =>
  new S3ServiceException({
    name,
    message: `${name} is what the server said`,
    $fault: httpStatusCode < 500 ? 'client' : 'server',
    $metadata: { httpStatusCode, attempts: 1 },
  });

it.each([
  [404, 'NoSuchKey', 'ObjectNotFound', 'object.not-found'],
  [404, 'NotFound', 'ObjectNotFound', 'object.not-found'],
  [404, 'NoSuchBucket', 'PermanentError', 'object-store.no-bucket'],
  [412, 'PreconditionFailed', 'PreconditionFailed', 'object.precondition-failed'],
  [409, 'ConditionalRequestConflict', 'PreconditionFailed', 'object.precondition-failed'],
  [401, 'Unauthorized', 'PermanentError', 'object-store.denied'],
  [403, 'AccessDenied', 'PermanentError', 'object-store.denied'],
  [403, 'InvalidAccessKeyId', 'PermanentError', 'object-store.denied'],
  [403, 'SignatureDoesNotMatch', 'PermanentError', 'object-store.denied'],
  [400, 'InvalidArgument', 'PermanentError', 'object-store.refused'],
  [501, 'NotImplemented', 'PermanentError', 'object-store.refused'],
  [400, 'RequestTimeout', 'TransientError', 'object-store.unavailable'],
  [409, 'OperationAborted', 'TransientError', 'object-store.unavailable'],
  [429, 'TooManyRequests', 'TransientError', 'object-store.unavailable'],
  [500, 'InternalError', 'TransientError', 'object-store.unavailable'],
  [503, 'SlowDown', 'TransientError', 'object-store.unavailable'],
])('takes %i %s for %s %s', (status, name, ours, code) => {
  expect(s3Error({ endpoint, ref }, answer(status, name))).toMatchObject({ name: ours, code });
});

it('takes a network that is away for unavailable, naming the server', () => {
  const error = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  expect(s3Error({ endpoint, ref }, error)).toMatchObject({
    code: 'object-store.unavailable',
    message: expect.stringMatching(/http:\/\/s3\.test:9000.*ECONNREFUSED/),
    cause: error,
  });
});

it('names bucket and variables where access is denied', () => {
  expect(s3Error({ endpoint, ref }, answer(403, 'AccessDenied')).message).toMatch(
    /http:\/\/s3\.test:9000 denies access to bucket 'photos'.*S3_ACCESS_KEY and S3_SECRET_KEY/,
  );
});

it('lets our own errors pass', () => {
  for (const error of [new ObjectNotFound(ref), new PermanentError('a.b', 'c')]) {
    expect(s3Error({ endpoint, ref }, error)).toBe(error);
  }
});
