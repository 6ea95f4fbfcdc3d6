import type { Post, SocialEvent } from './port';
import { createInbox } from './inbox';

const event = (id: string): SocialEvent => ({ kind: 'post', post: postOf(id) });
const postOf = (id: string): Post => ({
  network: { name: 'x', instance: 'x.com' },
  id,
  author: { id: '1', handle: 'alice' },
  link: 'https://x.com/alice/status/1',
  text: '',
  tags: ['mosaicme'],
  postedAt: new Date(0),
  media: [],
  answerable: false,
});
const { signal } = new AbortController();

async function idsIn(events: AsyncIterable<SocialEvent>): Promise<string[]> {
  const ids: string[] = [];
  for await (const one of events) if (one.kind !== 'withdrawn') ids.push(one.post.id);
  return ids;
}

describe('createInbox', () => {
  it('hands each post on once, in the order of arrival', async () => {
    const inbox = createInbox({ capacity: 10, remembered: 10 });
    for (const id of ['1', '2', '1', '3', '2']) inbox.offer(id, () => event(id));
    inbox.end();
    expect(await idsIn(inbox.events)).toEqual(['1', '2', '3']);
  });

  it('remembers what is none of ours, so that it is not read twice', () => {
    const inbox = createInbox({ capacity: 10, remembered: 10 });
    const read = jest.fn(() => undefined);
    expect([inbox.offer('1', read), inbox.offer('1', read)]).toEqual([true, true]);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('refuses what does not fit, and takes it later', async () => {
    const inbox = createInbox({ capacity: 2, remembered: 100 });
    const ids = Array.from({ length: 50 }, (_, index) => String(index));
    const refused = ids.filter((id) => !inbox.offer(id, () => event(id)));
    expect(refused.length).toBeGreaterThan(40);
    const taken = idsIn(inbox.events);
    for (const id of refused) await inbox.put(id, () => event(id), signal);
    inbox.end();
    expect(await taken).toEqual(ids);
  });

  it('forgets the oldest ids first', async () => {
    const inbox = createInbox({ capacity: 10, remembered: 2 });
    for (const id of ['1', '2', '3', '2', '1']) inbox.offer(id, () => event(id));
    inbox.end();
    expect(await idsIn(inbox.events)).toEqual(['1', '2', '3', '1']);
  });

  it('stops waiting for space when told to', async () => {
    const inbox = createInbox({ capacity: 1, remembered: 10 });
    const controller = new AbortController();
    for (const id of ['1', '2', '3', '4']) inbox.offer(id, () => event(id));
    const waiting = inbox.put('5', () => event('5'), controller.signal);
    controller.abort();
    await expect(waiting).rejects.toThrow(/abort/i);
  });

  it('throws its error to the reader', async () => {
    const inbox = createInbox({ capacity: 1, remembered: 10 });
    const reading = idsIn(inbox.events);
    inbox.end(new Error('bad credentials'));
    await expect(reading).rejects.toThrow('bad credentials');
  });
});
