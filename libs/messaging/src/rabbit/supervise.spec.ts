import { deferred, sleep } from '@mosaicme/async';
import { silentLogger } from '@mosaicme/service';
import { Gathering } from '../testing/gathering';
import { recordingLogger } from '../testing/recording-logger';
import { supervise } from './supervise';

/** A thing that a test breaks by hand. */
function fragile() {
  const { promise, resolve } = deferred<unknown>();
  const thing = {
    broken: promise,
    closed: 0,
    break: resolve,
    async close() {
      thing.closed++;
    },
  };
  return thing;
}

describe('supervise', () => {
  it('opens a thing and hands it out', async () => {
    const thing = fragile();
    const supervised = supervise({ what: 'thing', open: async () => thing, logger: silentLogger });

    expect(supervised.current()).toBeUndefined();
    expect(await supervised.get()).toBe(thing);
    expect(supervised.current()).toBe(thing);
    await supervised.stop();
    expect(supervised.current()).toBeUndefined();
    expect(thing.closed).toBe(1);
  });

  it('closes what broke and opens another', async () => {
    const opened = new Gathering<ReturnType<typeof fragile>>();
    const open = async () => {
      opened.add(fragile());
      return opened.items.at(-1) ?? fragile();
    };
    const { logger, lines } = recordingLogger();
    const supervised = supervise({ what: 'thing', open, logger });
    const first = await supervised.get();
    first.break(new Error('It fell.'));

    const [, second] = await opened.atLeast(2);
    expect(first.closed).toBe(1);
    expect(await supervised.get()).toBe(second);
    expect(lines.items).toMatchObject([{ level: 'warn', message: 'Waiting for the thing.' }]);
    await supervised.stop();
  });

  it('tries again until it opens, and lets those who wait know', async () => {
    let tries = 0;
    const thing = fragile();
    const open = async () => {
      if (++tries < 3) throw new Error('Not yet.');
      return thing;
    };
    const supervised = supervise({ what: 'thing', open, logger: silentLogger });

    expect(await supervised.get()).toBe(thing);
    await supervised.stop();
  });

  it('closes what opens only after the stop', async () => {
    const late = deferred<ReturnType<typeof fragile>>();
    const supervised = supervise({ what: 'thing', open: () => late.promise, logger: silentLogger });
    const waiting = expect(supervised.get()).rejects.toMatchObject({ code: 'messaging.closed' });
    await supervised.stop();
    await waiting;
    const thing = fragile();
    late.resolve(thing);

    await sleep(0);
    expect(thing.closed).toBe(1);
    await expect(supervised.get()).rejects.toMatchObject({ code: 'messaging.closed' });
  });

  it('lets a caller give up waiting', async () => {
    const open = () => new Promise<never>(() => {});
    const supervised = supervise({ what: 'thing', open, logger: silentLogger });
    const reason = new Error('Too long.');

    await expect(supervised.get(AbortSignal.abort(reason))).rejects.toBe(reason);
    await supervised.stop();
  });
});
