import { PermanentError } from '@mosaicme/errors';

/** Width and height in millimetres. */
export interface Paper {
  readonly width: number;
  readonly height: number;
}

const millimetresPerInch = 25.4;

/** Upright. ISO 216 and the North American sizes. */
const papers = {
  A0: { width: 841, height: 1189 },
  A1: { width: 594, height: 841 },
  A2: { width: 420, height: 594 },
  A3: { width: 297, height: 420 },
  A4: { width: 210, height: 297 },
  A5: { width: 148, height: 210 },
  A6: { width: 105, height: 148 },
  letter: { width: 215.9, height: 279.4 },
  legal: { width: 215.9, height: 355.6 },
  tabloid: { width: 279.4, height: 431.8 },
} as const satisfies Readonly<Record<string, Paper>>;

export const paperNames = Object.keys(papers);

/** A page of a PDF is at most 14,400 points of 1/72 inch a side (ISO 32000-1, annex C). */
export const maxSheetSide = (14_400 / 72) * millimetresPerInch;

/** Smaller sheets than a stamp are mistakes: inches for millimetres. */
const minPaperSide = 10;

export type Orientation = 'portrait' | 'landscape';

/**
 * A paper by its name, in capitals or not, or by its sides: `A3`, `letter`, `500x700` (millimetres),
 * `20x30in`. Named ones are upright.
 *
 * @throws PermanentError `print.paper`
 */
export function paperOf(text: string): Paper {
  const name = paperNames.find((each) => each.toLowerCase() === text.toLowerCase());
  if (name) return papers[name as keyof typeof papers];
  const [, width, height, unit] = /^(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)(mm|cm|in)?$/i.exec(text) ?? [];
  const factor = { mm: 1, cm: 10, in: millimetresPerInch }[unit?.toLowerCase() ?? 'mm'] ?? 1;
  const paper = { width: Number(width) * factor, height: Number(height) * factor };
  const sides = [paper.width, paper.height];
  if (sides.every((side) => side >= minPaperSide && side <= maxSheetSide)) return paper;
  throw new PermanentError(
    'print.paper',
    `'${text}' is no paper: use ${paperNames.join(', ')}, or width x height such as 500x700 (mm), 50x70cm or 20x30in, ` +
      `${minPaperSide} to ${maxSheetSide} mm a side.`,
  );
}

/** The paper turned so that it stands or lies as asked. */
export const orient = ({ width, height }: Paper, orientation: Orientation): Paper =>
  (orientation === 'portrait') === width <= height
    ? { width, height }
    : { width: height, height: width };
