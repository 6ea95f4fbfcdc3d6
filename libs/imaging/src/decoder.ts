import type { ImageLimits } from './limits';
import { prepareTarget, type PreparedTarget, type TargetOptions } from './target';
import { makeTile, type TileImages, type TileOptions } from './tile';

/** What decodes photos: this process (`localDecoder`), or processes of its own (`createDecoderPool`). */
export interface PhotoDecoder {
  /** See `makeTile`. */
  makeTile(bytes: Uint8Array, limits?: ImageLimits, options?: TileOptions): Promise<TileImages>;
  /** See `prepareTarget`. */
  prepareTarget(
    bytes: Uint8Array,
    limits?: ImageLimits,
    options?: TargetOptions,
  ): Promise<PreparedTarget>;
  close(): Promise<void>;
}

/** Decodes in this process: for tests, and for photos of one's own. */
export const localDecoder: PhotoDecoder = {
  makeTile,
  prepareTarget,
  close: () => Promise.resolve(),
};
