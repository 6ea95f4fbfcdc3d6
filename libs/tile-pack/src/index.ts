/** The format of tile packs and of the manifest that lists them: pure functions over bytes. */
export * from './sizes';
