import { PermanentError } from '@mosaicme/errors';
import { cornerMarks, markRoom } from './marks';
import { grow, type Box, type Page } from './page';
import { maxSheetSide, type Paper } from './paper';

const millimetresPerInch = 25.4;

export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

export interface PosterOptions {
  /** The paper after cutting, turned as it shall be. */
  readonly paper: Paper;
  /** White border inside the paper, in millimetres. */
  readonly margin: number;
  /** Picture beyond the cut, in millimetres; needs a margin of 0. */
  readonly bleed: number;
  /** `whole` shows all of the picture and may leave white; `fill` leaves no white and cuts edges off. */
  readonly fit: 'whole' | 'fill';
  readonly cutMarks: boolean;
}

/** The name of the picture on a poster's page. */
export const posterPicture = 'poster';

/**
 * A picture on one page.
 * @throws PermanentError `print.margin`, `print.sheet-too-large`.
 */
export function planPoster(picture: PixelSize, options: PosterOptions): Page {
  const { paper, margin, bleed, fit, cutMarks } = options;
  if (margin > 0 && bleed > 0) {
    throw new PermanentError(
      'print.margin',
      `A margin of ${margin} mm leaves nothing to bleed beyond the cut; use either --margin or --bleed.`,
    );
  }
  if (2 * margin >= Math.min(paper.width, paper.height)) {
    throw new PermanentError(
      'print.margin',
      `A margin of ${margin} mm leaves no room on ${paper.width} x ${paper.height} mm; use a smaller --margin.`,
    );
  }
  const around = bleed + (cutMarks ? markRoom : 0);
  const trim = { x: around, y: around, ...sizeOf(paper) };
  const width = paper.width + 2 * around;
  const height = paper.height + 2 * around;
  requireSheet(width, height);
  const room = grow(trim, bleed - margin);
  const box = fitInto(room, picture, fit);
  return {
    width,
    height,
    trim,
    bleed: grow(trim, bleed),
    pictures: [{ picture: posterPicture, box, ...(fit === 'fill' && { clip: room }) }],
    lines: cutMarks ? cornerMarks(trim, bleed) : [],
    labels: [],
  };
}

/**
 * A page that is as large as the picture at a resolution, or as large as a page can be.
 * @returns The page, and the pixels an inch that it really has.
 */
export function pageOfPicture(
  picture: PixelSize,
  dpi: number,
): { readonly page: Page; readonly dpi: number } {
  const longer = Math.max(picture.width, picture.height);
  const real = Math.max(dpi, (longer * millimetresPerInch) / maxSheetSide);
  const paper = {
    width: (picture.width / real) * millimetresPerInch,
    height: (picture.height / real) * millimetresPerInch,
  };
  const page = planPoster(picture, { paper, margin: 0, bleed: 0, fit: 'whole', cutMarks: false });
  return { page, dpi: real };
}

/** Pixels an inch of a picture that is stretched over a box. */
export const dotsPerInchIn = ({ width }: Box, picture: PixelSize): number =>
  picture.width / (width / millimetresPerInch);

export function requireSheet(width: number, height: number): void {
  // What a name of inches or a division left behind a whole number is no reason to refuse.
  if (Math.max(width, height) <= maxSheetSide + 0.01) return;
  throw new PermanentError(
    'print.sheet-too-large',
    `The sheet would be ${Math.ceil(width)} x ${Math.ceil(height)} mm with bleed and cut marks; ` +
      `a PDF page has at most ${maxSheetSide} mm a side. Use a smaller --paper.`,
  );
}

const sizeOf = ({ width, height }: Paper): Paper => ({ width, height });

/** The picture's box, in the middle of the room. */
function fitInto(room: Box, picture: PixelSize, fit: PosterOptions['fit']): Box {
  const scales = [room.width / picture.width, room.height / picture.height] as const;
  const scale = fit === 'whole' ? Math.min(...scales) : Math.max(...scales);
  const width = picture.width * scale;
  const height = picture.height * scale;
  return {
    x: room.x + (room.width - width) / 2,
    y: room.y + (room.height - height) / 2,
    width,
    height,
  };
}
