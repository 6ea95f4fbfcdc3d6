import { EventHub, type Sink } from './hub';

class Recorder implements Sink {
  readonly texts: string[] = [];
  backlog = 0;
  ended = false;
  write(text: string): void {
    this.texts.push(text);
  }
  pending(): number {
    return this.backlog;
  }
  end(): void {
    this.ended = true;
  }
  get events(): string[] {
    return this.texts.filter((text) => text.includes('event: '));
  }
  lastId(): string {
    return /^id: (.*)$/m.exec(this.events.at(-1) ?? '')?.[1] ?? '';
  }
}

describe('EventHub', () => {
  let hub: EventHub;
  beforeEach(() => {
    hub = new EventHub({ maxListeners: 2 });
  });
  afterEach(() => hub.close());

  it('writes an event as the server-sent events format asks', () => {
    const sink = new Recorder();
    hub.add(sink);
    hub.publish({ name: 'mosaic.failed', data: { reason: 'line\nbreak' } });
    expect(sink.events).toEqual([
      expect.stringMatching(
        /^id: [0-9a-f]{8}-1\nevent: mosaic\.failed\ndata: \{"reason":"line\\nbreak"\}\n\n$/,
      ),
    ]);
  });

  it('replays what a listener missed', () => {
    const first = new Recorder();
    const remove = hub.add(first);
    hub.publish({ name: 'status', data: 1 });
    remove();
    hub.publish({ name: 'status', data: 2 });
    hub.publish({ name: 'status', data: 3 });
    const second = new Recorder();
    hub.add(second, first.lastId());
    expect(second.events.map((text) => /data: (.*)/.exec(text)?.[1])).toEqual(['2', '3']);
  });

  it('ignores a Last-Event-ID that it does not know', () => {
    hub.publish({ name: 'status', data: 1 });
    const sink = new Recorder();
    hub.add(sink, 'from-another-run');
    expect(sink.events).toEqual([]);
  });

  it('is full at its limit and has room again when a listener leaves', () => {
    hub.add(new Recorder());
    const remove = hub.add(new Recorder());
    expect(hub.isFull).toBe(true);
    remove();
    expect(hub.isFull).toBe(false);
  });

  it('lets go a listener that does not keep up', () => {
    const slow = new Recorder();
    slow.backlog = 2_000_000;
    hub.add(slow);
    hub.publish({ name: 'status', data: 1 });
    expect(slow.ended).toBe(true);
    expect(slow.events).toEqual([]);
  });

  it('ends every listener when it closes', () => {
    const sink = new Recorder();
    hub.add(sink);
    hub.close();
    expect(sink.ended).toBe(true);
  });
});
