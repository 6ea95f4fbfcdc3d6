import fc from 'fast-check';
import { decisionVerbs, standingOf, type Decision } from './decisions';
import { failureIsMoot, requestStates, statusOf, type RequestFacts } from './state';

const decided = (...verbs: readonly Decision['verb'][]) => verbs.map((verb) => ({ verb }));
const failure = {
  step: 'prepare',
  code: 'image.truncated',
  reason: 'The file ends in the middle.',
  failedAt: '2026-01-01T00:00:00Z',
} as const;
const publishedOf = (answerable: boolean | undefined) => ({ published: { answerable } });

describe('statusOf', () => {
  it.each<[string, RequestFacts, string, string | undefined]>([
    ['nothing but the request', {}, 'received', 'prepare'],
    ['a target', { prepared: true }, 'prepared', 'prepare'],
    ['a drawing', { prepared: true, drawn: true }, 'rendered', 'prepare'],
    ['a drawing put aside', { drawn: true, putAside: true }, 'held', undefined],
    ['an approved one', { putAside: true, decisions: decided('approve') }, 'rendered', 'publish'],
    ['a record', { ...publishedOf(true), drawn: true }, 'published', 'answer'],
    ['a record that nobody read', publishedOf(undefined), 'published', 'answer'],
    ['a record without an answer to come', publishedOf(false), 'completed', undefined],
    ['record and answer', { ...publishedOf(true), answer: true }, 'completed', undefined],
    ['a failure', { prepared: true, failure }, 'failed', undefined],
    ['a failed answer', { ...publishedOf(true), failure }, 'published', undefined],
    [
      'a failure that was replayed',
      { ...publishedOf(true), failure, answer: true },
      'completed',
      undefined,
    ],
    ['a rejection', { ...publishedOf(true), decisions: decided('reject') }, 'rejected', undefined],
    [
      'a hold after publishing',
      { ...publishedOf(true), decisions: decided('hold') },
      'held',
      undefined,
    ],
    [
      'a withdrawal',
      { ...publishedOf(true), decisions: decided('withdraw') },
      'withdrawn',
      undefined,
    ],
  ])('takes %s for what it is', (_name, facts, state, next) => {
    expect(statusOf(facts)).toEqual({ state, next });
  });

  const facts = fc.record(
    {
      decisions: fc.array(fc.record({ verb: fc.constantFrom(...decisionVerbs) }), { maxLength: 4 }),
      prepared: fc.boolean(),
      drawn: fc.boolean(),
      putAside: fc.boolean(),
      published: fc.record({ answerable: fc.option(fc.boolean(), { nil: undefined }) }),
      answer: fc.constant(true as const),
      failure: fc.constant(true as const),
    },
    { requiredKeys: [] },
  );

  it('gives every set of facts exactly one state', () => {
    fc.assert(
      fc.property(facts, (given) => expect(requestStates).toContain(statusOf(given).state)),
    );
  });

  it('never republishes what was withdrawn, whatever else lies there', () => {
    fc.assert(
      fc.property(facts, (given) => {
        const decisions = [...(given.decisions ?? []), ...decided('withdraw')];
        expect(statusOf({ ...given, decisions })).toEqual({ state: 'withdrawn', next: undefined });
      }),
    );
  });
});

describe('failureIsMoot', () => {
  it.each<[RequestFacts, boolean]>([
    [{ failure }, false],
    [{ ...publishedOf(true), failure }, false],
    [{ ...publishedOf(true), failure, answer: true }, true],
    [{ ...publishedOf(false) }, false],
  ])('of %j: %s', (given, moot) => {
    expect(failureIsMoot(given)).toBe(moot);
  });
});

describe('standingOf', () => {
  it.each<[Decision['verb'][], string]>([
    [[], 'undecided'],
    [['hold'], 'held'],
    [['hold', 'approve'], 'approved'],
    [['approve', 'reject'], 'rejected'],
    [['reject', 'approve'], 'approved'],
    [['withdraw', 'approve'], 'withdrawn'],
  ])('of %j is %s', (verbs, standing) => {
    expect(standingOf(decided(...verbs))).toBe(standing);
  });
});
