import { campaignSlugSchema, revisionSchema, type DrawingName } from '@mosaicme/contracts';
import type { Request } from 'express';
import { idOf } from './parameters';
import { notFound } from './problem';

/** The drawing that `:campaign/:id/:revision` of an address name. @throws HttpProblem 404 */
export function drawingNameOf(request: Request): DrawingName {
  const campaign = campaignSlugSchema.safeParse(request.params['campaign']);
  const revision = revisionSchema.safeParse(request.params['revision']);
  if (!campaign.success || !revision.success) {
    throw notFound('There is no picture at this address.');
  }
  return { campaign: campaign.data, id: idOf(request), revision: revision.data };
}
