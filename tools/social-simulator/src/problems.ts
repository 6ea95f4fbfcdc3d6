/** An error as the X API words it. `detail` is the sentence by which clients tell refusals apart. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly body: object,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(JSON.stringify(body));
  }
}

const plain = (status: number, title: string, detail: string, kind = 'about:blank') =>
  new Problem(status, { title, detail, status, type: kind });

export const unauthorized = (reason: string) =>
  new Problem(
    401,
    { title: 'Unauthorized', detail: 'Unauthorized', status: 401, type: 'about:blank' },
    { 'x-simulator-reason': reason },
  );

export const unsupportedAuthentication = (kind: string) =>
  plain(
    403,
    'Unsupported Authentication',
    `Authenticating with ${kind} is forbidden for this endpoint.`,
    'https://api.twitter.com/2/problems/unsupported-authentication',
  );

export const invalidRequest = (message: string) =>
  new Problem(400, {
    errors: [{ message }],
    title: 'Invalid Request',
    detail: message,
    type: 'https://api.twitter.com/2/problems/invalid-request',
  });

export const notFound = (what: string) => plain(404, 'Not Found Error', `Could not find ${what}.`);

export const forbidden = (detail: string) => plain(403, 'Forbidden', detail);

export const replyNotAllowed = () =>
  forbidden(
    'Reply to this conversation is not allowed because you have not been mentioned or otherwise ' +
      'engaged by the author of the post you are replying to.',
  );
export const targetGone = () =>
  forbidden('You attempted to reply to a Tweet that is deleted or not visible to you.');
export const duplicateText = () =>
  forbidden('You are not allowed to create a Tweet with duplicate content.');

export const tooManyConnections = () =>
  new Problem(429, {
    title: 'ConnectionException',
    detail: 'This stream is currently at the maximum allowed connection limit.',
    connection_issue: 'TooManyConnections',
    type: 'https://api.twitter.com/2/problems/streaming-connection',
  });

export const noRules = () =>
  new Problem(409, {
    title: 'ConnectionException',
    detail: 'There are no rules for this stream.',
    connection_issue: 'RuleConfigurationIssue',
    type: 'https://api.twitter.com/2/problems/rule-configuration',
  });

export const tooManyRequests = (headers: Record<string, string>) =>
  new Problem(
    429,
    { title: 'Too Many Requests', detail: 'Too Many Requests', status: 429, type: 'about:blank' },
    headers,
  );

export const usageCapExceeded = () =>
  new Problem(429, {
    title: 'UsageCapExceeded',
    detail: 'Usage cap exceeded: Monthly product cap',
    period: 'Monthly',
    scope: 'Product',
    type: 'https://api.twitter.com/2/problems/usage-capped',
  });

export const creditsDepleted = () =>
  plain(
    402,
    'CreditsDepleted',
    'Your enrolled account does not have any credits to fulfill this request.',
    'https://api.twitter.com/2/problems/credits',
  );

export const accountLocked = () =>
  new Problem(403, {
    errors: [{ code: 326, message: 'To protect our users, this account is temporarily locked.' }],
  });
