import { createHash, randomBytes } from 'node:crypto';
import type { Photo, SourceItem } from './photo';

/** 128 bits of SHA-256 over the parts, in hexadecimal. */
const idOf = (...parts: readonly (string | number)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);

/**
 * The id of a photo, derived from all of its source, so that a redelivery, an edit or a second
 * collector lands on the same keys.
 */
export const photoId = ({ network, instance, postId, mediaIndex }: SourceItem): string =>
  idOf(network, instance, postId, mediaIndex);

/** The id of a request: one photo can be asked for in several campaigns. The mosaic has the same id. */
export const requestId = (campaign: string, photo: string): string => idOf(campaign, photo);

/**
 * The key of an author in lists of people who were banned or opted out: an account by its own id where
 * the network has one, else by its handle.
 */
export const authorKey = ({
  network,
  instance,
  author,
}: Pick<Photo, 'network' | 'instance' | 'author'>): string =>
  idOf('author', network, instance, author.id ?? `@${author.handle.toLowerCase()}`);

/** A new W3C trace context (`00-<trace>-<span>-01`), for the first event of a request. */
export function newTraceparent(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
}

/** The trace context of an event that `parent` led to: the same trace, a span of its own. */
export function childTraceparent(parent: string): string {
  return `${parent.slice(0, 36)}${randomBytes(8).toString('hex')}${parent.slice(52)}`;
}
