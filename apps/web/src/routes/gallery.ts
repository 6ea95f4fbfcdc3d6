import type { Request, Response } from 'express';
import { pageOf } from '../http/parameters';
import { readListing } from '../mosaics/listing';
import { toApiMosaic } from '../mosaics/present';
import { galleryPage } from '../pages/gallery';
import type { Settings, WebPorts } from '../ports';

/** The gallery as a page. */
export function createGallery({ catalogue }: Pick<WebPorts, 'catalogue'>, settings: Settings) {
  return async (request: Request, response: Response): Promise<void> => {
    const wanted = pageOf(request, { defaultLimit: settings.pageSize });
    const { entries, next, count, isRebuilding } = await readListing(catalogue, wanted);
    const view = {
      mosaics: entries.map((entry) => toApiMosaic(entry, settings.publicUrl)),
      next,
      count,
      isFirstPage: wanted.after === undefined,
      isRebuilding,
    };
    response
      .set('Cache-Control', 'no-cache')
      .type('html')
      .send(galleryPage(settings, view).toString());
  };
}
