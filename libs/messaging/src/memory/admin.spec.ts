import { silentLogger } from '@mosaicme/service';
import { describeMessagingAdmin } from '../admin-conformance';
import type { Messaging } from '../port';
import { createMemoryBroker } from './broker';

describeMessagingAdmin('the broker in memory', async (topology) => {
  const broker = createMemoryBroker({ topology, logger: silentLogger });
  const handles: Messaging[] = [];
  return {
    connect() {
      const handle = broker.connect();
      handles.push(handle);
      return handle;
    },
    admin: async () => broker.admin(),
    crash: async (handle) => broker.crash(handle),
    inject: async (role, content) => broker.inject(role, content),
    deadLetters: async (role) => broker.deadLetters(role),
    async dispose() {
      await Promise.all(handles.map((handle) => handle.close()));
      broker.close();
    },
  };
});
