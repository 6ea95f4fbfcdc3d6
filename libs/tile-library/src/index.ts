/** The tile library over an object store: reading it within a memory budget, and adding to it. */
export { createByteCache, type ByteCache } from './byte-cache';
export { librariesPrefix, libraryNames, libraryStore } from './libraries';
export { removeOrphanPacks } from './orphan-packs';
export { readManifest, type StoredManifest } from './manifest-store';
export {
  createTileAppender,
  type AddOutcome,
  type TileAppender,
  type TileAppenderOptions,
} from './tile-appender';
export { openTileLibrary, type TileLibrary, type TileLibraryOptions } from './tile-library';
export type { TileSet } from './tile-set';
export type { TilePhoto } from './prepare-tile';
export {
  openTileReader,
  readerOf,
  type OpenTileReader,
  type TileBatch,
  type TileReader,
  type TileReaderOptions,
} from './tile-reader';
