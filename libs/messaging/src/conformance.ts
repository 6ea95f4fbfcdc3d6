import {
  queueRoles,
  topology,
  type MosaicmeEvent,
  type QueueNames,
  type QueueRole,
  type Topology,
} from '@mosaicme/contracts';
import { DeferredError, PermanentError, TransientError } from '@mosaicme/errors';
import { randomUUID } from 'node:crypto';
import type { DeadLetter, Delivery, Handler, Messaging } from './port';
import { Gathering, gate, until } from './testing/gathering';
import { collected, answered, heartbeat, requested } from './testing/samples';
import type { DeadMessage } from './trail';

/** A broker for one test, with what a test needs beyond the port. */
export interface MessagingFixture {
  connect(): Messaging;
  /** Ends a handle as the death of its process would. */
  crash(handle: Messaging): Promise<void>;
  /** Puts bytes into a work queue as a stranger could. */
  inject(role: QueueRole, content: Uint8Array): Promise<void>;
  deadLetters(role: QueueRole): Promise<readonly DeadMessage[]>;
  /** Ends all handles and removes everything. */
  dispose(): Promise<void>;
}

export type MessagingFactory = (layout: Topology) => Promise<MessagingFixture>;

/** Names of its own for one test, and pauses short enough to wait for. */
export function testTopology(): Topology {
  const run = `test-${randomUUID()}`;
  return topology({
    exchange: run,
    queues: {
      ...(Object.fromEntries(queueRoles.map((role) => [role, `${run}-${role}`])) as QueueNames),
    },
    retryPausesMs: [20, 40],
    deliveryLimit: 3,
  });
}

const utf8 = (text: string) => new TextEncoder().encode(text);
const idsOf = (events: readonly MosaicmeEvent[]) => events.map(({ id }) => id).sort();

/** What every adapter of the port must do; each runs it in a spec of its own. */
export function describeMessaging(name: string, factory: MessagingFactory): void {
  describe(`${name} as Messaging`, () => {
    const layout = { current: testTopology() };
    let broker: MessagingFixture;
    let handle: Messaging;

    const start = async (next: Topology) => {
      layout.current = next;
      broker = await factory(next);
      handle = broker.connect();
      await handle.ready();
    };

    beforeEach(() => start(testTopology()));
    afterEach(() => broker.dispose());

    describe('a work queue', () => {
      it('delivers an event as it was published', async () => {
        const got = new Gathering<[MosaicmeEvent, Delivery]>();
        await handle.consume('tiles', { prefetch: 1 }, async (...delivered) => got.add(delivered));
        const event = collected(1);
        await handle.publish(event);

        expect(await got.atLeast(1)).toEqual([[event, { attempt: 1, redelivered: false }]]);
      });

      it('keeps an event for a consumer that comes later, and takes it away once handled', async () => {
        await handle.publish(collected(1));
        await until(async () => (await handle.depth('tiles')).ready === 1);

        const got = await gather(handle, 'tiles');
        expect(idsOf(await got.atLeast(1))).toEqual(idsOf([collected(1)]));
        await handle.close();

        const later = broker.connect();
        expect(await later.depth('tiles')).toEqual({ ready: 0, dead: 0 });
      });

      it('takes only the events that are bound to it', async () => {
        const raw = await gather(handle, 'tiles');
        const done = await gather(handle, 'catalogue');
        await handle.publish(collected(1));
        await handle.publish(answered(2));
        await handle.publish(requested(3));

        expect(idsOf(await raw.atLeast(1))).toEqual(idsOf([collected(1)]));
        expect(idsOf(await done.atLeast(1))).toEqual(idsOf([answered(2)]));
        await until(async () => (await handle.depth('prepare')).ready === 1);
      });

      it('shares its events among its consumers, each event to one of them', async () => {
        const other = broker.connect();
        const both = gate();
        const first = new Gathering<MosaicmeEvent>();
        const second = new Gathering<MosaicmeEvent>();
        const taking =
          (got: Gathering<MosaicmeEvent>): Handler =>
          async (event) => {
            got.add(event);
            await both.passed;
          };
        await handle.consume('tiles', { prefetch: 1 }, taking(first));
        await other.consume('tiles', { prefetch: 1 }, taking(second));
        await handle.publish(collected(1));
        await handle.publish(collected(2));

        await Promise.all([first.atLeast(1), second.atLeast(1)]);
        both.open();
        expect(idsOf([...first.items, ...second.items])).toEqual(
          idsOf([collected(1), collected(2)]),
        );
      });

      it('has as many events in flight as the prefetch says, and never more', async () => {
        const got = new Gathering<MosaicmeEvent>();
        const release = gate();
        let inFlight = 0;
        let most = 0;
        await handle.consume('tiles', { prefetch: 2 }, async (event) => {
          most = Math.max(most, ++inFlight);
          got.add(event);
          await release.passed;
          inFlight--;
        });
        for (let n = 0; n < 6; n++) await handle.publish(collected(n));

        await got.atLeast(2);
        await until(async () => (await handle.depth('tiles')).ready === 4);
        release.open();
        await got.atLeast(6);
        expect(most).toBe(2);
      });

      it('refuses a prefetch below 1', async () => {
        await expect(
          handle.consume('tiles', { prefetch: 0 }, async () => {}),
        ).rejects.toMatchObject({
          code: 'messaging.prefetch',
        });
      });

      it('lets a handler publish its follow-up', async () => {
        const followUps = await gather(handle, 'catalogue');
        await handle.consume('tiles', { prefetch: 1 }, () => handle.publish(answered(7)));
        await handle.publish(collected(1));

        expect(idsOf(await followUps.atLeast(1))).toEqual(idsOf([answered(7)]));
      });
    });

    describe('a handler that throws', () => {
      it('gets the event again with a growing attempt number', async () => {
        const attempts = new Gathering<number>();
        await handle.consume('tiles', { prefetch: 1 }, async (_event, { attempt }) => {
          attempts.add(attempt);
          if (attempt < 3) throw new TransientError('test.away', 'The server is away.');
        });
        await handle.publish(collected(1));

        expect(await attempts.atLeast(3)).toEqual([1, 2, 3]);
        await handle.close();
        expect(await broker.deadLetters('tiles')).toEqual([]);
      });

      it('gets a deferred event again at its moment, and that counts as no attempt', async () => {
        const seen = new Gathering<{ readonly attempt: number; readonly at: number }>();
        const begunAt = Date.now();
        await handle.consume('tiles', { prefetch: 1 }, async (_event, { attempt }) => {
          seen.add({ attempt, at: Date.now() });
          // Longer than all retry pauses together, and more often than there are attempts.
          if (seen.items.length > 5) return;
          throw new DeferredError('test.later', 'Not yet.', new Date(Date.now() + 70));
        });
        await handle.publish(collected(1));

        const deliveries = await seen.atLeast(6);
        expect(deliveries.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1, 1, 1]);
        expect(deliveries.at(-1)!.at - begunAt).toBeGreaterThanOrEqual(5 * 70);
        expect(await handle.depth('tiles')).toEqual({ ready: 0, dead: 0 });
      });

      it('leaves the event in the dead-letter queue with its history after the last pause', async () => {
        const letters = new Gathering<DeadLetter>();
        await handle.consume('tiles', { prefetch: 1, onDeadLetter: noting(letters) }, async () => {
          throw new Error('Nobody knows why.');
        });
        const event = collected(1);
        await handle.publish(event);

        const [letter] = await letters.atLeast(1);
        expect(letter).toMatchObject({ event, queue: queueName('tiles'), attempts: 3 });
        await until(async () => (await handle.depth('tiles')).dead === 1);
        const [dead] = await broker.deadLetters('tiles');
        expect(dead).toMatchObject({
          queue: queueName('tiles'),
          code: 'unknown',
          reason: 'Nobody knows why.',
          attempts: 3,
        });
        expect(dead?.history.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
        expect(Date.parse(dead?.failedAt ?? '')).not.toBeNaN();
        expect(JSON.parse(new TextDecoder().decode(dead?.content))).toEqual(event);
      });

      it('dead-letters at once after a permanent error, and the next event goes on', async () => {
        const letters = new Gathering<DeadLetter>();
        const got = new Gathering<MosaicmeEvent>();
        const bad = collected(1);
        await handle.consume(
          'tiles',
          { prefetch: 1, onDeadLetter: noting(letters) },
          async (event) => {
            if (event.id === bad.id) throw new PermanentError('test.no-image', 'It is no image.');
            got.add(event);
          },
        );
        await handle.publish(bad);
        await handle.publish(collected(2));

        expect(idsOf(await got.atLeast(1))).toEqual(idsOf([collected(2)]));
        await until(async () => (await broker.deadLetters('tiles')).length === 1);
        expect(await broker.deadLetters('tiles')).toMatchObject([
          { code: 'test.no-image', reason: 'It is no image.', attempts: 1 },
        ]);
        expect(letters.items).toMatchObject([{ event: bad, attempts: 1 }]);
      });

      it('gets the event again as long as its dead letter cannot be announced', async () => {
        const announcements = new Gathering<number>();
        await handle.consume(
          'tiles',
          {
            prefetch: 1,
            onDeadLetter: async ({ attempts }) => {
              announcements.add(attempts);
              if (attempts < 5) throw new TransientError('test.away', 'Nobody listens.');
            },
          },
          async () => {
            throw new PermanentError('test.no-image', 'It is no image.');
          },
        );
        await handle.publish(collected(1));

        expect(await announcements.atLeast(5)).toEqual([1, 2, 3, 4, 5]);
        await until(async () => (await handle.depth('tiles')).dead === 1);
      });

      it('leaves each event either handled or in the dead-letter queue, and none twice', async () => {
        const handled = new Gathering<MosaicmeEvent>();
        const count = 30;
        const events = Array.from({ length: count }, (_, n) => collected(n));
        const kindOf = (event: MosaicmeEvent) => events.findIndex(({ id }) => id === event.id) % 3;
        await handle.consume('tiles', { prefetch: 4 }, async (event, { attempt }) => {
          if (kindOf(event) === 1) throw new PermanentError('test.no-image', 'It is no image.');
          if (kindOf(event) === 2 && attempt === 1) throw new Error('Not yet.');
          handled.add(event);
        });
        await Promise.all(events.map((event) => handle.publish(event)));

        await handled.atLeast((count / 3) * 2);
        await until(async () => (await handle.depth('tiles')).dead === count / 3);
        const isGood = (event: MosaicmeEvent) => kindOf(event) !== 1;
        expect(idsOf(handled.items)).toEqual(idsOf(events.filter(isGood)));
      });
    });

    describe('a message that breaks its contract', () => {
      it.each([
        ['no JSON', utf8('{"specversion":')],
        ['no UTF-8', new Uint8Array([0xff, 0xfe, 0x00])],
        ['no event', utf8('{"hello":"world"}')],
        ['an unknown type', utf8(JSON.stringify({ ...collected(1), type: 'photo.eaten.v9' }))],
        ['broken data', utf8(JSON.stringify({ ...collected(1), data: { photo: null } }))],
      ])(
        'lies in the dead-letter queue with its reason, and the next goes on: %s',
        async (_name, content) => {
          const letters = new Gathering<DeadLetter>();
          const got = new Gathering<MosaicmeEvent>();
          await handle.consume(
            'tiles',
            { prefetch: 1, onDeadLetter: noting(letters) },
            async (event) => got.add(event),
          );
          await broker.inject('tiles', content);
          await handle.publish(collected(2));

          expect(idsOf(await got.atLeast(1))).toEqual(idsOf([collected(2)]));
          const [letter] = await letters.atLeast(1);
          expect(letter?.event).toBeUndefined();
          expect([...(letter?.content ?? [])]).toEqual([...content]);
          await until(async () => (await handle.depth('tiles')).dead === 1);
          const [dead] = await broker.deadLetters('tiles');
          expect(dead).toMatchObject({ code: 'contract.violated', attempts: 1 });
          expect([...(dead?.content ?? [])]).toEqual([...content]);
        },
      );

      it('is refused when it is published', async () => {
        const event = collected(1);
        const broken = { ...event, data: { ...event.data, object: { bucket: '', key: '' } } };

        await expect(handle.publish(broken)).rejects.toMatchObject({ code: 'contract.violated' });
        expect((await handle.depth('tiles')).ready).toBe(0);
      });
    });

    describe('publishing', () => {
      it('is an error when a work event reaches no queue', async () => {
        const next = testTopology();
        await broker.dispose();
        await start({
          ...next,
          queues: next.queues.map((queue) => ({ ...queue, bindings: [] })),
        });

        await expect(handle.publish(collected(1))).rejects.toMatchObject({
          name: 'TransientError',
          code: 'messaging.unroutable',
        });
      });

      it('is no error when nobody listens to a broadcast', async () => {
        await expect(handle.publish(heartbeat(1))).resolves.toBeUndefined();
      });
    });

    describe('a listener', () => {
      it('hears its types, each listener a copy of its own', async () => {
        const other = broker.connect();
        const here = new Gathering<MosaicmeEvent>();
        const there = new Gathering<MosaicmeEvent>();
        await handle.listen(['service.heartbeat.v1'], (event) => here.add(event));
        await other.listen(['service.heartbeat.v1', 'photo.collected.v1'], (event) =>
          there.add(event),
        );
        await handle.publish(collected(1));
        await handle.publish(heartbeat(1));
        await handle.publish(heartbeat(2));

        expect(idsOf(await here.atLeast(2))).toEqual(idsOf([heartbeat(1), heartbeat(2)]));
        expect(idsOf(await there.atLeast(3))).toEqual(
          idsOf([collected(1), heartbeat(1), heartbeat(2)]),
        );
        expect(here.items[0]).not.toBe(there.items[1]);
      });

      it('takes nothing away from a work queue', async () => {
        const heard = new Gathering<MosaicmeEvent>();
        await handle.listen(['photo.collected.v1'], (event) => heard.add(event));
        const worked = await gather(handle, 'tiles');
        await handle.publish(collected(1));

        await Promise.all([heard.atLeast(1), worked.atLeast(1)]);
      });

      it('goes on after it threw', async () => {
        const heard = new Gathering<MosaicmeEvent>();
        await handle.listen(['service.heartbeat.v1'], (event) => {
          heard.add(event);
          throw new Error('A listener may fail.');
        });
        await handle.publish(heartbeat(1));
        await handle.publish(heartbeat(2));

        await heard.atLeast(2);
      });

      it('hears nothing after it was closed', async () => {
        const closedOne = new Gathering<MosaicmeEvent>();
        const openOne = new Gathering<MosaicmeEvent>();
        const listening = await handle.listen(['service.heartbeat.v1'], (event) =>
          closedOne.add(event),
        );
        await handle.listen(['service.heartbeat.v1'], (event) => openOne.add(event));
        await listening.close();
        await handle.publish(heartbeat(1));

        await openOne.atLeast(1);
        expect(closedOne.items).toEqual([]);
      });
    });

    describe('closing', () => {
      it('waits for the running handler and leaves the rest to others', async () => {
        const started = new Gathering<MosaicmeEvent>();
        const release = gate();
        let finished = false;
        await handle.consume('tiles', { prefetch: 1 }, async (event) => {
          started.add(event);
          await release.passed;
          finished = true;
        });
        await handle.publish(collected(1));
        await handle.publish(collected(2));
        await started.atLeast(1);

        const closing = handle.close().then(() => finished);
        const other = await gather(broker.connect(), 'tiles');
        expect(idsOf(await other.atLeast(1))).toEqual(idsOf([collected(2)]));
        release.open();
        expect(await closing).toBe(true);
        expect(started.items).toHaveLength(1);
      });

      it('lets the running handler publish', async () => {
        const started = gate();
        const release = gate();
        await handle.consume('tiles', { prefetch: 1 }, async () => {
          started.open();
          await release.passed;
          await handle.publish(answered(1));
        });
        await handle.publish(collected(1));
        await started.passed;
        const closing = handle.close();
        release.open();
        await closing;

        const other = broker.connect();
        await other.ready();
        await until(async () => (await other.depth('catalogue')).ready === 1);
        expect(await other.depth('tiles')).toEqual({ ready: 0, dead: 0 });
      });

      it('lets no consumer begin any more', async () => {
        const started = gate();
        const release = gate();
        await handle.consume('tiles', { prefetch: 1 }, async () => {
          started.open();
          await release.passed;
        });
        await handle.publish(collected(1));
        await started.passed;
        const closing = handle.close();

        await expect(
          handle.consume('prepare', { prefetch: 1 }, async () => {}),
        ).rejects.toMatchObject({
          code: 'messaging.closed',
        });
        release.open();
        await closing;
      });

      it('stops one consumer and leaves the handle open', async () => {
        const got = new Gathering<MosaicmeEvent>();
        const consumer = await handle.consume('tiles', { prefetch: 1 }, async (e) => got.add(e));
        await consumer.close();
        await handle.publish(collected(1));

        await until(async () => (await handle.depth('tiles')).ready === 1);
        expect(got.items).toEqual([]);
      });

      it('may be asked for twice, and everything after it is refused', async () => {
        expect(handle.isConnected()).toBe(true);
        await Promise.all([handle.close(), handle.close()]);
        await handle.close();

        expect(handle.isConnected()).toBe(false);
        const closedCode = { code: 'messaging.closed' };
        await expect(handle.ready()).rejects.toMatchObject(closedCode);
        await expect(handle.publish(collected(1))).rejects.toMatchObject(closedCode);
        await expect(handle.depth('tiles')).rejects.toMatchObject(closedCode);
        await expect(
          handle.consume('tiles', { prefetch: 1 }, async () => {}),
        ).rejects.toMatchObject(closedCode);
        await expect(handle.listen(['photo.collected.v1'], () => {})).rejects.toMatchObject(
          closedCode,
        );
      });
    });

    describe('the death of a process', () => {
      it('brings its events to another consumer, marked as redelivered', async () => {
        const dying = await dyingConsumer();
        await handle.publish(collected(1));
        await dying.got;
        const deliveries = new Gathering<Delivery>();
        await handle.consume('tiles', { prefetch: 1 }, async (_event, delivery) =>
          deliveries.add(delivery),
        );
        await dying.die();

        expect(await deliveries.atLeast(1)).toEqual([{ attempt: 1, redelivered: true }]);
      });

      it('again and again on one message ends in the dead-letter queue', async () => {
        await handle.publish(collected(1));
        const limit = 3;
        for (let delivery = 0; delivery < limit; delivery++) {
          const dying = await dyingConsumer();
          await dying.got;
          await dying.die();
        }
        const letters = new Gathering<DeadLetter>();
        const handled = new Gathering<MosaicmeEvent>();
        await handle.consume(
          'tiles',
          { prefetch: 1, onDeadLetter: noting(letters) },
          async (event) => handled.add(event),
        );

        const [letter] = await letters.atLeast(1);
        expect(idsOf(letter?.event ? [letter.event] : [])).toEqual(idsOf([collected(1)]));
        await until(async () => (await handle.depth('tiles')).dead === 1);
        expect(await broker.deadLetters('tiles')).toMatchObject([
          { code: 'messaging.delivery-limit' },
        ]);
        expect(handled.items).toEqual([]);
      });

      /** A consumer that takes one message and dies before it answers. */
      async function dyingConsumer() {
        const messaging = broker.connect();
        const got = gate();
        const end = gate();
        await messaging.consume('tiles', { prefetch: 1 }, async () => {
          got.open();
          await end.passed;
        });
        const die = async () => {
          await broker.crash(messaging);
          end.open();
        };
        return { got: got.passed, die };
      }
    });

    const queueName = (role: QueueRole) =>
      layout.current.queues.find((queue) => queue.role === role)?.name;

    const noting =
      (letters: Gathering<DeadLetter>) =>
      async (letter: DeadLetter): Promise<void> =>
        letters.add(letter);

    /** Consumes and acknowledges everything of a queue. */
    async function gather(messaging: Messaging, role: QueueRole) {
      const got = new Gathering<MosaicmeEvent>();
      await messaging.consume(role, { prefetch: 10 }, async (event) => got.add(event));
      return got;
    }
  });
}
