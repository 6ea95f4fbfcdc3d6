import type { CampaignDirectory } from '@mosaicme/campaigns';
import type { Catalogue } from '@mosaicme/catalogue';
import type { BucketNames, NetworkName } from '@mosaicme/contracts';
import type { Messaging } from '@mosaicme/messaging';
import type { ObjectStore } from '@mosaicme/object-store';
import type { Logger } from '@mosaicme/service';
import type { TileReader } from '@mosaicme/tile-library';
import { openAssets, type Assets } from './http/assets';

/** Whom a photo belongs to. */
export interface Credit {
  readonly network: NetworkName;
  /** Without the leading @. */
  readonly handle: string;
  readonly name?: string | undefined;
  /** The post on its network. */
  readonly link?: string | undefined;
}

/** A photo that a visitor sent by the upload page. Its bytes are untrusted and are not decoded here. */
export interface Upload {
  /** Slug of the campaign that it is for. */
  readonly campaign: string;
  readonly bytes: Uint8Array;
  readonly handle: string;
  readonly name?: string;
  readonly text?: string;
  /** The media type that the browser declared, for example `image/jpeg`. Untrusted. */
  readonly declaredType: string;
}

/** All that the web app needs of the world. */
export interface WebPorts {
  readonly store: ObjectStore;
  readonly catalogue: Catalogue;
  readonly campaigns: CampaignDirectory;
  readonly messaging: Messaging;
  readonly logger: Logger;
  /** Stores the photo, then announces the request. Resolves with the id of the request. */
  submitRequest(upload: Upload): Promise<{ readonly id: string }>;
  /** Whom a small photo of a mosaic belongs to; undefined when it is not known or was removed. */
  tileCredit(id: string): Promise<Credit | undefined>;
  /** The small photos of a library, for drawing. The same reader each time. */
  tiles(library: string): TileReader;
}

export interface WebOptions {
  /** Folder of `client.js`, `style.css` and `favicon.svg`. */
  readonly assetsDir: string;
  /** Origin under which visitors reach the gallery, for example `https://mosaic.example`. */
  readonly publicUrl: string;
  /** Name of the event, shown on every page. */
  readonly title: string;
  /** Hashtag of a request, without #. */
  readonly hashtag: string;
  /** Handle to mention in a post, without @. */
  readonly botHandle?: string | undefined;
  readonly buckets: BucketNames;
  readonly uploadEnabled: boolean;
  /** Bytes. */
  readonly uploadMaxBytes: number;
  /** How many proxies in front of this server may name the visitor's address; 0 trusts none. */
  readonly trustProxy: number;
  /** Uploads that one device may make in a minute. */
  readonly uploadsPerMinute?: number;
  /** Uploads that one address may make in a minute: a hall of people may share it. */
  readonly uploadsPerAddress?: number;
  /** Uploads that are held in memory at the same time. */
  readonly uploadsAtOnce?: number;
  /** Browsers that may hear live events at the same time. */
  readonly maxListeners?: number;
  /** Mosaics on a page of the gallery, 1 to 200. */
  readonly pageSize?: number;
  /** Bytes of drawn deep-zoom tiles that are kept. */
  readonly drawnTilesBytes?: number;
}

/** Options with every default filled in. */
export type Settings = Required<Omit<WebOptions, 'botHandle' | 'assetsDir'>> &
  Pick<WebOptions, 'botHandle'> & {
    readonly assets: Assets;
    /** The address of an asset. */
    readonly asset: Assets['address'];
  };

/** Fills in the defaults and reads the assets. The address loses its trailing slash. */
export function settingsOf(options: WebOptions): Settings {
  const { assetsDir, ...rest } = options;
  const assets = openAssets(assetsDir);
  return {
    uploadsPerMinute: 10,
    uploadsPerAddress: 300,
    uploadsAtOnce: 8,
    maxListeners: 1_000,
    pageSize: 24,
    drawnTilesBytes: 64_000_000,
    ...rest,
    assets,
    asset: assets.address,
    publicUrl: options.publicUrl.replace(/\/+$/, ''),
  };
}
