import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTcpProxy } from './tcp-proxy';

it('shows an inspector nothing more once its client is gone', async () => {
  const talkative = createServer({ allowHalfOpen: true }, (socket) => {
    const timer = setInterval(() => socket.write('news'), 1);
    socket.on('error', () => undefined).on('close', () => clearInterval(timer));
  });
  talkative.listen(0, '127.0.0.1');
  await once(talkative, 'listening');
  const { port } = talkative.address() as AddressInfo;
  const seen: string[] = [];
  const proxy = await startTcpProxy({ host: '127.0.0.1', port }, () => ({
    pass(direction, bytes) {
      seen.push(direction);
      return bytes;
    },
    closed: () => void seen.push('closed'),
  }));
  try {
    const client = connect({ host: '127.0.0.1', port: proxy.port });
    await once(client, 'data');
    client.destroy();
    while (!seen.includes('closed')) await sleep(5);
    await sleep(30);
    expect(seen).toContain('to client');
    expect(seen.at(-1)).toBe('closed');
  } finally {
    await proxy.close();
    talkative.close();
  }
});
