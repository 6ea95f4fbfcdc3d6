/*
 * Pages as data. All lengths are millimetres, measured from the top left corner of the sheet, x to the
 * right and y down.
 */

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A picture, by its name, stretched over a box. */
export interface PlacedPicture {
  readonly picture: string;
  readonly box: Box;
  /** What of it is seen; all of it without. */
  readonly clip?: Box;
}

export interface Line {
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
}

export interface Label {
  readonly text: string;
  /** Where the baseline begins, or with `centred` its middle. */
  readonly at: readonly [x: number, y: number];
  /** Size of the font in millimetres. */
  readonly size: number;
  readonly centred?: boolean;
  /** Most millimetres from end to end; a longer label gets a smaller font. */
  readonly maxWidth?: number;
  /** White with this label on a dark ground, for labels on pictures. */
  readonly onPicture?: boolean;
}

export interface Page {
  /** The whole sheet, with the room for cut marks. */
  readonly width: number;
  readonly height: number;
  /** What is left after cutting. */
  readonly trim: Box;
  /** What is printed beyond the cut, so that an inexact cut shows no white edge. */
  readonly bleed: Box;
  readonly pictures: readonly PlacedPicture[];
  /** Hairlines. */
  readonly lines: readonly Line[];
  readonly labels: readonly Label[];
}

/** A box with so much more, or with a negative number less, on each side. */
export const grow = ({ x, y, width, height }: Box, by: number): Box => ({
  x: x - by,
  y: y - by,
  width: width + 2 * by,
  height: height + 2 * by,
});
