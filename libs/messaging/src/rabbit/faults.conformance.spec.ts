import { workQueue, type MosaicmeEvent, type Topology } from '@mosaicme/contracts';
import { PermanentError } from '@mosaicme/errors';
import { connect } from 'amqplib';
import { inspect } from 'node:util';
import { testTopology } from '../conformance';
import type { Messaging } from '../port';
import { Gathering, gate, until } from '../testing/gathering';
import { connectOperator, testServer, type Operator } from '../testing/rabbit-server';
import { recordingLogger, type LogLine } from '../testing/recording-logger';
import { collected, heartbeat } from '../testing/samples';
import { startTcpProxy, type TcpProxy } from '../testing/tcp-proxy';
import { connectRabbit, type RabbitOptions } from './connect';

jest.setTimeout(60_000);

const server = testServer();
let operator: Operator;
let topology: Topology;
let proxy: TcpProxy;
const proxies: TcpProxy[] = [];
const handles: Messaging[] = [];

beforeEach(async () => {
  operator = await connectOperator();
  topology = testTopology();
  proxy = await openProxy();
});
afterEach(async () => {
  await Promise.all(handles.splice(0).map((handle) => handle.close()));
  await Promise.all(proxies.splice(0).map((open) => open.close()));
  await operator.removeEverything(topology);
  await operator.close();
});

async function openProxy(port?: number): Promise<TcpProxy> {
  const opened = await startTcpProxy(server, port);
  proxies.push(opened);
  return opened;
}

/** A handle whose connection goes through the proxy, and its log. */
function connectProxied(options: Partial<RabbitOptions> = {}) {
  const { logger, lines } = recordingLogger();
  const through = { ...server, host: '127.0.0.1', port: proxy.port };
  const handle = connectRabbit({ ...through, topology, logger, ...options });
  handles.push(handle);
  return { handle, lines };
}

const nameOf = (role: 'tiles') => workQueue(topology, role).name;
const ids = (events: Iterable<MosaicmeEvent>) => new Set([...events].map(({ id }) => id));

describe('a connection that is cut', () => {
  it('loses no event, whether it is being published or being handled', async () => {
    const { handle } = connectProxied({ publishTimeoutMs: 30_000 });
    const count = 60;
    const events = Array.from({ length: count }, (_, n) => collected(n));
    const handled = new Gathering<MosaicmeEvent>();
    await handle.consume('tiles', { prefetch: 5 }, async (event) => {
      handled.add(event);
      // In the middle of the work, every now and then.
      if (handled.items.length % 20 === 7) proxy.cut();
    });
    await Promise.all(events.map((event) => handle.publish(event)));

    await until(() => ids(handled.items).size === count);
    expect(ids(handled.items)).toEqual(ids(events));
    await until(async () => (await handle.depth('tiles')).ready === 0);
    expect(await operator.deadLetters(topology, 'tiles')).toEqual([]);
  });

  it('never has more events in flight than the prefetch, the handlers from before included', async () => {
    const { handle } = connectProxied();
    const release = gate();
    const attempts = new Gathering<boolean>();
    let inFlight = 0;
    let most = 0;
    await handle.consume('tiles', { prefetch: 1 }, async (_event, { redelivered }) => {
      most = Math.max(most, ++inFlight);
      attempts.add(redelivered);
      await release.passed;
      inFlight--;
    });
    await handle.publish(collected(1));
    await attempts.atLeast(1);
    proxy.cut();
    // The broker takes the message back, and gives it to the new channel.
    await until(async () => (await consumersOf(nameOf('tiles'))) === 0);
    await until(async () => (await consumersOf(nameOf('tiles'))) === 1);
    await until(async () => (await handle.depth('tiles')).ready === 0);
    release.open();

    expect(await attempts.atLeast(2)).toEqual([false, true]);
    expect(most).toBe(1);
  });

  it('brings listeners back', async () => {
    const { handle, lines } = connectProxied();
    const heard = new Gathering<MosaicmeEvent>();
    await handle.listen(['service.heartbeat.v1'], (event) => heard.add(event));
    proxy.cut();
    await until(() => lines.items.some(({ level }) => level === 'warn'));

    let n = 0;
    await until(async () => {
      await handle.publish(heartbeat(n++));
      return heard.items.length > 0;
    });
  });
});

describe('a channel that the server closes', () => {
  // Channel 1 is for publishing; the consumer that is opened next gets channel 2.
  it.each([
    ['publishing', 1],
    ['consuming', 2],
  ])('goes on %s', async (_task, channel) => {
    const { handle, lines } = connectProxied();
    const handled = new Gathering<MosaicmeEvent>();
    await handle.ready();
    await handle.consume('tiles', { prefetch: 1 }, async (event) => handled.add(event));
    proxy.sendToServer(acknowledgeUnknown(channel));
    await until(() => lines.items.some(({ fields }) => inspect(fields).includes('406')));
    await handle.publish(collected(1));

    expect(ids(await handled.atLeast(1))).toEqual(ids([collected(1)]));
    expect(lines.items.filter(({ message }) => message.startsWith('Connected'))).toHaveLength(1);
  });

  /** A frame with `basic.ack` for a delivery that never was: the server answers with 406. */
  function acknowledgeUnknown(channel: number): Uint8Array {
    const payload = [0, 60, 0, 80, 0, 0, 0, 0, 0, 0, 0x27, 0x0f, 0];
    return Uint8Array.from([1, 0, channel, 0, 0, 0, payload.length, ...payload, 0xce]);
  }
});

describe('what others delete', () => {
  it('comes back when it is the queue of a consumer', async () => {
    const { handle, lines } = connectProxied();
    const handled = new Gathering<MosaicmeEvent>();
    await handle.consume('tiles', { prefetch: 1 }, async (event) => handled.add(event));
    await deleteQueue(nameOf('tiles'));
    await until(() => lines.items.some(({ fields }) => inspect(fields).includes('cancelled')));

    await until(() => published(handle, collected(1)));
    expect(ids(await handled.atLeast(1))).toEqual(ids([collected(1)]));
  });

  it('is an error for the event that it leaves without a queue, and comes back for the next', async () => {
    const { handle } = connectProxied();
    await handle.ready();
    const channel = await operator.model.createChannel();
    await channel.unbindQueue(nameOf('tiles'), topology.exchange, 'photo.collected.v1');
    await channel.close();

    await expect(handle.publish(collected(1))).rejects.toMatchObject({
      name: 'TransientError',
      code: 'messaging.unroutable',
    });
    await until(() => published(handle, collected(2)));
    await until(async () => (await handle.depth('tiles')).ready === 1);
  });

  it('comes back when it is the dead-letter queue, before the message is let go', async () => {
    const { handle } = connectProxied();
    await handle.consume('tiles', { prefetch: 1 }, async () => {
      throw new PermanentError('test.no-image', 'It is no image.');
    });
    await deleteQueue(workQueue(topology, 'tiles').deadLetterQueue);
    await handle.publish(collected(1));

    // Before the queue is there again, asking for its depth is an error.
    await until(() =>
      handle.depth('tiles').then(
        ({ dead }) => dead === 1,
        () => false,
      ),
    );
    expect(await operator.deadLetters(topology, 'tiles')).toMatchObject([
      { code: 'test.no-image' },
    ]);
  });

  it('comes back when it is the exchange', async () => {
    const { handle } = connectProxied();
    await handle.ready();
    const channel = await operator.model.createChannel();
    await channel.deleteExchange(topology.exchange);
    await channel.close();

    await until(() => published(handle, collected(1)));
    await until(async () => (await handle.depth('tiles')).ready === 1);
  });

  async function deleteQueue(name: string): Promise<void> {
    const channel = await operator.model.createChannel();
    await channel.deleteQueue(name);
    await channel.close();
  }

  const published = (handle: Messaging, event: MosaicmeEvent) =>
    handle.publish(event).then(
      () => true,
      () => false,
    );
});

describe('a broker that is away', () => {
  it('is waited for, and everything begins when it comes', async () => {
    const port = await freePort();
    const { handle, lines } = connectProxied({ port });
    const handled = new Gathering<MosaicmeEvent>();
    const consuming = handle.consume('tiles', { prefetch: 1 }, async (event) => handled.add(event));
    const publishing = handle.publish(collected(1));
    const [line] = await lines.atLeast(1);
    expect(line).toMatchObject({
      level: 'warn',
      message: expect.stringContaining(`broker amqp://127.0.0.1:${port}/`),
    });
    expect(handle.isConnected()).toBe(false);

    await openProxy(port);
    await Promise.all([handle.ready(), consuming, publishing]);
    expect(handle.isConnected()).toBe(true);
    expect(ids(await handled.atLeast(1))).toEqual(ids([collected(1)]));
  });

  it('fails a publish after its time-out', async () => {
    const { handle } = connectProxied({ port: await freePort(), publishTimeoutMs: 30 });

    const timeout = { name: 'TransientError', code: 'messaging.timeout' };
    await expect(handle.publish(collected(1))).rejects.toMatchObject(timeout);
    await expect(handle.depth('tiles')).rejects.toMatchObject(timeout);
  });

  it('does not keep a handle from closing', async () => {
    const { handle } = connectProxied({ port: await freePort() });
    const closedCode = { code: 'messaging.closed' };
    const refused = [
      expect(handle.consume('tiles', { prefetch: 1 }, async () => {})).rejects,
      expect(handle.listen(['service.heartbeat.v1'], () => {})).rejects,
      expect(handle.ready()).rejects,
    ].map((rejection) => rejection.toMatchObject(closedCode));
    await handle.close();

    await Promise.all(refused);
  });

  it('never brings the password into the log', async () => {
    const password = 'not-for-the-log';
    const { lines: refused } = connectProxied({ password });
    const { lines: away } = connectProxied({ password, port: await freePort() });
    await Promise.all([refused.atLeast(2), away.atLeast(2)]);

    const everything = inspect([refused.items, away.items], { depth: null });
    expect(everything).toContain('ACCESS_REFUSED');
    expect(everything).toContain('ECONNREFUSED');
    expect(everything).not.toContain(password);
  });

  async function freePort(): Promise<number> {
    const taken = await startTcpProxy(server);
    await taken.close();
    return taken.port;
  }
});

describe('a broker that refuses', () => {
  it('makes a publish fail', async () => {
    const { handle } = connectProxied();
    await handle.ready();
    const channel = await operator.model.createChannel();
    const { queue } = await channel.assertQueue('', {
      exclusive: true,
      arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' },
    });
    await channel.bindQueue(queue, topology.exchange, 'photo.collected.v1');
    await handle.publish(collected(1));

    await expect(handle.publish(collected(2))).rejects.toMatchObject({
      name: 'TransientError',
      code: 'messaging.refused',
    });
    await channel.deleteQueue(queue);
    await channel.close();
  });

  it('says how to get out of a queue that exists with other arguments', async () => {
    const channel = await operator.model.createChannel();
    await channel.assertQueue(nameOf('tiles'), { durable: true });
    await channel.close();
    const { lines } = connectProxied();

    const isWarning = ({ level }: LogLine) => level === 'warn';
    await until(() => lines.items.some(isWarning));
    expect(lines.items.find(isWarning)?.fields).toMatchObject({
      error: {
        code: 'messaging.declaration',
        message: expect.stringMatching(/PRECONDITION_FAILED.*delete it/s),
      },
    });
  });
});

describe('the delivery limit of the broker', () => {
  it('dead-letters a message whose consumer dies each time', async () => {
    const { handle } = connectProxied();
    await handle.publish(collected(1));
    const deliveries = workQueue(topology, 'tiles').deliveryLimit + 1;
    for (let delivery = 0; delivery < deliveries; delivery++) await takeAndDie();

    await until(async () => (await handle.depth('tiles')).dead === 1);
    expect(await operator.deadLetters(topology, 'tiles')).toMatchObject([
      { code: 'messaging.delivery-limit', failedAt: undefined, history: [] },
    ]);
  });

  /** A consumer without any manners. */
  async function takeAndDie(): Promise<void> {
    const own = await openProxy();
    const { user: username, password } = server;
    const model = await connect({ hostname: '127.0.0.1', port: own.port, username, password });
    model.on('error', () => {});
    const channel = await model.createChannel();
    const taken = gate();
    await channel.consume(nameOf('tiles'), () => taken.open());
    await taken.passed;
    await own.close();
  }
});

async function consumersOf(queue: string): Promise<number> {
  const channel = await operator.model.createChannel();
  const { consumerCount } = await channel.checkQueue(queue);
  await channel.close();
  return consumerCount;
}
