import { Router, type ErrorRequestHandler, type RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import { discardBody, readForm, tooLarge } from '../http/multipart';
import { prefersHtml } from '../http/parameters';
import { HttpProblem, notFound } from '../http/problem';
import { loggerOf } from '../http/request-log';
import { mosaicPath } from '../mosaics/present';
import { maxNameLength, maxTextLength, uploadPage } from '../pages/upload';
import type { Settings, Upload, WebPorts } from '../ports';

/** What the form may weigh beside the photo: names, boundaries, two short texts. */
const formOverheadBytes = 64 * 1024;
const maxBytesPerCharacter = 4;

/**
 * The upload page and where it sends its form. The photo's bytes are handed on as they came; only
 * sync-downloader decodes them.
 */
export function uploadRoutes(
  { submitRequest }: Pick<WebPorts, 'submitRequest'>,
  settings: Settings,
): Router {
  const routes = Router();
  routes.use('/upload', (_request, _response, next) => {
    next(settings.uploadEnabled ? undefined : notFound('Uploads are switched off here.'));
  });

  routes.get('/upload', (_request, response) => {
    response.set('Cache-Control', 'no-cache').type('html').send(uploadPage(settings).toString());
  });

  routes.post(
    '/upload',
    limitRate(settings.uploadsPerMinute),
    limitLength(settings.uploadMaxBytes),
    limitConcurrency(settings.uploadsAtOnce),
    async (request, response) => {
      const { file, fields } = await readForm(request, response, {
        fileField: 'photo',
        maxFileBytes: settings.uploadMaxBytes,
        maxBodyBytes: settings.uploadMaxBytes + formOverheadBytes,
        maxFields: 8,
        maxFieldBytes: maxTextLength * maxBytesPerCharacter,
      });
      const { id } = await submitRequest({ ...file, ...authorOf(fields), ...textOf(fields) });
      loggerOf(response).info({ correlationId: id, bytes: file.bytes.length }, 'took an upload');
      const path = mosaicPath(id);
      if (prefersHtml(request)) response.redirect(303, path);
      else
        response
          .status(202)
          .location(path)
          .json({ id, url: settings.publicUrl + path });
    },
  );
  routes.use('/upload', hearToTheEnd(settings.uploadMaxBytes));
  return routes;
}

/** Without a name the mosaic is credited to a guest. */
function authorOf(fields: ReadonlyMap<string, string>): Pick<Upload, 'handle' | 'name'> {
  const name = plainLine(fields.get('name') ?? '', maxNameLength);
  return name === '' ? { handle: 'guest' } : { handle: name, name };
}

function textOf(fields: ReadonlyMap<string, string>): Pick<Upload, 'text'> {
  const text = (fields.get('text') ?? '').trim();
  if (text.length > maxTextLength) {
    throw new HttpProblem(
      413,
      'upload.text-too-long',
      `The text is longer than ${maxTextLength} characters, which is the limit.`,
    );
  }
  return text === '' ? {} : { text };
}

/** One line without control characters, without the @ that people put before their handle. */
const plainLine = (text: string, maxLength: number): string =>
  text
    .replace(/\p{C}+/gu, ' ')
    .trim()
    .replace(/^@+/, '')
    .slice(0, maxLength)
    .trim();

function limitRate(perMinute: number): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // A visitor may send any header; which of them count is what `trust proxy` says.
    validate: { xForwardedForHeader: false, forwardedHeader: false },
    handler: (_request, _response, next) => {
      next(
        new HttpProblem(
          429,
          'upload.too-many',
          `At most ${perMinute} photos a minute can be sent from one address. Please wait a minute.`,
          { 'Retry-After': '60' },
        ),
      );
    },
  });
}

/** Refuses a form whose own header says that its photo is too large, before any of it is kept. */
function limitLength(maxFileBytes: number): RequestHandler {
  return (request, _response, next) => {
    const length = Number(request.get('content-length') ?? 0);
    next(length > maxFileBytes + formOverheadBytes ? tooLarge({ maxFileBytes }) : undefined);
  };
}

/** Hears out a body that is refused, within a limit, so that the browser gets the answer. */
function hearToTheEnd(maxBytes: number): ErrorRequestHandler {
  return async (error: unknown, request, response, next) => {
    const isComplete = await discardBody(request, maxBytes);
    if (!isComplete) response.set('Connection', 'close');
    next(error);
  };
}

/** Photos are held in memory until they are stored, so only so many at a time. */
function limitConcurrency(maxAtOnce: number): RequestHandler {
  let atWork = 0;
  return (_request, response, next) => {
    if (atWork >= maxAtOnce) {
      next(
        new HttpProblem(
          503,
          'upload.busy',
          'Many photos are being sent at this moment. Please try again in a few seconds.',
          { 'Retry-After': '5' },
        ),
      );
      return;
    }
    atWork += 1;
    response.once('close', () => {
      atWork -= 1;
    });
    next();
  };
}
