import { defaultCampaign, photoId, requestId } from '@mosaicme/contracts';
import { readFile } from 'node:fs/promises';
import { ask, askJson } from './http';
import { eventually } from './shell';

/** What became of requests. */
export interface Outcome {
  readonly requests: number;
  readonly published: number;
  readonly answered: number;
}

interface Post {
  readonly id: string;
  readonly bot: boolean;
  readonly text: string;
  readonly inReplyTo?: string;
}

/** The simulated network, as people see it: its page's API. */
export interface Network {
  /** Posts a photo that asks for a mosaic. @returns the id of the post. */
  request(path: string): Promise<string>;
  /** The ids of all posts that ask for a mosaic, also of those that others made. */
  requests(): string[];
  /** How many answers a post has. */
  answersTo(id: string): number;
  close(): void;
}

/** Listens to the simulator's page from now on; waits until it is there. */
export async function joinNetwork(url: string, bot: string, hashtag: string): Promise<Network> {
  const leaving = new AbortController();
  const posts = new Map<string, Post>();
  const listen = async (): Promise<void> => {
    const { body } = await fetch(`${url}/api/events`, { signal: leaving.signal });
    if (!body) throw new Error('The simulator tells nothing.');
    let text = '';
    for await (const piece of body.pipeThrough(new TextDecoderStream())) {
      const events = (text + piece).split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) for (const post of postsIn(event)) posts.set(post.id, post);
    }
  };
  const answering = () =>
    eventually(
      'the simulator answers',
      async () => {
        // Who has left waits for nothing any more.
        if (!leaving.signal.aborted) await askJson(`${url}/healthz`);
      },
      { timeoutSeconds: 240 },
    );
  await answering();
  const listening = (async () => {
    while (!leaving.signal.aborted) {
      await listen().catch(() => undefined);
      if (!leaving.signal.aborted) await answering();
    }
  })();
  listening.catch(() => undefined);

  let count = 0;
  return {
    async request(path) {
      const form = new FormData();
      form.set('handle', `guest_${++count}`);
      form.set('text', `@${bot} make me a mosaic, please #${hashtag}`);
      form.set('photo', new Blob([await readFile(path)], { type: 'image/jpeg' }), 'photo.jpg');
      const response = await ask(`${url}/api/posts`, { method: 'POST', body: form });
      if (!response.ok) throw new Error(`The simulator refuses: ${await response.text()}`);
      const post = (await response.json()) as Post;
      posts.set(post.id, post);
      return post.id;
    },
    requests: () =>
      [...posts.values()]
        .filter((post) => !post.bot && post.text.includes(`#${hashtag}`))
        .map(({ id }) => id),
    answersTo: (id) =>
      [...posts.values()].filter((post) => post.bot && post.inReplyTo === id).length,
    close: () => leaving.abort(),
  };
}

/** The posts that an event of the page's stream carries. */
export function postsIn(event: string): Post[] {
  const name = /^event: (.*)$/m.exec(event)?.[1];
  const data = /^data: (.*)$/m.exec(event)?.[1];
  if (data === undefined) return [];
  if (name === 'start') return JSON.parse(data) as Post[];
  return name === 'post' ? [JSON.parse(data) as Post] : [];
}

/** Is there a mosaic with this id? False also while the gallery is away. */
export async function isPublished(galleryUrl: string, id: string): Promise<boolean> {
  try {
    const request = (await askJson(`${galleryUrl}/api/requests/${id}`)) as { state: string };
    return request.state === 'published';
  } catch {
    return false;
  }
}

/**
 * Waits until every post is published and answered, or the time is over. What is missing then is lost.
 *
 * @throws Error when a post was answered more than once.
 */
export async function settle(
  network: Network,
  galleryUrl: string,
  posts: readonly string[],
  options: { readonly timeoutSeconds: number; readonly onPublished?: () => void },
): Promise<Outcome> {
  const published = new Set<string>();
  const deadline = performance.now() + options.timeoutSeconds * 1_000;
  const answered = () => posts.filter((post) => network.answersTo(post) > 0);
  for (;;) {
    for (const post of posts.filter((one) => !published.has(one))) {
      const photo = photoId({
        network: 'x',
        instance: 'x.com',
        postId: post,
        mediaIndex: 0,
      });
      const id = requestId(defaultCampaign, photo);
      if (!(await isPublished(galleryUrl, id))) continue;
      published.add(post);
      options.onPublished?.();
    }
    const isDone = published.size === posts.length && answered().length === posts.length;
    if (isDone || performance.now() > deadline) break;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  const twice = posts.filter((post) => network.answersTo(post) > 1);
  if (twice.length > 0) throw new Error(`Answered more than once: ${twice.join(', ')}`);
  return { requests: posts.length, published: published.size, answered: answered().length };
}
