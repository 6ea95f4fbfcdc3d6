import type { MosaicmeEvent, QueueRole, Topology } from '@mosaicme/contracts';
import { PermanentError, TransientError } from '@mosaicme/errors';
import type { Letter, MessagingAdmin } from './admin';
import { testTopology, type MessagingFixture } from './conformance';
import type { Delivery, Messaging } from './port';
import { Gathering, gate, until } from './testing/gathering';
import { collected, requested } from './testing/samples';

/** A broker for one test, with its operator's side. */
export interface AdminFixture extends MessagingFixture {
  admin(): Promise<MessagingAdmin>;
}

const everything = () => true;
const photoOf = ({ content }: Letter) =>
  (JSON.parse(new TextDecoder().decode(content)) as MosaicmeEvent).subject;
const subjects = (...numbers: number[]) => numbers.map((n) => collected(n).subject);

/** What every adapter of the operator's port must do; each runs it in a spec of its own. */
export function describeMessagingAdmin(
  name: string,
  factory: (layout: Topology) => Promise<AdminFixture>,
): void {
  describe(`${name} as MessagingAdmin`, () => {
    let broker: AdminFixture;
    let handle: Messaging;
    let admin: MessagingAdmin;

    beforeEach(async () => {
      broker = await factory(testTopology());
      handle = broker.connect();
      await handle.ready();
      admin = await broker.admin();
    });
    afterEach(async () => {
      await admin.close();
      await broker.dispose();
    });

    const stateOf = async (role: QueueRole, options?: { readonly oldest: boolean }) => {
      const state = (await admin.queues(options)).find((queue) => queue.role === role);
      if (!state) throw new Error(`No state of ${role}.`);
      return state;
    };

    describe('queues', () => {
      it('counts what waits, who consumes, and what is dead', async () => {
        const release = gate();
        await handle.consume('prepare', { prefetch: 1 }, () => release.passed);
        await handle.publish(collected(1));
        await handle.publish(collected(2));
        await bury('publish', 3);

        await until(async () => (await stateOf('tiles')).ready === 2);
        expect(await stateOf('tiles')).toMatchObject({ exists: true, consumers: 0, dead: 0 });
        expect(await stateOf('prepare')).toMatchObject({ exists: true, consumers: 1, ready: 0 });
        // A letter that was just looked at is on its way back for a moment.
        await until(async () => {
          const { dead, oldestDead } = await stateOf('publish');
          return dead === 1 && (oldestDead?.getTime() ?? 0) > Date.now() - 60_000;
        });
        release.open();
      });

      it('counts what waits for its next attempt by its retry queue', async () => {
        const layout = { ...testTopology() };
        const slow = await factory({
          ...layout,
          queues: layout.queues.map((queue) => ({
            ...queue,
            retryQueues: queue.retryQueues.map((retryQueue, n) => ({
              ...retryQueue,
              pauseMs: n === 0 ? 20 : 600_000,
            })),
          })),
        });
        const slowAdmin = await slow.admin();
        try {
          const failing = slow.connect();
          await failing.consume('tiles', { prefetch: 1 }, async () => {
            throw new TransientError('test.busy', 'Busy for a test.');
          });
          await failing.publish(collected(1));

          await until(async () => {
            const state = (await slowAdmin.queues()).find(({ role }) => role === 'tiles');
            return state?.retrying[1]?.count === 1;
          });
        } finally {
          await slowAdmin.close();
          await slow.dispose();
        }
      });

      it('tells the age of the first message when asked, and leaves it in its place', async () => {
        const first = collected(1);
        await handle.publish(first);
        await handle.publish(collected(2));
        await until(async () => (await stateOf('tiles')).ready === 2);

        expect((await stateOf('tiles')).oldest).toBeUndefined();
        const { oldest } = await stateOf('tiles', { oldest: true });
        expect(Math.abs((oldest?.getTime() ?? 0) - Date.parse(first.time))).toBeLessThan(1_000);
        const got = new Gathering<string>();
        await handle.consume('tiles', { prefetch: 1 }, async ({ subject }) => got.add(subject));
        expect(await got.atLeast(2)).toEqual(subjects(1, 2));
      });
    });

    describe('dead letters', () => {
      it('are listed oldest first with what happened, again and again', async () => {
        await bury('tiles', 1, 2, 3);

        for (let look = 0; look < 5; look++) {
          const letters = await admin.deadLetters('tiles', { limit: 10 });
          expect(letters.map(photoOf)).toEqual(subjects(1, 2, 3));
          expect(letters[0]).toMatchObject({
            id: expect.stringMatching(/^[0-9a-f]{12}$/),
            code: 'test.bad',
            reason: 'Bad for a test.',
            attempts: 1,
            history: [{ attempt: 1, code: 'test.bad' }],
          });
        }
        expect(await admin.deadLetters('tiles', { limit: 2 })).toHaveLength(2);
        await until(async () => (await stateOf('tiles')).dead === 3);
      });

      it('are dropped as selected, and the others keep their order', async () => {
        await bury('tiles', 1, 2, 3);
        const [, second] = await admin.deadLetters('tiles', { limit: 10 });

        expect(await admin.drop('tiles', { select: ({ id }) => id === second?.id })).toBe(1);
        const left = await admin.deadLetters('tiles', { limit: 10 });
        expect(left.map(photoOf)).toEqual(subjects(1, 3));
      });
    });

    describe('replay', () => {
      it('sends the selected letters back for a new first attempt', async () => {
        await bury('tiles', 1, 2);
        const [first] = await admin.deadLetters('tiles', { limit: 1 });

        expect(await admin.replay('tiles', { select: ({ id }) => id === first?.id })).toBe(1);
        const got = new Gathering<{ subject: string; delivery: Delivery }>();
        await handle.consume('tiles', { prefetch: 1 }, async ({ subject }, delivery) =>
          got.add({ subject, delivery }),
        );
        expect(await got.atLeast(1)).toEqual([
          { subject: collected(1).subject, delivery: { attempt: 1, redelivered: false } },
        ]);
        await until(async () => (await stateOf('tiles')).dead === 1);
      });

      it('keeps the history of a letter that dies again', async () => {
        await bury('tiles', 1);
        await admin.replay('tiles', { select: everything });
        await bury('tiles');

        const [letter] = await admin.deadLetters('tiles', { limit: 1 });
        expect(letter).toMatchObject({ attempts: 1 });
        expect(letter?.history).toHaveLength(2);
      });

      it('keeps a letter where it is when what comes before it fails', async () => {
        await bury('tiles', 1, 2);
        const refused = new Error('Not today.');
        const before = async (letter: Letter) => {
          if (photoOf(letter) === collected(2).subject) throw refused;
        };

        await expect(admin.replay('tiles', { select: everything, before })).rejects.toBe(refused);
        await until(async () => (await stateOf('tiles')).dead === 1);
        expect((await stateOf('tiles')).ready).toBe(1);
        expect((await admin.deadLetters('tiles', { limit: 9 })).map(photoOf)).toEqual(subjects(2));
      });

      it('brings a message that nobody can read back as it was', async () => {
        const letters = new Gathering<string>();
        const consumer = await handle.consume(
          'tiles',
          { prefetch: 1, onDeadLetter: async ({ content }) => letters.add(text(content)) },
          async () => {},
        );
        await broker.inject('tiles', new TextEncoder().encode('{ not json'));
        await letters.atLeast(1);
        await until(async () => (await stateOf('tiles')).dead === 1);
        await admin.replay('tiles', { select: everything });

        expect(await letters.atLeast(2)).toEqual(['{ not json', '{ not json']);
        await consumer.close();
      });
    });

    const text = (content: Uint8Array) => new TextDecoder().decode(content);

    /** Publishes these to a queue, and waits until they and all before are dead. */
    async function bury(role: 'tiles' | 'publish', ...numbers: number[]): Promise<void> {
      const before = await stateOf(role);
      if (role === 'tiles') for (const n of numbers) await handle.publish(collected(n));
      else {
        for (const n of numbers) {
          await broker.inject(role, new TextEncoder().encode(JSON.stringify(requested(n))));
        }
      }
      const consumer = await handle.consume(role, { prefetch: 1 }, async () => {
        throw new PermanentError('test.bad', 'Bad for a test.');
      });
      await until(async () => {
        const { ready, dead } = await stateOf(role);
        return ready === 0 && dead >= before.dead + numbers.length && dead > 0;
      });
      await consumer.close();
    }
  });
}
