/** The version of this build; the bundler puts the real one in. */
export const version: string = process.env.MOSAICME_VERSION ?? '0.0.0-development';
