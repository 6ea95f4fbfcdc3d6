/** On what transparency is laid: a CSS colour, or the one that sets the content off best. */
export type Ground = 'auto' | (string & {});

const white = '#ffffff';
const black = '#141414';
const luminanceOfBlack = 0.007;

/** More contrast than that makes nothing easier to see. */
const enoughContrast = 3;

/**
 * Chooses white or black as the ground of a transparent picture: on which its content stands out more.
 * White wins a tie, as paper is white.
 *
 * @param rgba Four bytes a pixel, sRGB, not premultiplied.
 * @see WCAG 2.2, contrast ratio
 */
export function contrastingGround(rgba: Uint8Array): string {
  let onWhite = 0;
  let onBlack = 0;
  for (let at = 0; at + 3 < rgba.length; at += 4) {
    const alpha = rgba[at + 3]! / 255;
    const luminance =
      0.2126 * linear[rgba[at]!]! +
      0.7152 * linear[rgba[at + 1]!]! +
      0.0722 * linear[rgba[at + 2]!]!;
    onWhite += alpha * Math.min(enoughContrast, 1.05 / (luminance + 0.05));
    onBlack += alpha * Math.min(enoughContrast, contrastWithBlack(luminance));
  }
  return onBlack > onWhite ? black : white;
}

function contrastWithBlack(luminance: number): number {
  const [dark, light] = [luminance, luminanceOfBlack].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** sRGB levels as light (IEC 61966-2-1). */
const linear = Float64Array.from({ length: 256 }, (_, level) => {
  const value = level / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});
