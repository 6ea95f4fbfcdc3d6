import { openCampaigns } from '@mosaicme/campaigns';
import { createRedisCatalogue, type Catalogue } from '@mosaicme/catalogue';
import type { WebConfig } from '@mosaicme/config';
import { createRequest, photoId } from '@mosaicme/contracts';
import { PermanentError } from '@mosaicme/errors';
import {
  startPipelineApp,
  submitRequest,
  type PipelineContext,
  type PipelineOverrides,
} from '@mosaicme/pipeline';
import { readRecord } from '@mosaicme/object-store';
import { rawRecordSchema } from '@mosaicme/requests';
import { withCorrelation, type RunningService } from '@mosaicme/service';
import { libraryStore, openTileReader, type TileReader } from '@mosaicme/tile-library';
import { randomUUID } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createWebApp } from './app';
import { measureHttp } from './http/measure';
import type { Credit, Upload, WebPorts } from './ports';

export interface RunningWeb extends RunningService {
  /** Address of the gallery, without a slash at the end. */
  readonly url: string;
}

/**
 * Serves the gallery. The pages answer before broker and store are there; they then say what is
 * missing.
 *
 * @param overrides.assetsFolder Folder with the gallery's scripts and styles.
 */
export async function startWeb(
  config: WebConfig,
  overrides: PipelineOverrides & {
    readonly assetsFolder: string;
    readonly catalogue?: Catalogue;
  },
): Promise<RunningWeb> {
  const { web, media, publicSite, buckets } = config;
  let announce: (url: string) => void = () => undefined;
  const address = new Promise<string>((resolve) => {
    announce = resolve;
  });
  let listening: Promise<void> = Promise.resolve();

  const service = await startPipelineApp('web', config, overrides, {
    open: async (context) => {
      const { logger, onStop, addCheck } = context;
      const catalogue = overrides.catalogue ?? createRedisCatalogue({ ...config.redis, logger });
      if (!overrides.catalogue) onStop('catalogue', () => catalogue.close());
      addCheck('catalogue', () => catalogue.ping());

      const site = createWebApp(
        { ...webPorts(context, buckets), catalogue },
        {
          assetsDir: overrides.assetsFolder,
          publicUrl: publicSite.url,
          title: web.title,
          hashtag: web.requestHashtag,
          botHandle: web.botHandle,
          buckets,
          uploadEnabled: web.uploads,
          uploadMaxBytes: media.maxBytes,
          uploadsPerMinute: web.uploadsPerMinute,
          uploadsPerAddress: web.uploadsPerAddress,
          uploadsAtOnce: web.uploadsAtOnce,
          trustProxy: web.trustProxy,
        },
      );
      listening = site.listening;
      const server = await listen(measureHttp(context.metrics, site.app), web.host, web.port);
      onStop('gallery', async () => {
        const closed = server.close();
        await site.close();
        await closed;
      });
      logger.info({ url: server.url }, 'the gallery is open');
      announce(server.url);
    },
    work: () => listening,
  });
  const failure = service.failed.then(async (reason) => {
    await service.close();
    throw reason;
  });
  failure.catch(() => undefined);
  return { ...service, url: await Promise.race([address, failure]) };
}

/** Small photos in memory, for each tile library that mosaics are drawn from. */
const tileMemoryBytes = 128_000_000;

function webPorts(
  context: PipelineContext,
  buckets: WebConfig['buckets'],
): Omit<WebPorts, 'catalogue'> {
  const { store, messaging, logger, keys, tracing, metrics } = context;
  const readers = new Map<string, TileReader>();
  return {
    store,
    messaging,
    logger,
    campaigns: openCampaigns({ store, keys, buckets }, { logger }),
    submitRequest: async ({ campaign, bytes, declaredType, handle, name, text }: Upload) => {
      const source = {
        network: 'web',
        instance: 'web',
        postId: randomUUID(),
        mediaIndex: 0,
      } as const;
      const photo = {
        id: photoId(source),
        ...source,
        author: { handle, ...(name !== undefined && { name }) },
        ...(text !== undefined && { text }),
        postedAt: new Date().toISOString(),
      };
      const request = createRequest(campaign, photo, { answerable: false });
      const { id } = request;
      await withCorrelation(id, () =>
        tracing.span('accept upload', { kind: 'server' }, () =>
          submitRequest(context, request, { bytes, contentType: declaredType }),
        ),
      );
      return { id };
    },
    tileCredit: async (id: string): Promise<Credit | undefined> => {
      const found = await readRecord(store, keys.rawRecord(id), rawRecordSchema);
      if (!found) return undefined;
      const { network, author, link } = found.record.photo;
      return { network, handle: author.handle, name: author.name, link };
    },
    tiles: (library) => {
      let reader = readers.get(library);
      if (!reader) {
        reader = openTileReader({
          store: libraryStore(store, buckets.tiles, library),
          bucket: buckets.tiles,
          memoryBudgetBytes: tileMemoryBytes,
          logger,
          metrics,
        });
        readers.set(library, reader);
      }
      return reader;
    },
  };
}

async function listen(
  handler: RequestListener,
  host: string,
  port: number,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer(handler);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new PermanentError(
          'web.port',
          `The gallery cannot listen on ${host}:${port} (${cause.message}); set WEB_PORT to a free port.`,
          { cause },
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host === '0.0.0.0' ? 'localhost' : host}:${address.port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeIdleConnections();
      }),
  };
}
