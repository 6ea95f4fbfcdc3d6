import { timeOfId } from './snowflake';
import { createTimeline } from './timeline';

const limits = { maxPosts: 100, maxStoredBytes: 1000 };
const photo = (length: number, fill = 0) => ({
  bytes: new Uint8Array(length).fill(fill),
  contentType: 'image/jpeg',
});

function world(change: Partial<typeof limits> = {}) {
  const timeline = createTimeline({ ...limits, ...change });
  const author = timeline.user('alice');
  return {
    timeline,
    say: (text: string, photos: ReturnType<typeof photo>[] = []) =>
      timeline.add({ author, text, photos }),
  };
}

describe('createTimeline', () => {
  it('gives ids that grow and tell the time, also within a millisecond', () => {
    const { say } = world();
    const before = Date.now();
    const ids = Array.from({ length: 50 }, (_, index) => BigInt(say(String(index)).id));
    expect(ids).toEqual([...ids].sort((a, b) => (a < b ? -1 : 1)));
    expect(new Set(ids).size).toBe(50);
    expect(timeOfId(String(ids[0]))).toBeGreaterThanOrEqual(before);
    expect(timeOfId(String(ids[49]))).toBeLessThanOrEqual(Date.now());
  });

  it('has one account per name, whatever its case', () => {
    const { timeline } = world();
    expect(timeline.user('ALICE')).toBe(timeline.user('alice'));
    expect(timeline.findUser('bob')).toBeUndefined();
  });

  it('forgets the oldest posts beyond its number', () => {
    const { timeline, say } = world({ maxPosts: 2 });
    for (const text of ['1', '2', '3']) say(text);
    expect(timeline.posts().map(({ text }) => text)).toEqual(['2', '3']);
  });

  it('forgets the oldest posts beyond its bytes, with their photos', () => {
    const { timeline, say } = world();
    const first = say('1', [photo(600, 1)]);
    say('2', [photo(600, 2)]);
    expect(timeline.posts().map(({ text }) => text)).toEqual(['2']);
    expect(timeline.photo(first.photos[0]?.key ?? '')).toBeUndefined();
  });

  it('counts equal photos once, as long as one post has them', () => {
    const { timeline, say } = world();
    const posts = Array.from({ length: 20 }, () => say('same', [photo(600)]));
    expect(timeline.posts()).toHaveLength(20);
    for (const { id } of posts.slice(1)) timeline.remove(id);
    say('another', [photo(300, 1)]);
    expect(timeline.posts().map(({ text }) => text)).toEqual(['same', 'another']);
  });

  it('tells its listeners of posts and removals until they leave', () => {
    const { timeline, say } = world();
    const heard: string[] = [];
    const leave = timeline.listen({
      posted: ({ text }) => heard.push(text),
      removed: (id) => heard.push(id),
    });
    const { id } = say('hello');
    timeline.remove(id);
    expect(timeline.remove(id)).toBe(false);
    leave();
    say('unheard');
    expect(heard).toEqual(['hello', id]);
  });
});
