/** The bucket in which `mosaicme index` keeps its packs. */
export const indexBucket = 'tiles';
