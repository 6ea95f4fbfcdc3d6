import { workQueue } from '@mosaicme/contracts';
import { silentLogger } from '@mosaicme/service';
import { describeMessagingAdmin } from '../admin-conformance';
import { testTopology } from '../conformance';
import type { Messaging } from '../port';
import { until } from '../testing/gathering';
import { connectOperator, testServer, type Operator } from '../testing/rabbit-server';
import { collected } from '../testing/samples';
import { startTcpProxy } from '../testing/tcp-proxy';
import { connectRabbitAdmin } from './admin';
import { connectRabbit } from './connect';

jest.setTimeout(60_000);

const server = testServer();
const logger = silentLogger;
let operator: Operator;
beforeAll(async () => {
  operator = await connectOperator();
});
afterAll(() => operator.close());

describeMessagingAdmin('RabbitMQ', async (topology) => {
  const handles: Messaging[] = [];
  return {
    connect() {
      const handle = connectRabbit({ ...server, topology, logger });
      handles.push(handle);
      return handle;
    },
    admin: () => connectRabbitAdmin({ ...server, topology, logger }),
    crash: async () => {},
    inject: (role, content) => operator.inject(workQueue(topology, role).name, content),
    deadLetters: (role) => operator.deadLetters(topology, role),
    async dispose() {
      await Promise.all(handles.map((handle) => handle.close()));
      await operator.removeEverything(topology);
    },
  };
});

describe('an operator at RabbitMQ', () => {
  const layout = testTopology();
  const queue = workQueue(layout, 'tiles');
  afterAll(() => operator.removeEverything(layout));

  it('says so when nobody has declared the queues', async () => {
    const admin = await connectRabbitAdmin({ ...server, topology: testTopology(), logger });
    const states = await admin.queues();
    await admin.close();
    expect(states.map(({ exists, ready, dead }) => ({ exists, ready, dead }))).toEqual(
      layout.queues.map(() => ({ exists: false, ready: 0, dead: 0 })),
    );
  });

  it('names address and variables when the broker cannot be reached', async () => {
    const nobody = { ...server, port: 1, topology: layout, logger };
    await expect(connectRabbitAdmin(nobody)).rejects.toMatchObject({
      code: 'messaging.unreachable',
      message: expect.stringContaining('RABBITMQ_HOST'),
    });
  });

  it('loses no letter when it is killed in the middle of a replay', async () => {
    const messaging = connectRabbit({ ...server, topology: layout, logger });
    await messaging.ready();
    const contents = [1, 2, 3].map((n) => JSON.stringify(collected(n)));
    for (const content of contents) {
      await operator.inject(queue.deadLetterQueue, new TextEncoder().encode(content));
    }
    const proxy = await startTcpProxy(server);
    const killed = await connectRabbitAdmin({
      ...server,
      host: '127.0.0.1',
      port: proxy.port,
      topology: layout,
      logger,
    });
    let seen = 0;
    const before = async () => {
      if (++seen === 2) await proxy.close();
    };

    await expect(killed.replay('tiles', { select: () => true, before })).rejects.toThrow();
    await killed.close();
    await until(async () => {
      const { ready, dead } = await messaging.depth('tiles');
      // The first one had moved; whether its acknowledgement still arrived is open.
      return ready === 1 && dead >= 2;
    });
    const letters = await operator.deadLetters(layout, 'tiles');
    expect(letters.map(({ content }) => new TextDecoder().decode(content)).slice(-2)).toEqual(
      contents.slice(1),
    );
    await messaging.close();
  });
});
