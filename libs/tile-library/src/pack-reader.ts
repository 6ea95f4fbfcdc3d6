import { codeOf, messageOf } from '@mosaicme/errors';
import type { ObjectStore } from '@mosaicme/object-store';
import type { Logger } from '@mosaicme/service';
import {
  decodePackIndex,
  decodeSegments,
  type PackEntry,
  type PackIndex,
  type PackSegments,
  type TileSize,
} from '@mosaicme/tile-pack';
import type { DiskCache } from './disk-cache';

/** Reads parts of packs, from the disk cache when they are there. */
export interface PackReader {
  /** @throws PermanentError `pack.damaged`, ObjectNotFound */
  index(entry: PackEntry): Promise<PackIndex>;
  /** @throws PermanentError `pack.damaged`, ObjectNotFound */
  segments(entry: PackEntry, index: PackIndex, size: TileSize): Promise<PackSegments>;
}

/** The name under which the disk cache keeps a part of a pack. */
export const cacheName = (entry: PackEntry, part: 'index' | TileSize): string =>
  `${entry.hash}.${part}`;

/** The hash of the pack in such a name. */
export const hashInName = (name: string): string => name.split('.', 1)[0] ?? '';

/**
 * @param options.cache Without it every part comes from the object store.
 * @param options.onRead Hears where each part came from.
 * @param options.logger Hears of damaged files in the cache, which are fetched anew.
 */
export function createPackReader(options: {
  readonly store: ObjectStore;
  readonly bucket: string;
  readonly cache?: DiskCache | undefined;
  readonly logger: Logger;
  readonly onRead?: (source: 'disk' | 'store') => void;
}): PackReader {
  const { store, bucket, cache, logger, onRead } = options;

  async function read<Part>(
    entry: PackEntry,
    part: 'index' | TileSize,
    range: { readonly start: number; readonly end: number },
    decode: (bytes: Uint8Array) => Part,
  ): Promise<Part> {
    const name = cacheName(entry, part);
    const cached = await cache?.read(name);
    if (cached) {
      try {
        const decoded = decode(cached);
        onRead?.('disk');
        return decoded;
      } catch (error) {
        if (codeOf(error) !== 'pack.damaged') throw error;
        logger.warn(
          { pack: entry.key, part, reason: messageOf(error) },
          'a cached tile pack is damaged and is fetched anew',
        );
        await cache?.remove(name);
      }
    }
    const { bytes } = await store.get({ bucket, key: entry.key }, range);
    const decoded = decode(bytes);
    onRead?.('store');
    await keep(name, bytes);
    return decoded;
  }

  /** A full disk makes things slower, not impossible. */
  async function keep(name: string, bytes: Uint8Array): Promise<void> {
    try {
      await cache?.write(name, bytes);
    } catch (error) {
      logger.warn({ name, reason: messageOf(error) }, 'a tile pack is not cached on disk');
    }
  }

  return {
    index: (entry) =>
      read(entry, 'index', { start: 0, end: entry.indexBytes }, (bytes) =>
        decodePackIndex(bytes, entry.key),
      ),
    segments(entry, index, size) {
      const section = index.segments[size];
      return read(entry, size, section, (bytes) =>
        decodeSegments(bytes, section, index.count, entry.key),
      );
    },
  };
}
