import type { LargeTileSize } from '@mosaicme/tile-pack';

/** The one object that says what the library consists of. */
export const manifestKey = 'manifest.json';

/** Under which all packs lie. */
export const packPrefix = 'packs/';

/** Packs are named by their content, so a key never changes its bytes. */
export const packKey = (hash: string): string => `${packPrefix}${hash}.mmtp`;

/** The tile of one photo at a larger side, as a JPEG. */
export const largeTileKey = (id: string, size: LargeTileSize): string => `large/${id}/${size}.jpg`;
