import { TwitterApi } from 'twitter-api-v2';
import { createOAuth1Check, type SignedRequest } from './oauth1';

const credentials = {
  consumerKey: 'key',
  consumerSecret: 'secret & more',
  accessToken: 'token',
  accessTokenSecret: 'token secret',
};

/** A request as the real client signs it; it is stopped before it is sent. */
async function signed(query: Record<string, string>): Promise<SignedRequest> {
  let request: SignedRequest | undefined;
  const client = new TwitterApi(
    {
      appKey: credentials.consumerKey,
      appSecret: credentials.consumerSecret,
      accessToken: credentials.accessToken,
      accessSecret: credentials.accessTokenSecret,
    },
    {
      plugins: [
        {
          onBeforeRequest({ url, computedParams, requestOptions }) {
            const { Authorization: authorization = '' } = computedParams.headers;
            const method = requestOptions.method ?? 'GET';
            request = { authorization: String(authorization), method, url: url.href };
            throw new Error('stopped');
          },
        },
      ],
    },
  );
  await client.v2.get('tweets/search/recent', query).catch(() => {});
  if (!request) throw new Error('The client sent nothing.');
  const url = new URL(request.url);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return { ...request, url: url.href };
}

describe('createOAuth1Check', () => {
  it.each([
    [{}],
    [{ query: '#mosaicme has:images -is:retweet' }],
    [{ 'tweet.fields': 'a,b', tweet: "it's (all) *here* é🎉 & = + %", a: '1' }],
  ])("accepts the real client's signature over %j", async (query) => {
    expect(createOAuth1Check(credentials)(await signed(query))).toBeUndefined();
  });

  it('refuses a changed query, path, method or host', async () => {
    const request = await signed({ query: '#a' });
    const check = createOAuth1Check(credentials);
    const changed = [
      { ...request, url: request.url.replace('%23a', '%23b') },
      { ...request, url: request.url.replace('recent', 'all') },
      { ...request, url: request.url.replace('api.x.com', 'api.example.com') },
      { ...request, method: 'POST' },
    ];
    expect(changed.map(check)).toEqual(changed.map(() => 'wrong signature'));
  });

  it.each([
    ['consumerSecret', 'wrong signature'],
    ['accessTokenSecret', 'wrong signature'],
    ['consumerKey', 'unknown consumer key'],
    ['accessToken', 'unknown access token'],
  ])('refuses another %s', async (name, reason) => {
    const check = createOAuth1Check({ ...credentials, [name]: 'another' });
    expect(check(await signed({}))).toBe(reason);
  });

  it('refuses a request that was seen before', async () => {
    const check = createOAuth1Check(credentials);
    const request = await signed({});
    expect([check(request), check(request)]).toEqual([undefined, 'nonce used before']);
  });

  it('refuses an old request', async () => {
    const request = await signed({});
    const authorization = request.authorization.replace(/(oauth_timestamp=")\d+/, '$11300000000');
    expect(createOAuth1Check(credentials)({ ...request, authorization })).toBe(
      'timestamp out of bounds',
    );
  });

  it('refuses a header that is none', () => {
    const request = { authorization: 'OAuth %%%', method: 'GET', url: 'https://api.x.com/' };
    expect(createOAuth1Check(credentials)(request)).toBe('unknown consumer key');
  });
});
