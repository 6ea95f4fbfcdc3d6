import { isLeftover } from './folders';
import { cephConfig } from './radosgw';
import { rabbitmqConfig, rabbitmqEnvironment } from './rabbitmq';
import { redisArguments } from './redis';

describe('Redis', () => {
  it('listens on this machine only and keeps its data over a restart', () => {
    const line = redisArguments({ port: 7000, folder: '/data' }).join(' ');
    expect(line).toBe(
      '--bind 127.0.0.1 --port 7000 --dir /data --appendonly yes --save  --daemonize no',
    );
  });
});

describe('RabbitMQ', () => {
  const place = { folder: '/data', ports: { amqp: 7001, dist: 7002, epmd: 7003 } };

  it('listens on this machine only', () => {
    expect(rabbitmqConfig(place)).toContain('listeners.tcp.1 = 127.0.0.1:7001\n');
    expect(rabbitmqEnvironment(place)).toMatchObject({
      RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
      RABBITMQ_DIST_PORT: '7002',
      ERL_EPMD_ADDRESS: '127.0.0.1',
      ERL_EPMD_PORT: '7003',
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: expect.stringContaining(
        'inet_dist_use_interface {127,0,0,1}',
      ),
    });
  });

  it('keeps every file in its folder', () => {
    const paths = Object.values(rabbitmqEnvironment(place)).filter((value) =>
      value.startsWith('/'),
    );
    expect(paths.length).toBeGreaterThan(8);
    expect(paths.filter((path) => !path.startsWith('/data'))).toEqual([]);
  });

  it('has a name of its own', () => {
    expect(rabbitmqEnvironment(place).RABBITMQ_NODENAME).toBe('mosaicme-7001@localhost');
  });
});

describe('radosgw', () => {
  const config = cephConfig({
    folder: '/data',
    clusterId: '2c8ad1f0-0000-4000-8000-000000000000',
    ports: { s3: 7004, monitor: 7005 },
  });

  it('listens on this machine only', () => {
    expect(config).toContain('mon_host = v2:127.0.0.1:7005\n');
    expect(config).toContain('rgw_frontends = beast endpoint=127.0.0.1:7004\n');
    expect(config).toContain('public_addr = 127.0.0.1\n');
  });

  it('keeps its objects in memory and every file in its folder', () => {
    expect(config).toContain('osd_objectstore = memstore\n');
    const paths = [...config.matchAll(/ = (\/.*)$/gm)].map(([, path]) => path ?? '');
    expect(paths.length).toBeGreaterThan(6);
    expect(paths.filter((path) => !path.startsWith('/data/'))).toEqual([]);
  });

  it('is written section by section', () => {
    expect([...config.matchAll(/^\[(.*)\]$/gm)].map(([, name]) => name)).toEqual([
      'global',
      'mon',
      'osd',
      'client',
    ]);
  });
});

it.each([
  ['mosaicme-servers-7-abc', true],
  ['mosaicme-servers-8-abc', false],
  ['mosaicme-servers-x', false],
  ['other-7-abc', false],
])('takes the folder %s for a leftover of process 7: %s', (name, expected) => {
  expect(isLeftover(name, (pid) => pid !== 7)).toBe(expected);
});
