import { defaultCampaign } from '@mosaicme/contracts';
import { Router, type ErrorRequestHandler, type Request, type RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { checkOpen, type Campaigns } from '../campaigns/campaigns';
import { uploadPath } from '../campaigns/view';
import { plainLine } from '../html/plain-line';
import { deviceOf, nameDevice } from '../http/device';
import { onlyAllow } from '../http/methods';
import { discardBody, readForm, tooLarge } from '../http/multipart';
import { prefersHtml, slugOf } from '../http/parameters';
import { HttpProblem, notFound } from '../http/problem';
import { loggerOf } from '../http/request-log';
import { sameOriginOnly } from '../http/same-origin';
import { mosaicPath } from '../mosaics/present';
import { siteOf } from '../pages/layout';
import { maxNameLength, maxTextLength, uploadPage } from '../pages/upload';
import type { Settings, Upload, WebPorts } from '../ports';

/** What the form may weigh beside the photo: names, boundaries, two short texts. */
const formOverheadBytes = 64 * 1024;
const maxBytesPerCharacter = 4;

/**
 * The upload page of each campaign and where it sends its form; `/upload` is that of the campaign
 * `default`. The photo's bytes are handed on as they came; only sync-downloader decodes them.
 */
export function uploadRoutes(
  { submitRequest }: Pick<WebPorts, 'submitRequest'>,
  campaigns: Campaigns,
  settings: Settings,
): Router {
  const routes = Router();
  const paths = ['/upload', '/c/:campaign/upload'];
  const slugIn = (request: Request): string =>
    request.params['campaign'] === undefined ? defaultCampaign : slugOf(request);
  /** @throws HttpProblem where the campaign takes no photos. */
  const openCampaign = async (request: Request) => {
    if (!settings.uploadEnabled) throw notFound('Uploads are switched off here.');
    const campaign = await campaigns.get(slugIn(request));
    checkOpen(campaign);
    return campaign;
  };

  routes
    .route(paths)
    .get(nameDevice(settings.publicUrl), async (request, response) => {
      const campaign = await openCampaign(request);
      const page = uploadPage(siteOf(settings, campaign), uploadPath(campaign.slug));
      response.set('Cache-Control', 'no-cache').type('html').send(page.toString());
    })
    .post(
      sameOriginOnly(settings.publicUrl),
      async (request, _response, next) => {
        await openCampaign(request);
        next();
      },
      ...limitRates(settings),
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
        const campaign = slugIn(request);
        const upload = { campaign, ...file, ...authorOf(fields), ...textOf(fields) };
        const { id } = await submitRequest(upload);
        loggerOf(response).info(
          { correlationId: id, campaign, bytes: file.bytes.length },
          'accepted an upload',
        );
        const path = mosaicPath(id);
        if (prefersHtml(request)) response.redirect(303, path);
        else
          response
            .status(202)
            .location(path)
            .json({ id, url: settings.publicUrl + path });
      },
    )
    .all(onlyAllow('GET', 'HEAD', 'POST'));
  routes.use(paths, hearToTheEnd(settings.uploadMaxBytes));
  return routes;
}

/** Without a name the mosaic is credited to a guest. */
function authorOf(fields: ReadonlyMap<string, string>): Pick<Upload, 'handle' | 'name'> {
  const name = plainLine((fields.get('name') ?? '').trim().replace(/^@+/, ''), maxNameLength);
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
  const line = plainLine(text, maxTextLength);
  return line === '' ? {} : { text: line };
}

/**
 * Two limits: a small one for a device, and a large one for an address, which a hall of people may share.
 * A client without the cookie of a device has the small one for its whole address.
 */
function limitRates({ uploadsPerMinute, uploadsPerAddress }: Settings): RequestHandler[] {
  const addressOf = (request: Request): string => ipKeyGenerator(request.ip ?? '');
  return [
    limitRate(uploadsPerAddress, addressOf, 'from one address'),
    limitRate(
      uploadsPerMinute,
      (request) => deviceOf(request) ?? addressOf(request),
      'from one device',
    ),
  ];
}

function limitRate(
  perMinute: number,
  keyGenerator: (request: Request) => string,
  whence: string,
): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    keyGenerator,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // A visitor may send any header; which of them count is what `trust proxy` says.
    validate: { xForwardedForHeader: false, forwardedHeader: false },
    handler: (_request, _response, next) => {
      next(
        new HttpProblem(
          429,
          'upload.too-many',
          `At most ${perMinute} photos a minute can be sent ${whence}. Please wait a minute.`,
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
  let inFlight = 0;
  return (_request, response, next) => {
    if (inFlight >= maxAtOnce) {
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
    inFlight += 1;
    response.once('close', () => {
      inFlight -= 1;
    });
    next();
  };
}
