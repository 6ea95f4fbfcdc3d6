import { createHash } from 'node:crypto';
import { sameName } from '@mosaicme/social';
import { createIdSource } from './snowflake';

export interface User {
  readonly id: string;
  readonly username: string;
  readonly name: string;
}

export interface Photo {
  /** X's media key, `3_…`. */
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly altText?: string;
  /** A photo unless given; of the others only a preview exists here. */
  readonly kind?: 'photo' | 'video' | 'animated_gif';
}

export type NewPhoto = Omit<Photo, 'key'>;

export interface TimelinePost {
  readonly id: string;
  /** The ids of all versions of this post up to this one; the last is its own. */
  readonly history: readonly string[];
  readonly author: User;
  readonly text: string;
  readonly createdAt: Date;
  readonly photos: readonly Photo[];
  readonly inReplyTo?: string;
  readonly quotes?: string;
  readonly reposts?: string;
}

export type NewPost = Pick<TimelinePost, 'author' | 'text' | 'inReplyTo' | 'quotes' | 'reposts'> & {
  readonly photos: readonly NewPhoto[];
};

export interface TimelineListener {
  posted?(post: TimelinePost): void;
  removed?(id: string): void;
}

export interface TimelineLimits {
  /** Posts kept; the oldest are forgotten. */
  readonly maxPosts: number;
  /** Bytes of all different photos kept; the oldest posts are forgotten. */
  readonly maxStoredBytes: number;
}

/** The whole little world: accounts and posts, in memory, bounded. */
export interface Timeline {
  readonly nextId: () => string;
  /** The account of that name, made on first use. */
  user(username: string, name?: string): User;
  findUser(username: string): User | undefined;
  add(post: NewPost): TimelinePost;
  /** A new version of a post, with an id of its own; the old version stays under its id. */
  edit(id: string, text: string): TimelinePost | undefined;
  /** Its posts are not to be seen any more: the account is protected or suspended. */
  hide(user: User): void;
  isHidden(user: User): boolean;
  remove(id: string): boolean;
  /** Every version, the hidden ones included. */
  get(id: string): TimelinePost | undefined;
  /** What is to be seen: the latest versions, oldest first. */
  posts(): TimelinePost[];
  photo(key: string): Photo | undefined;
  /** @returns a function that unsubscribes. */
  listen(listener: TimelineListener): () => void;
}

export function createTimeline(limits: TimelineLimits): Timeline {
  const nextId = createIdSource();
  const users = new Map<string, User>();
  const posts = new Map<string, TimelinePost>();
  const photos = new Map<string, Photo>();
  const listeners = new Set<TimelineListener>();
  const store = createByteStore();
  const hidden = new Set<string>();
  const outdated = new Set<string>();

  const remove = (id: string): boolean => {
    const post = posts.get(id);
    if (!post) return false;
    posts.delete(id);
    outdated.delete(id);
    for (const { key, bytes } of post.photos) {
      photos.delete(key);
      store.release(bytes);
    }
    for (const listener of listeners) listener.removed?.(id);
    // With a post its other versions are gone.
    for (const version of [...posts.values()]) {
      if (version.history[0] === post.history[0]) remove(version.id);
    }
    return true;
  };

  return {
    nextId,
    user(username, name) {
      const known = users.get(username.toLowerCase());
      if (known) return known;
      const user = { id: nextId(), username, name: name ?? username };
      users.set(username.toLowerCase(), user);
      return user;
    },
    findUser: (username) => users.get(username.toLowerCase()),
    add(newPost) {
      const kept = newPost.photos.map((photo) => ({
        ...photo,
        key: `3_${nextId()}`,
        bytes: store.keep(photo.bytes),
      }));
      const id = nextId();
      const post = { ...newPost, id, history: [id], createdAt: new Date(), photos: kept };
      for (const photo of kept) photos.set(photo.key, photo);
      posts.set(post.id, post);
      for (const oldest of posts.keys()) {
        const fits = posts.size <= limits.maxPosts && store.size() <= limits.maxStoredBytes;
        if (fits || oldest === post.id) break;
        remove(oldest);
      }
      for (const listener of listeners) listener.posted?.(post);
      return post;
    },
    edit(id, text) {
      const latest = [...posts.values()].find(({ history }) => history.at(-1) === id);
      if (!latest) return undefined;
      const newId = nextId();
      const photos = latest.photos.map((photo) => ({ ...photo, bytes: store.keep(photo.bytes) }));
      const post = { ...latest, id: newId, text, photos, history: [...latest.history, newId] };
      outdated.add(latest.id);
      posts.set(newId, post);
      for (const listener of listeners) listener.posted?.(post);
      return post;
    },
    hide: (user) => void hidden.add(user.id),
    isHidden: (user) => hidden.has(user.id),
    remove,
    get: (id) => posts.get(id),
    posts: () =>
      [...posts.values()].filter(({ id, author }) => !outdated.has(id) && !hidden.has(author.id)),
    photo: (key) => photos.get(key),
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Keeps equal bytes once: a demo posts the same photo many times. */
function createByteStore() {
  const kept = new Map<string, { bytes: Uint8Array; uses: number }>();
  let size = 0;
  const nameOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  return {
    size: () => size,
    keep(bytes: Uint8Array): Uint8Array {
      const name = nameOf(bytes);
      const entry = kept.get(name) ?? { bytes, uses: 0 };
      if (entry.uses++ === 0) {
        kept.set(name, entry);
        size += bytes.length;
      }
      return entry.bytes;
    },
    release(bytes: Uint8Array): void {
      const name = nameOf(bytes);
      const entry = kept.get(name);
      if (!entry || --entry.uses > 0) return;
      kept.delete(name);
      size -= bytes.length;
    },
  };
}

/** Has the author of the post drawn the account into it: by a mention, or by quoting one of its posts? */
export function engages(
  post: TimelinePost,
  account: User,
  mentions: readonly string[],
  timeline: Pick<Timeline, 'get'>,
): boolean {
  const quoted = post.quotes === undefined ? undefined : timeline.get(post.quotes);
  return (
    mentions.some((name) => sameName(name, account.username)) || quoted?.author.id === account.id
  );
}
