import type { ImageLimits } from './limits';
import type { PreparedTarget, TargetOptions } from './target';
import type { TileImages, TileOptions } from './tile';

/** What a decoder process is asked for; one thing at a time. */
export type DecodeJob =
  | {
      readonly kind: 'tile';
      readonly bytes: Uint8Array;
      readonly limits: ImageLimits | undefined;
      readonly options: TileOptions | undefined;
    }
  | {
      readonly kind: 'target';
      readonly bytes: Uint8Array;
      readonly limits: ImageLimits | undefined;
      readonly options: TargetOptions | undefined;
    };

export type DecodeResult = TileImages | PreparedTarget;

/** The code of a failure for want of memory. */
export const outOfMemory = 'decode.out-of-memory';

/** What a decoder process says. */
export type DecoderMessage =
  | { readonly type: 'ready' }
  | {
      readonly type: 'done';
      readonly result: DecodeResult;
      /** Bytes of its resident memory. */
      readonly residentBytes: number;
    }
  | {
      readonly type: 'failed';
      readonly permanent: boolean;
      readonly code: string;
      readonly message: string;
      readonly cause: string | undefined;
      readonly residentBytes: number;
    };
