import { decode, openUntrusted } from './decode';
import { defaultImageLimits, type ImageLimits } from './limits';

/** A picture to be rebuilt, in the one form that everything after the decoder reads. */
export interface PreparedTarget {
  /** PNG, 8-bit sRGB without alpha, upright, without any metadata (so also without the place). */
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * Turns the bytes that somebody posted into a picture that is safe to read: colour profile applied, EXIF
 * orientation applied, transparency laid on white, first frame of an animation, at most
 * `options.maxSide` pixels a side (never enlarged).
 *
 * @throws PermanentError with an `image.*` code that names the limit; see `ImageLimits`.
 */
export async function prepareTarget(
  bytes: Uint8Array,
  limits: ImageLimits = defaultImageLimits,
  options: { readonly maxSide: number } = { maxSide: 4096 },
): Promise<PreparedTarget> {
  const { pipeline } = await openUntrusted(bytes, limits);
  const { data, info } = await decode(limits, () =>
    pipeline
      .resize({
        width: options.maxSide,
        height: options.maxSide,
        fit: 'inside',
        withoutEnlargement: true,
      })
      .png({ compressionLevel: 4, adaptiveFiltering: true })
      .toBuffer({ resolveWithObject: true }),
  );
  return { png: data, width: info.width, height: info.height };
}
