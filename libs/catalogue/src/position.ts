import type { PublishedMosaic } from '@mosaicme/contracts';
import { PermanentError } from '@mosaicme/errors';

/** Where a mosaic stands in the list: it depends on nothing else in it. */
export interface Position {
  /** Milliseconds since 1970. */
  readonly publishedAt: number;
  readonly id: string;
}

/** Where a mosaic stands. */
export const positionOf = ({ id, publishedAt }: PublishedMosaic): Position => ({
  id,
  publishedAt: Date.parse(publishedAt),
});

/** Sorts the newest first; of the same millisecond, the greater id. */
export function newestFirst(one: Position, other: Position): number {
  if (one.publishedAt !== other.publishedAt) return other.publishedAt - one.publishedAt;
  if (one.id === other.id) return 0;
  return one.id < other.id ? 1 : -1;
}

/**
 * A position as an opaque text. A page that begins after a position neither repeats nor skips anything
 * when mosaics are added, and does not need the mosaic at the position to be there still.
 */
export const toCursor = ({ publishedAt, id }: Position): string =>
  Buffer.from(`${publishedAt} ${id}`).toString('base64url');

/** @throws PermanentError `catalogue.bad-cursor` when the text is no cursor. */
export function fromCursor(cursor: string): Position {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [, publishedAt, id] = /^(-?\d{1,16}) ([0-9a-f]{32})$/.exec(text) ?? [];
  if (publishedAt === undefined || id === undefined) {
    throw new PermanentError(
      'catalogue.bad-cursor',
      `'${cursor}' is no place in the list. Begin at the first page, and read on with its 'next'.`,
    );
  }
  return { publishedAt: Number(publishedAt), id };
}

/** Mosaics on a page at most. */
const maxLimit = 200;

/** @throws RangeError unless the limit is a whole number from 1 to 200. */
export function checkLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit) {
    throw new RangeError(`A page has 1 to ${maxLimit} mosaics, not ${limit}.`);
  }
}
