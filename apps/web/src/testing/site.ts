import { openCampaigns, type campaignSchema } from '@mosaicme/campaigns';
import { createMemoryCatalogue } from '@mosaicme/catalogue';
import {
  defaultBucketNames,
  objectKeys,
  photoId,
  type ObjectRef,
  type PublishedMosaic,
  defaultCampaign,
  drawingRefs,
  requestId,
} from '@mosaicme/contracts';
import { createMemoryBroker } from '@mosaicme/messaging';
import { createFolderStore } from '@mosaicme/object-store';
import type { Decision } from '@mosaicme/requests';
import { silentLogger } from '@mosaicme/service';
import { libraryStore, openTileReader } from '@mosaicme/tile-library';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import { createWebApp } from '../app';
import type { Upload, WebOptions, WebPorts } from '../ports';

export const keys = objectKeys(defaultBucketNames);
export const publicUrl = 'https://mosaic.example';

/** A web app on the embedded adapters, reached over real HTTP. */
export type TestSite = Awaited<ReturnType<typeof startSite>>;

export async function startSite(
  options: Partial<WebOptions> = {},
  overrides: Partial<WebPorts> = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'mosaicme-web-'));
  await writeFile(join(folder, 'style.css'), 'body{}');
  const store = createFolderStore({ root: join(folder, 'store') });
  for (const bucket of Object.values(defaultBucketNames)) await store.ensureBucket(bucket);
  const catalogue = overrides.catalogue ?? createMemoryCatalogue();
  if (!overrides.catalogue) await catalogue.rebuild((async function* () {})());
  const broker = createMemoryBroker({ logger: silentLogger });
  const messaging = broker.connect();
  const uploads: Upload[] = [];

  const ports: WebPorts = {
    store,
    catalogue,
    campaigns: openCampaigns(
      { store, keys, buckets: defaultBucketNames },
      { logger: silentLogger, maxAgeMs: -1 },
    ),
    messaging,
    logger: silentLogger,
    submitRequest: async (upload) => {
      uploads.push(upload);
      return { id: idOf(`upload-${uploads.length}`) };
    },
    tileCredit: async (id) =>
      id === idOf('tile') ? { network: 'x', handle: 'tess', link: 'https://x.com/t/1' } : undefined,
    tiles: (library) =>
      openTileReader({
        store: libraryStore(store, defaultBucketNames.tiles, library),
        bucket: defaultBucketNames.tiles,
        memoryBudgetBytes: 10_000_000,
        refreshMs: 0,
        logger: silentLogger,
      }),
    ...overrides,
  };
  const site = createWebApp(ports, {
    assetsDir: folder,
    publicUrl,
    title: 'Test <Event>',
    hashtag: 'mosaictest',
    botHandle: 'bot',
    buckets: defaultBucketNames,
    uploadEnabled: true,
    uploadMaxBytes: 100_000,
    trustProxy: 0,
    ...options,
  });
  await site.listening;
  const server = createServer(site.app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    store,
    catalogue,
    messaging,
    uploads,
    /** Fetches a path without following redirects. */
    get: (path: string, headers: Record<string, string> = {}) =>
      fetch(url + path, { headers, redirect: 'manual' }),
    /** Fetches a path as a browser does. */
    page: async (path: string) => {
      const response = await fetch(url + path, { headers: browser, redirect: 'manual' });
      return { response, text: await response.text() };
    },
    put: (ref: ObjectRef, content: string | Uint8Array) =>
      store.put(ref, typeof content === 'string' ? new TextEncoder().encode(content) : content),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      await site.close();
      server.closeAllConnections();
      await closed;
      await messaging.close();
      broker.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What a browser says that it accepts. */
export const browser = {
  Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8',
};

/** The id of a photo by a name, for tests. */
export const idOf = (name: string): string => requestId(defaultCampaign, photoIdOf(name));

const photoIdOf = (name: string): string =>
  photoId({ network: 'x', instance: 'x.com', postId: name, mediaIndex: 0 });

/** Facts about the request of this name, as they lie in the buckets. */
export const facts = (site: Pick<TestSite, 'put'>, name: string, campaign = defaultCampaign) => {
  const id = idOf(name);
  const { photo } = mosaicOf(name);
  const at = '2026-01-01T00:00:01.000Z';
  const put = (ref: ObjectRef, record: object) => site.put(ref, JSON.stringify(record));
  return {
    id,
    received: () =>
      put(keys.requestRecord(id), {
        request: { id, campaign, photo, answerable: true, requestedAt: at },
        object: keys.requestPhoto(id),
      }),
    prepared: () => site.put(keys.target(id), 'target'),
    drawn: () => site.put(drawingOf(name).thumbnail, 'thumbnail'),
    putAside: () => site.put(keys.heldRecord(id), '{}'),
    published: () => put(keys.mosaicRecord(id), mosaicOf(name)),
    failed: (code = 'image.truncated', reason = 'The file ends in the middle.') =>
      put(keys.failureRecord(id), { id, step: 'prepare', code, reason, attempts: 1, failedAt: at }),
    decided: (...verbs: readonly Decision['verb'][]) =>
      put(keys.decisions(id), {
        subject: id,
        decisions: verbs.map((verb) => ({ verb, by: 'a moderator', at, why: 'a secret reason' })),
      }),
  };
};

/** Stores a campaign. */
export const putCampaign = (
  site: Pick<TestSite, 'put'>,
  campaign: z.input<typeof campaignSchema>,
): Promise<unknown> => site.put(keys.campaign(campaign.slug), JSON.stringify(campaign));

/** Where the drawing of the mosaic of this name lies. */
export const drawingOf = (name: string) => drawingRefs(defaultBucketNames, drawingNameOf(name));

const drawingNameOf = (name: string) => ({
  campaign: defaultCampaign,
  id: idOf(name),
  revision: '5f0c9a17be34d268',
});

/** The public address of that drawing, without the file. */
export const drawingPathOf = (name: string): string => {
  const { campaign, id, revision } = drawingNameOf(name);
  return `/pictures/${campaign}/${id}/${revision}`;
};

/** A published mosaic; `minute` orders them. */
export function mosaicOf(
  name: string,
  {
    minute = 0,
    photo = {},
    campaign = defaultCampaign,
  }: { minute?: number; photo?: Partial<PublishedMosaic['photo']>; campaign?: string } = {},
): PublishedMosaic {
  return {
    ...drawingNameOf(name),
    campaign,
    answerable: true,
    library: defaultCampaign,
    photo: {
      id: photoIdOf(name),
      network: 'x',
      instance: 'x.com',
      postId: name,
      mediaIndex: 0,
      author: { handle: `by-${name}` },
      link: `https://x.com/by-${name}/status/1`,
      postedAt: '2026-01-01T00:00:00.000Z',
      ...photo,
    },
    ...drawingOf(name),
    size: { width: 640, height: 480 },
    grid: { columns: 20, rows: 15, tileSize: 32 },
    distinctTiles: 250,
    requestedAt: '2026-01-01T00:00:01.000Z',
    publishedAt: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(),
  };
}
