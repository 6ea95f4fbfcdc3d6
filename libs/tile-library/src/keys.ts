/** The one object that says what the library consists of. */
export const manifestKey = 'manifest.json';

/** Packs are named by their content, so a key never changes its bytes. */
export const packKey = (hash: string): string => `packs/${hash}.mmtp`;
