import { recordAuthorDecision, recordOutcome } from '@mosaicme/requests';
import type { CarryOut } from './carry-out';
import { catchUpDecisions, createCatchUpAuthors } from './catch-up';
import { at, createPlace, photoOf } from './testing/place';

let place: Awaited<ReturnType<typeof createPlace>>;
let carried: string[];
let again: string[];
beforeEach(async () => {
  place = await createPlace();
  [carried, again] = [[], []];
});
afterEach(() => place.close());

const carryOut: CarryOut = {
  async decision(id) {
    carried.push(id);
    return 'withdrawn';
  },
  async again(ids) {
    again.push(...ids);
  },
};
const [one, other] = ['a'.repeat(32), 'b'.repeat(32)] as [string, string];
const done = { at, decisions: 1, removed: [], redrawn: [] };

it('carries out decisions whose message was lost, and looks again at withdrawals', async () => {
  await place.decide(one, 'reject');
  await place.decide(other, 'withdraw');
  await recordOutcome(place.ports, other, done);
  await catchUpDecisions(place.ports, carryOut);
  expect([carried, again]).toEqual([[one], [other]]);
});

it('carries out a decision that came after the one before it', async () => {
  await place.decide(one, 'hold');
  await recordOutcome(place.ports, one, done);
  await place.decide(one, 'approve');
  await catchUpDecisions(place.ports, carryOut);
  expect(carried).toEqual([one]);
});

it('leaves decisions of long ago alone', async () => {
  await place.decide(one, 'reject');
  await catchUpDecisions(place.ports, carryOut, new Date(Date.now() + 60_000));
  expect(carried).toEqual([]);
});

it('decides about everything of an author who was withdrawn, once', async () => {
  const raw = await place.collected('1', 'ada');
  await place.collected('2', 'bob');
  const request = await place.submitted('3');
  const catchUp = createCatchUpAuthors(place.ports);
  await recordAuthorDecision(place.ports, photoOf('1'), { verb: 'withdraw', by: 'ada', at });
  await catchUp();
  expect(place.events.map(({ subject }) => subject).sort()).toEqual([raw.id, request.id].sort());
  await catchUp();
  expect(place.events).toHaveLength(2);
});
