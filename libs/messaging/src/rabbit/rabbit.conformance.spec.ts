import { workQueue } from '@mosaicme/contracts';
import { silentLogger } from '@mosaicme/service';
import { describeMessaging, type MessagingFixture } from '../conformance';
import type { Messaging } from '../port';
import { connectOperator, testServer, type Operator } from '../testing/rabbit-server';
import { startTcpProxy, type TcpProxy } from '../testing/tcp-proxy';
import { connectRabbit } from './connect';

jest.setTimeout(60_000);

const server = testServer();
let operator: Operator;
beforeAll(async () => {
  operator = await connectOperator();
});
afterAll(() => operator.close());

describeMessaging('RabbitMQ', async (topology): Promise<MessagingFixture> => {
  const handles = new Map<Messaging, TcpProxy>();
  const proxies: TcpProxy[] = [];
  for (let n = 0; n < 6; n++) proxies.push(await startTcpProxy(server));
  return {
    connect() {
      const proxy = proxies.pop();
      if (!proxy) throw new Error('The fixture has 6 proxies; a test needs more.');
      const handle = connectRabbit({
        ...server,
        host: '127.0.0.1',
        port: proxy.port,
        topology,
        logger: silentLogger,
      });
      handles.set(handle, proxy);
      return handle;
    },
    crash: async (handle) => handles.get(handle)?.close(),
    inject: (role, content) => operator.inject(workQueue(topology, role).name, content),
    deadLetters: (role) => operator.deadLetters(topology, role),
    async dispose() {
      await Promise.all([...handles.keys()].map((handle) => handle.close()));
      await Promise.all([...proxies, ...handles.values()].map((proxy) => proxy.close()));
      await operator.removeEverything(topology);
    },
  };
});
