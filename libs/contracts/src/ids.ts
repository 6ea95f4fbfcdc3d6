import { createHash, randomBytes } from 'node:crypto';
import type { NetworkName } from './photo';

/**
 * The id of a photo: the first 128 bits of SHA-256 over its source, in hexadecimal. The same post
 * always gets the same id, so a redelivery or a second collector lands on the same keys.
 */
export function photoId(source: {
  network: NetworkName;
  postId: string;
  mediaIndex: number;
}): string {
  return createHash('sha256')
    .update(JSON.stringify([source.network, source.postId, source.mediaIndex]))
    .digest('hex')
    .slice(0, 32);
}

/** A new W3C trace context (`00-<trace>-<span>-01`), for the first event of a request. */
export function newTraceparent(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
}

/** The trace context of an event that `parent` led to: the same trace, a span of its own. */
export function childTraceparent(parent: string): string {
  return `${parent.slice(0, 36)}${randomBytes(8).toString('hex')}${parent.slice(52)}`;
}
