import { Live, type LiveOptions } from './live';

/** A browser's connections and clock, moved by the test. */
function createWorld(options: Partial<LiveOptions> = {}) {
  const sources: ReturnType<typeof createSource>[] = [];
  const states: string[] = [];
  let now = 0;
  let timers: { readonly at: number; readonly callback: () => void }[] = [];
  const createSource = (after: string | undefined) => {
    const listeners = new Map<string, ((event: MessageEvent<string>) => void)[]>();
    return {
      after,
      isClosed: false,
      addEventListener(name: string, listener: (event: MessageEvent<string>) => void) {
        listeners.set(name, [...(listeners.get(name) ?? []), listener]);
      },
      close() {
        this.isClosed = true;
      },
      say(name: string, data: unknown = {}, lastEventId = '') {
        const event = { data: JSON.stringify(data), lastEventId } as MessageEvent<string>;
        for (const listener of listeners.get(name) ?? []) listener(event);
      },
    };
  };
  const live = new Live({
    open(after) {
      const source = createSource(after);
      sources.push(source);
      return source;
    },
    after(ms, callback) {
      const timer = { at: now + ms, callback };
      timers.push(timer);
      return () => (timers = timers.filter((each) => each !== timer));
    },
    pauseMs: (attempt) => 1_000 * 2 ** attempt,
    onState: (state) => states.push(state),
    ...options,
  });
  return {
    live,
    sources,
    states,
    last: () => sources.at(-1)!,
    pass(ms: number) {
      now += ms;
      const due = timers.filter(({ at }) => at <= now);
      timers = timers.filter(({ at }) => at > now);
      for (const { callback } of due) callback();
    },
  };
}

it('opens one connection for all listeners, and none before the first', () => {
  const { live, sources, last } = createWorld();
  expect(sources).toHaveLength(0);
  const heard: unknown[] = [];
  live.on('a', (data) => heard.push(['a', data]));
  live.on('b', (data) => heard.push(['b', data]));
  expect(sources).toHaveLength(1);
  last().say('b', { n: 1 });
  last().say('a', { n: 2 });
  expect(heard).toEqual([
    ['b', { n: 1 }],
    ['a', { n: 2 }],
  ]);
});

it('tries again after an answer that ends the connection, each time later', () => {
  const { live, sources, last, pass } = createWorld();
  live.on('a', () => undefined);
  for (const [pause, count] of [
    [1_000, 2],
    [2_000, 3],
    [4_000, 4],
  ] as const) {
    last().say('error');
    expect(last().isClosed).toBe(true);
    pass(pause - 1);
    expect(sources).toHaveLength(count - 1);
    pass(1);
    expect(sources).toHaveLength(count);
  }
  last().say('open');
  last().say('error');
  pass(1_000);
  expect(sources).toHaveLength(5);
});

it('goes on after the last event that it heard, and hears nothing twice from a closed connection', () => {
  const { live, sources, last, pass } = createWorld();
  const heard: unknown[] = [];
  live.on('a', (data) => heard.push(data));
  last().say('a', 1, 'id-1');
  last().say('error');
  pass(1_000);
  expect(last().after).toBe('id-1');
  sources[0]!.say('a', 2, 'id-2');
  expect(heard).toEqual([1]);
});

it('says when it opens, so that what was missed can be asked for', () => {
  const { live, last, pass } = createWorld();
  let opened = 0;
  live.onOpen(() => opened++);
  last().say('open');
  last().say('error');
  pass(1_000);
  last().say('open');
  expect(opened).toBe(2);
});

it('tells of a connection that is gone for longer than a moment only', () => {
  const { live, states, last, pass } = createWorld();
  live.on('a', () => undefined);
  last().say('open');
  last().say('error');
  pass(1_000);
  last().say('open');
  pass(10_000);
  expect(states).toEqual(['connected', 'connected']);
  last().say('error');
  pass(1_000);
  last().say('error');
  pass(2_000);
  expect(states.at(-1)).toBe('offline');
  last().say('open');
  expect(states.at(-1)).toBe('connected');
});

it('gives its connection back while the page is hidden, and waits for nothing then', () => {
  const { live, sources, states, last, pass } = createWorld();
  live.on('a', () => undefined);
  last().say('open');
  live.pause();
  expect(last().isClosed).toBe(true);
  pass(100_000);
  expect(sources).toHaveLength(1);
  live.resume();
  expect(sources).toHaveLength(2);
  last().say('error');
  live.pause();
  pass(100_000);
  expect(sources).toHaveLength(2);
  expect(states).toEqual(['connected']);
});
