import type { EventOf } from '@mosaicme/contracts';
import { messageOf } from '@mosaicme/errors';
import express, { type Express } from 'express';
import { createCampaigns } from './campaigns/campaigns';
import { errorHandler, unknownAddress } from './http/errors';
import { requestLog } from './http/request-log';
import { securityHeaders } from './http/security';
import { EventHub } from './live/hub';
import { createLookup } from './mosaics/lookup';
import { answerOf, toApiMosaic } from './mosaics/present';
import { failureText } from './pages/failure';
import { siteOf } from './pages/layout';
import { settingsOf, type Settings, type WebOptions, type WebPorts } from './ports';
import { apiRoutes } from './routes/api';
import { deepZoomRoutes } from './routes/deep-zoom';
import { eventRoutes } from './routes/events';
import { galleryRoutes } from './routes/gallery';
import { mosaicRoutes } from './routes/mosaic';
import { pictureRoutes } from './routes/pictures';
import { statusRoutes } from './routes/status';
import { uploadRoutes } from './routes/upload';
import { HeartbeatRegistry, type InstanceStatus } from './status/registry';
import { createReporter } from './status/report';

export interface WebApp {
  /** Handles HTTP requests; give it to `http.createServer`. */
  readonly app: Express;
  /**
   * Resolves when live events are heard. Pages work before that: a broker that is away costs only
   * what is live.
   */
  readonly listening: Promise<void>;
  /** Ends the live connections, so that the server can close. The ports stay open: they are the caller's. */
  close(): Promise<void>;
}

/** How often lost instances are looked for; nothing else tells of an instance that fell silent. */
const statusCheckMs = 5_000;

const liveTypes = [
  'mosaic.published.v1',
  'mosaic.answered.v1',
  'mosaic.failed.v1',
  'mosaic.withdrawn.v1',
  'service.heartbeat.v1',
] as const;

/** Makes the web app: pages, JSON API, pictures, uploads and live events. It opens no port itself. */
export function createWebApp(ports: WebPorts, options: WebOptions): WebApp {
  const settings = settingsOf(options);
  const { logger, messaging } = ports;
  const registry = new HeartbeatRegistry();
  const hub = new EventHub({ maxListeners: settings.maxListeners });
  const announceStatus = createStatusAnnouncer(registry, hub);
  const statusCheck = setInterval(announceStatus, statusCheckMs);
  statusCheck.unref();

  const consumer = messaging.listen(liveTypes, (event) => {
    if (event.type === 'service.heartbeat.v1') {
      registry.observe(event.data, Date.now());
      announceStatus();
    } else {
      announceMosaic(hub, event, settings);
    }
  });
  const listening = consumer.then(
    () => undefined,
    (error: unknown) => logger.error({ error }, `No live events: ${messageOf(error)}`),
  );

  return {
    app: createExpress(ports, settings, registry, hub),
    listening,
    async close() {
      clearInterval(statusCheck);
      hub.close();
      const [heard] = await Promise.allSettled([consumer]);
      if (heard.status === 'fulfilled') await heard.value.close();
    },
  };
}

function createExpress(
  ports: WebPorts,
  settings: Settings,
  registry: HeartbeatRegistry,
  hub: EventHub,
): Express {
  const lookup = createLookup(ports, settings);
  const campaigns = createCampaigns(ports.campaigns, settings, ports.logger);
  const report = createReporter(ports, registry);
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', settings.trustProxy);
  app.set('query parser', 'simple');
  app.use(requestLog(ports.logger));
  app.use(securityHeaders(settings.publicUrl));
  app.use('/assets', settings.assets.serve);
  app.use(galleryRoutes({ ...ports, campaigns }, settings));
  app.use(pictureRoutes(ports, lookup, settings));
  app.use(deepZoomRoutes(ports, lookup, settings));
  app.use(mosaicRoutes({ ...ports, campaigns }, lookup, settings));
  app.use(uploadRoutes(ports, campaigns, settings));
  app.use(statusRoutes(report, settings));
  app.use('/api', eventRoutes(hub), apiRoutes(ports, campaigns, lookup, report, settings));
  app.use(unknownAddress);
  app.use(errorHandler(siteOf(settings)));
  return app;
}

type MosaicEvent = EventOf<
  'mosaic.published.v1' | 'mosaic.answered.v1' | 'mosaic.failed.v1' | 'mosaic.withdrawn.v1'
>;

function announceMosaic(hub: EventHub, event: MosaicEvent, { publicUrl }: Settings): void {
  switch (event.type) {
    case 'mosaic.published.v1':
      hub.publish({
        name: 'mosaic.published',
        data: toApiMosaic({ mosaic: event.data.mosaic }, publicUrl),
      });
      return;
    case 'mosaic.answered.v1':
      hub.publish({
        name: 'mosaic.answered',
        data: { id: event.data.id, answer: answerOf(event.data.answer) },
      });
      return;
    case 'mosaic.failed.v1': {
      const { id, campaign, code } = event.data;
      if (id === undefined) return;
      const reason = failureText(event.data).explanation;
      hub.publish({ name: 'mosaic.failed', data: { id, campaign, code, reason } });
      return;
    }
    case 'mosaic.withdrawn.v1': {
      const { id, campaign } = event.data;
      hub.publish({ name: 'mosaic.removed', data: { id, campaign } });
    }
  }
}

/** Tells browsers of a change of any instance's state, and not of every heartbeat. */
function createStatusAnnouncer(registry: HeartbeatRegistry, hub: EventHub): () => void {
  const essence = ({ app, instance, version, state }: InstanceStatus): object => ({
    app,
    instance,
    version,
    state,
  });
  let told = '[]';
  return () => {
    const instances = registry.snapshot(Date.now()).map(essence);
    const now = JSON.stringify(instances);
    if (now === told) return;
    told = now;
    hub.publish({ name: 'status', data: { instances } });
  };
}
