import { objectKeys, type ObjectRef } from '@mosaicme/contracts';
import { Router } from 'express';
import { idOf } from '../http/parameters';
import { sendObject } from '../http/picture';
import type { Settings, WebPorts } from '../ports';

/** The pictures of a mosaic and its recipe, streamed from the store. Express answers HEAD by GET. */
export function pictureRoutes({ store }: Pick<WebPorts, 'store'>, settings: Settings): Router {
  const keys = objectKeys(settings.buckets);
  const routes = Router();
  const serve = (file: string, refOf: (id: string) => ObjectRef, contentType: string): void => {
    routes.get(`/mosaic/:id/${file}`, async (request, response) => {
      await sendObject(request, response, store, refOf(idOf(request)), { contentType });
    });
  };
  serve('large.jpg', keys.picture, 'image/jpeg');
  serve('small.jpg', keys.thumbnail, 'image/jpeg');
  serve('recipe', keys.recipe, 'application/octet-stream');
  return routes;
}
