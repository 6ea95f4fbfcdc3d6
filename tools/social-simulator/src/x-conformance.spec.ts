import { randomBytes } from 'node:crypto';
import { createXNetwork, describeNetwork, type SimulatedNetwork } from '@mosaicme/social/testing';
import { startSimulator } from './index';

const timings = {
  keepAliveMs: 300,
  idleMs: 300,
  requestMs: 2_000,
  firstPauseMs: 5,
  longestPauseMs: 20,
  occupiedPausesMs: [10, 20, 40],
  searchIntervalMs: 20,
  searchLagMs: 20,
  streamRetryMs: 60,
};

/** How X says when a limit is renewed: by the window, the day of app or account, or a pause. */
const resets: Record<string, (until: Date) => Record<string, string>> = {
  window: (until) => limit('x-rate-limit', until),
  "the app's day": (until) => ({
    ...limit('x-rate-limit', new Date(), '7'),
    ...limit('x-app-limit-24hour', until),
  }),
  "the account's day": (until) => limit('x-user-limit-24hour', until),
  'Retry-After': (until) => ({
    'retry-after': String(Math.ceil((until.getTime() - Date.now()) / 1000)),
  }),
};
const limit = (name: string, until: Date, remaining = '0') => ({
  [`${name}-limit`]: '50',
  [`${name}-remaining`]: remaining,
  [`${name}-reset`]: String(Math.ceil(until.getTime() / 1000)),
});

async function start(): Promise<SimulatedNetwork> {
  const simulator = await startSimulator({ botHandle: 'mosaicbot', keepAliveMs: 50 });
  let form = 'window';
  return {
    connect: (logger) =>
      createXNetwork({
        credentials: simulator.credentials,
        username: 'mosaicbot',
        endpoint: { host: simulator.host, port: simulator.port },
        logger,
        timings,
      }),
    botHandle: 'mosaicbot',
    post: async ({ handle = 'alice', text, media = ['photo'] }) => {
      const { id } = await simulator.post({
        handle,
        text,
        photos: media.map((kind) => ({
          bytes: randomBytes(200),
          contentType: 'image/jpeg',
          kind,
        })),
      });
      return { id };
    },
    edit: async (id, text) => void simulator.edit(id, text),
    remove: async (id) => void simulator.remove(id),
    hideAccount: async (handle) => simulator.hide(handle),
    answers: () =>
      simulator.answers().map(({ inReplyTo = '', text, photos }) => ({
        inReplyTo,
        text,
        altText: photos[0]?.altText,
        bytes: photos[0]?.bytes ?? new Uint8Array(),
      })),
    streams: () => simulator.streams(),
    ancientCursor: '1000000000000000000',
    cutStreams: (how) =>
      how === 'closed' ? simulator.faults.dropStreams() : simulator.faults.muteStreams(),
    splitStreams: () => simulator.faults.splitStreamChunks(true),
    sendRubbish() {
      const lines = [
        '{"unknown":true}',
        '{"data":null}',
        '{"data":{"id":"no id"}}',
        '{"data":{"id":"1","attachments":{"media_keys":7}},"includes":{"users":"none"}}',
        '{"errors":[{"title":"operational-disconnect"}]}',
        'no json {',
        '[]',
        'null',
        '"text"',
      ];
      for (const line of lines) simulator.faults.injectIntoStreams(line);
    },
    repeat: (id) => simulator.faults.repeatOnStreams(id),
    cutNextResponse: () => simulator.faults.cutNext('search'),
    failReads(times) {
      simulator.faults.failNext('search', 503, times);
      simulator.faults.failNext('rules', 503, times);
    },
    limitAnswers: (until) => simulator.faults.limitPosting(resets[form]?.(until) ?? {}),
    resetForms: Object.keys(resets),
    chooseResetForm: (chosen) => (form = chosen),
    loseNextAnswer: (how) => simulator.faults.loseAnswerAfterPosting(how),
    revokeAccount: () => simulator.faults.revokeTokens(true),
    restoreAccount: () => simulator.faults.revokeTokens(false),
    passAnHour: () => {},
    close: () => simulator.close(),
  };
}

describeNetwork('X', start, {
  answersMentionsOnly: true,
  tellsDeletions: false,
  tellsAccounts: false,
  tellsTagRemoval: false,
  longestText: `${'é'.repeat(100)}${'日'.repeat(78)} https://example.org/${'long/'.repeat(20)}`,
});
