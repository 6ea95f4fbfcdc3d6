import {
  dziDescription,
  iiifInfo,
  iiifPart,
  type DrawnPart,
  type Drawing,
} from '@mosaicme/drawing';
import { createByteCache } from '@mosaicme/tile-library';
import { Router, type Request, type Response } from 'express';
import { createHash } from 'node:crypto';
import { drawingNameOf } from '../http/drawing-name';
import { immutableForADay } from '../http/picture';
import { notFound } from '../http/problem';
import { createDrawings } from '../mosaics/drawings';
import type { Lookup } from '../mosaics/lookup';
import { iiifPath } from '../mosaics/present';
import type { Settings, WebPorts } from '../ports';

/** A drawn part with its strong validator. */
interface Kept {
  readonly jpeg: Uint8Array;
  readonly etag: string;
}

const iiifContext = 'http://iiif.io/api/image/3/context.json';

/**
 * Published mosaics in parts, drawn when they are asked for: as a Deep Zoom Image and as an image service
 * of IIIF (Image API 3, level 0), for viewers of any origin. Addresses hold the revision.
 */
export function deepZoomRoutes(
  ports: Pick<WebPorts, 'store' | 'tiles'>,
  lookup: Lookup,
  settings: Settings,
): Router {
  const routes = Router();
  const drawings = createDrawings(ports, lookup, settings.buckets);
  const kept = createByteCache<Kept>(settings.drawnTilesBytes);
  const base = '/pictures/:campaign/:id/:revision';

  async function drawingAt(request: Request, response: Response): Promise<Drawing> {
    response.set({
      'Access-Control-Allow-Origin': '*',
      'Cross-Origin-Resource-Policy': 'cross-origin',
    });
    const drawing = await drawings(drawingNameOf(request));
    if (drawing) return drawing;
    throw notFound('There is no mosaic at this address, or it was drawn anew. Reload its page.');
  }

  /** Sends a part, or 304 to who has it. One that may heal is not to be kept by anybody. */
  async function send(
    request: Request,
    response: Response,
    key: string,
    draw: () => Promise<DrawnPart | undefined>,
  ): Promise<void> {
    let part = kept.get(key);
    let isComplete = true;
    if (!part) {
      const drawn = await draw();
      if (!drawn) throw notFound('The mosaic has no part at this address.');
      part = { jpeg: drawn.jpeg, etag: `"${hashOf(drawn.jpeg)}"` };
      isComplete = drawn.isComplete;
      if (isComplete) kept.set(key, part, part.jpeg.length);
    }
    response.set({
      ETag: part.etag,
      'Cache-Control': isComplete ? immutableForADay : 'no-store',
    });
    if (request.fresh) {
      response.status(304).end();
      return;
    }
    response
      .type('jpeg')
      .send(Buffer.from(part.jpeg.buffer, part.jpeg.byteOffset, part.jpeg.length));
  }

  routes.get(`${base}/deepzoom.dzi`, async (request, response) => {
    const { pyramid } = await drawingAt(request, response);
    response.set('Cache-Control', immutableForADay).type('application/xml');
    response.send(dziDescription(pyramid));
  });

  routes.get(`${base}/deepzoom_files/:level/:tile`, async (request, response) => {
    const drawing = await drawingAt(request, response);
    const place = /^(\d{1,9})_(\d{1,9})\.jpe?g$/.exec(request.params['tile'] ?? '');
    const level = /^\d{1,2}$/.exec(request.params['level'] ?? '')?.[0];
    if (!place || level === undefined) throw notFound('The mosaic has no part at this address.');
    const [number, column, row] = [Number(level), Number(place[1]), Number(place[2])];
    const key = `${keyOf(request)}/${number}/${column}_${row}`;
    await send(request, response, key, () => drawing.tile(number, column, row));
  });

  routes.get(`${base}/iiif`, (request, response) => {
    response.redirect(303, `${iiifPath(drawingNameOf(request))}/info.json`);
  });

  routes.get(`${base}/iiif/info.json`, async (request, response) => {
    const { pyramid } = await drawingAt(request, response);
    const id = settings.publicUrl + iiifPath(drawingNameOf(request));
    response.set('Cache-Control', immutableForADay);
    response.set('Content-Type', `application/ld+json;profile="${iiifContext}"`);
    response.send(JSON.stringify(iiifInfo(pyramid, id)));
  });

  routes.get(`${base}/iiif/:region/:size/0/default.jpg`, async (request, response) => {
    const drawing = await drawingAt(request, response);
    const { region = '', size = '' } = request.params as Record<string, string>;
    const wanted = iiifPart(drawing.pyramid, region, size);
    if (!wanted) {
      throw notFound('This image service offers the tiles and sizes of its info.json only.');
    }
    const { level, part } = wanted;
    const key = `${keyOf(request)}/${level.number}/${Object.values(part).join()}`;
    await send(request, response, key, () => drawing.region(level.number, part));
  });

  return routes;
}

function keyOf(request: Request): string {
  const { campaign, id, revision } = drawingNameOf(request);
  return `${campaign}/${id}/${revision}`;
}

const hashOf = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
