import { randomBytes } from 'node:crypto';
import {
  createMastodonNetwork,
  describeNetwork,
  type SimulatedNetwork,
} from '@mosaicme/social/testing';
import { startMastodonSimulator } from './mastodon/simulator';

const timings = {
  firstMs: 5,
  longestMs: 20,
  idleMs: 300,
  requestMs: 600,
  settleMs: 20,
  mediaPollMs: 5,
};

/** How servers say when a limit is renewed: Mastodon by a date, others by seconds or a pause. */
const resets: Record<string, (until: Date) => Record<string, string>> = {
  'ISO date': (until) => ({ 'x-ratelimit-reset': until.toISOString() }),
  'seconds since 1970': (until) => ({
    'x-ratelimit-reset': String(Math.ceil(until.getTime() / 1000)),
  }),
  'Retry-After': (until) => ({
    'retry-after': String(Math.ceil((until.getTime() - Date.now()) / 1000)),
  }),
  'Retry-After as a date': (until) => ({ 'retry-after': until.toUTCString() }),
};

async function start(): Promise<SimulatedNetwork> {
  const simulator = await startMastodonSimulator({ botHandle: 'mosaicbot', heartbeatMs: 50 });
  const { faults } = simulator;
  let form = 'ISO date';
  const idOf = (uri: string) => uri.slice(uri.lastIndexOf('/') + 1);
  return {
    connect: (logger) =>
      createMastodonNetwork({
        url: simulator.url,
        accessToken: simulator.accessToken,
        logger,
        timings,
      }),
    botHandle: 'mosaicbot',
    async post({ handle = 'alice', text, media = ['photo'] }) {
      const { id, uri } = simulator.post({
        handle,
        text,
        media: media.map((kind) => ({
          type: kind === 'photo' ? 'image' : 'video',
          bytes: randomBytes(200),
        })),
      });
      return { id: uri, replyTo: id };
    },
    edit: async (uri, text) => simulator.edit(idOf(uri), text),
    remove: async (uri) => void simulator.remove(idOf(uri)),
    hideAccount: async (handle) => simulator.suspend(handle),
    answers: () =>
      simulator.answers().map(({ inReplyToId = '', text, attachments: [picture] }) => ({
        inReplyTo: `${simulator.url}/users/alice/statuses/${inReplyToId}`,
        text,
        altText: picture?.description,
        bytes: picture?.bytes ?? new Uint8Array(),
      })),
    streams: () => simulator.streams(),
    ancientCursor: '100000000000000000',
    cutStreams: (how) => (how === 'closed' ? faults.dropStreams() : faults.muteStreams()),
    splitStreams: () => void faults.splitStreamChunks(true),
    sendRubbish() {
      for (const data of ['{}', 'null', 'no json {', '[]', '{"id":7,"uri":null}', '"text"']) {
        faults.injectIntoStreams(`event: update\ndata: ${data}\n\n`);
        faults.injectIntoStreams(`event: notification\ndata: ${data}\n\n`);
      }
      faults.injectIntoStreams('event: filters_changed\ndata: undefined\n\n');
      faults.injectIntoStreams('nonsense\n\n: comment\nid\n\n');
    },
    repeat: (uri) => simulator.repeat(idOf(uri)),
    cutNextResponse: () => void faults.cutNextTimeline(),
    failReads(times) {
      faults.failNext('timeline', 503, times);
      faults.failNext('streams', 503, times);
    },
    limitAnswers: (until) => void faults.limitPosting(resets[form]?.(until) ?? {}),
    resetForms: Object.keys(resets),
    chooseResetForm: (chosen) => (form = chosen),
    loseNextAnswer: (how) => void faults.loseAnswerAfterPosting(how),
    revokeAccount: () => void faults.revokeToken(true),
    restoreAccount: () => void faults.revokeToken(false),
    passAnHour: () => void faults.passTime(3_700_000),
    close: () => simulator.close(),
  };
}

describeNetwork('Mastodon', start, {
  answersMentionsOnly: false,
  tellsDeletions: true,
  tellsAccounts: false,
  tellsTagRemoval: false,
  longestText: `${'é'.repeat(100)}${'日'.repeat(370)}👨‍👩‍👧 @a_b@remote.example https://example.org/${'long/'.repeat(20)}`,
});
