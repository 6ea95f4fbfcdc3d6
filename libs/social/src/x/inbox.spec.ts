import type { Post } from '../port';
import { createInbox } from './inbox';

const post = (id: string): Post => ({
  network: 'x',
  id,
  author: { id: '1', handle: 'alice' },
  link: 'https://x.com/alice/status/1',
  text: '',
  postedAt: new Date(0),
  media: [],
  answerable: false,
});
const { signal } = new AbortController();

async function idsIn(posts: AsyncIterable<Post>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of posts) ids.push(id);
  return ids;
}

describe('createInbox', () => {
  it('hands each post on once, in the order of arrival', async () => {
    const inbox = createInbox({ capacity: 10, remembered: 10 });
    for (const id of ['1', '2', '1', '3', '2']) inbox.offer(id, () => post(id));
    inbox.end();
    expect(await idsIn(inbox.posts)).toEqual(['1', '2', '3']);
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
    const refused = ids.filter((id) => !inbox.offer(id, () => post(id)));
    expect(refused.length).toBeGreaterThan(40);
    const taken = idsIn(inbox.posts);
    for (const id of refused) await inbox.put(id, () => post(id), signal);
    inbox.end();
    expect(await taken).toEqual(ids);
  });

  it('forgets the oldest ids first', async () => {
    const inbox = createInbox({ capacity: 10, remembered: 2 });
    for (const id of ['1', '2', '3', '2', '1']) inbox.offer(id, () => post(id));
    inbox.end();
    expect(await idsIn(inbox.posts)).toEqual(['1', '2', '3', '1']);
  });

  it('stops waiting for space when told to', async () => {
    const inbox = createInbox({ capacity: 1, remembered: 10 });
    const controller = new AbortController();
    for (const id of ['1', '2', '3', '4']) inbox.offer(id, () => post(id));
    const waiting = inbox.put('5', () => post('5'), controller.signal);
    controller.abort();
    await expect(waiting).rejects.toThrow(/abort/i);
  });

  it('throws its error to the reader', async () => {
    const inbox = createInbox({ capacity: 1, remembered: 10 });
    const reading = idsIn(inbox.posts);
    inbox.end(new Error('bad credentials'));
    await expect(reading).rejects.toThrow('bad credentials');
  });
});
