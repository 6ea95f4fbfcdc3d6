import { HeartbeatRegistry, type Heartbeat } from './registry';

const heartbeat = (fields: Partial<Heartbeat> = {}): Heartbeat => ({
  app: 'engine',
  instance: 'a',
  version: '1.0.0',
  state: 'ready',
  startedAt: '2026-01-01T00:00:00.000Z',
  uptimeSeconds: 100,
  intervalSeconds: 10,
  ...fields,
});

const at = (seconds: number): number => 1_000_000 + seconds * 1_000;

describe('HeartbeatRegistry', () => {
  it.each([
    ['ready', 0, 'ready', 100],
    ['waiting', 29, 'waiting', 129],
    ['ready', 30, 'ready', 130],
    ['ready', 31, 'lost', 100],
    ['stopping', 31, 'stopped', 100],
  ] as const)('tells a %s instance, silent for %d s, as %s', (state, silent, expected, uptime) => {
    const registry = new HeartbeatRegistry();
    registry.observe(heartbeat({ state }), at(0));
    expect(registry.snapshot(at(silent))).toEqual([
      {
        app: 'engine',
        instance: 'a',
        version: '1.0.0',
        state: expected,
        startedAt: '2026-01-01T00:00:00.000Z',
        uptimeSeconds: uptime,
        lastHeartbeatSecondsAgo: silent,
      },
    ]);
  });

  it('finds a lost instance again', () => {
    const registry = new HeartbeatRegistry();
    registry.observe(heartbeat(), at(0));
    expect(registry.snapshot(at(60))[0]?.state).toBe('lost');
    registry.observe(heartbeat({ uptimeSeconds: 161 }), at(61));
    expect(registry.snapshot(at(61))).toMatchObject([{ state: 'ready', uptimeSeconds: 161 }]);
  });

  it('keeps instances of an app apart and sorts them', () => {
    const registry = new HeartbeatRegistry();
    for (const [app, instance] of [
      ['web', 'a'],
      ['engine', 'b'],
      ['engine', 'a'],
    ] as const) {
      registry.observe(heartbeat({ app, instance }), at(0));
    }
    expect(registry.snapshot(at(1)).map(({ app, instance }) => `${app}/${instance}`)).toEqual([
      'engine/a',
      'engine/b',
      'web/a',
    ]);
  });

  it('forgets an instance after an hour of silence', () => {
    const registry = new HeartbeatRegistry();
    registry.observe(heartbeat(), at(0));
    expect(registry.snapshot(at(3_600))).toHaveLength(1);
    expect(registry.snapshot(at(3_601))).toHaveLength(0);
  });

  it('keeps a thousand instances at most, the latest ones', () => {
    const registry = new HeartbeatRegistry();
    for (let count = 0; count <= 1_000; count += 1) {
      registry.observe(heartbeat({ instance: `i${count}` }), at(0));
    }
    const instances = registry.snapshot(at(0)).map(({ instance }) => instance);
    expect(instances).toHaveLength(1_000);
    expect(instances).not.toContain('i0');
  });
});
