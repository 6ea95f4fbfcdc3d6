import type { MosaicRequest } from './events';
import { requestId } from './ids';
import type { Photo } from './photo';

/** A request for a mosaic of a photo in a campaign; its id follows from both. */
export const createRequest = (
  campaign: string,
  photo: Photo,
  {
    answerable,
    requestedAt = new Date(),
  }: { readonly answerable: boolean; readonly requestedAt?: Date },
): MosaicRequest => ({
  id: requestId(campaign, photo.id),
  campaign,
  photo,
  answerable,
  requestedAt: requestedAt.toISOString(),
});
