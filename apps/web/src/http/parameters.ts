import { campaignSlugSchema, photoIdSchema } from '@mosaicme/contracts';
import type { Request } from 'express';
import { HttpProblem, notFound } from './problem';

/**
 * The id in the address.
 * @throws HttpProblem 404 when it is no id at all: then nothing can have it.
 */
export function idOf(request: Request): string {
  const id = photoIdSchema.safeParse(request.params['id']);
  if (!id.success) throw notFound('There is nothing here: the address holds no valid id.');
  return id.data;
}

/**
 * The slug of a campaign in the address.
 * @throws HttpProblem 404 when it is no slug at all: then nothing can have it.
 */
export function slugOf(request: Request): string {
  const slug = campaignSlugSchema.safeParse(request.params['campaign']);
  if (!slug.success) throw notFound('There is no event at this address.');
  return slug.data;
}

const maxCursorLength = 512;

/**
 * Reads `?limit=` and `?after=`.
 * @throws HttpProblem 400 naming the parameter and its range.
 */
export function pageOf(
  request: Request,
  { defaultLimit }: { readonly defaultLimit: number },
): { limit: number; after?: string } {
  const { limit: limitText, after } = request.query;
  const limit = limitText === undefined ? defaultLimit : Number(limitText);
  if (!Number.isInteger(limit) || limit < 1 || limit > 200) {
    throw new HttpProblem(400, 'limit.invalid', `'limit' must be a whole number from 1 to 200.`);
  }
  if (after === undefined || after === '') return { limit };
  if (typeof after !== 'string' || after.length > maxCursorLength) {
    throw badCursor();
  }
  return { limit, after };
}

/** The place in the list at which a page shall begin is none. */
export const badCursor = (): HttpProblem =>
  new HttpProblem(
    400,
    'after.invalid',
    `'after' must be the 'next' of the page before; leave it out to start anew.`,
  );

/** Does the client prefer a page over JSON? A client that takes anything gets JSON. */
export const prefersHtml = (request: Request): boolean =>
  request.accepts(['json', 'html']) === 'html';
