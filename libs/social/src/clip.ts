import { maxNameLength, maxTextLength } from '@mosaicme/contracts';
import type { Post } from './port';

/** The text, cut to at most `length` UTF-16 code units and never inside a character. */
export function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = text.slice(0, length);
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}

/** A post with text and names no longer than the contracts take, so that no post breaks them. */
export function clipPost(post: Post): Post {
  const { handle, name, ...author } = post.author;
  return {
    ...post,
    author: {
      ...author,
      handle: clip(handle, maxNameLength),
      ...(name !== undefined && { name: clip(name, maxNameLength) }),
    },
    text: clip(post.text, maxTextLength),
  };
}
