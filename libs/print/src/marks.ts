import type { Box, Line } from './page';

/** Space that cut marks take beyond the bleed, in millimetres. */
export const markRoom = 8;

const markLength = 5;
/** Marks keep clear of the picture's bleed, so that they do not show after an inexact cut. */
const markGap = 2;

/**
 * Two lines at each corner of a box that show where to cut.
 * @param bleed Millimetres of picture beyond the box.
 * @param size Length of a line and the space between it and the bleed, in millimetres.
 */
export function cornerMarks(
  { x, y, width, height }: Box,
  bleed: number,
  { length = markLength, gap = markGap } = {},
): Line[] {
  const near = bleed + gap;
  const far = near + length;
  return [x, x + width].flatMap((cutX) =>
    [y, y + height].flatMap((cutY) => {
      const left = cutX === x ? -1 : 1;
      const up = cutY === y ? -1 : 1;
      return [
        { from: [cutX + left * near, cutY], to: [cutX + left * far, cutY] },
        { from: [cutX, cutY + up * near], to: [cutX, cutY + up * far] },
      ] as const;
    }),
  );
}
