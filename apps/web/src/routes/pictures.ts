import { drawingRefs } from '@mosaicme/contracts';
import { Router } from 'express';
import { drawingNameOf } from '../http/drawing-name';
import { readOnly } from '../http/methods';
import { idOf } from '../http/parameters';
import { sendObject } from '../http/picture';
import { notFound } from '../http/problem';
import type { Lookup } from '../mosaics/lookup';
import { picturePath, thumbnailPath } from '../mosaics/present';
import type { Settings, WebPorts } from '../ports';

type Drawing = ReturnType<typeof drawingRefs>;

/**
 * The pictures of a drawing and its recipe, streamed from the store under addresses that hold the
 * revision; and the addresses without it, which lead to the current one. Express answers HEAD by GET.
 */
export function pictureRoutes(
  { store }: Pick<WebPorts, 'store'>,
  lookup: Lookup,
  settings: Settings,
): Router {
  const routes = Router();
  const serve = (file: string, part: keyof Drawing, contentType: string): void => {
    routes
      .route(`/pictures/:campaign/:id/:revision/${file}`)
      .get(async (request, response) => {
        const drawing = drawingRefs(settings.buckets, drawingNameOf(request));
        await sendObject(request, response, store, drawing[part], { contentType });
      })
      .all(readOnly);
  };
  serve('large.jpg', 'picture', 'image/jpeg');
  serve('small.jpg', 'thumbnail', 'image/jpeg');
  serve('recipe', 'recipe', 'application/octet-stream');

  for (const [file, pathOf] of [
    ['large.jpg', picturePath],
    ['small.jpg', thumbnailPath],
  ] as const) {
    routes
      .route(`/mosaic/:id/${file}`)
      .get(async (request, response) => {
        const found = await lookup(idOf(request));
        if (found.state !== 'published') throw notFound('There is no picture at this address.');
        response.set('Cache-Control', 'no-cache').redirect(302, pathOf(found.entry.mosaic));
      })
      .all(readOnly);
  }
  return routes;
}
