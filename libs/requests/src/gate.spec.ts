import { mayIngest, mayPublish, type GateFacts } from './gate';

it.each<[GateFacts['standing'], GateFacts['author'], GateFacts['moderation'], string]>([
  ['undecided', 'undecided', 'open', 'allowed'],
  ['undecided', 'undecided', 'approve-first', 'held'],
  ['approved', 'undecided', 'approve-first', 'allowed'],
  ['undecided', 'approved', 'approve-first', 'allowed'],
  ['undecided', 'rejected', 'open', 'rejected'],
  ['undecided', 'held', 'open', 'held'],
  ['approved', 'rejected', 'open', 'allowed'],
  ['rejected', 'approved', 'open', 'rejected'],
  ['held', 'approved', 'open', 'held'],
  ['approved', 'withdrawn', 'open', 'withdrawn'],
  ['withdrawn', 'approved', 'open', 'withdrawn'],
])(
  'an item that is %s by an author who is %s, moderated %s: %s',
  (standing, author, moderation, outcome) => {
    const verdict = mayPublish({ standing, author, moderation });
    expect(verdict.allowed ? 'allowed' : verdict.because).toBe(outcome);
  },
);

it.each<[GateFacts['standing'], GateFacts['author'], boolean]>([
  ['undecided', 'undecided', true],
  ['held', 'undecided', true],
  ['rejected', 'rejected', true],
  ['withdrawn', 'undecided', false],
  ['undecided', 'withdrawn', false],
])('what is %s, by an author who is %s, may be ingested: %s', (standing, author, allowed) => {
  expect(mayIngest({ standing, author }).allowed).toBe(allowed);
});
