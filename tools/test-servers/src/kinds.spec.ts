import { requireTestServer } from './kinds';

it('finds a server by its variable', () => {
  const url = 'redis://127.0.0.1:7000/0';
  expect(requireTestServer('redis', { MOSAICME_TEST_REDIS_URL: url })).toBe(url);
});

it.each([
  ['amqp', 'MOSAICME_TEST_AMQP_URL'],
  ['s3', 'MOSAICME_TEST_S3_URL'],
  ['redis', 'MOSAICME_TEST_REDIS_URL'],
] as const)('says how to get a server when the address of %s is not set', (kind, variable) => {
  for (const environment of [{}, { [variable]: '' }]) {
    expect(() => requireTestServer(kind, environment)).toThrow(
      new RegExp(`npm test.*or set ${variable} to`),
    );
  }
});
