import {
  clip,
  drawObject,
  endPath,
  lineTo,
  moveTo,
  PDFDocument,
  popGraphicsState,
  pushGraphicsState,
  rectangle,
  rgb,
  setLineWidth,
  StandardFonts,
  stroke,
  concatTransformationMatrix,
  type PDFFont,
  type PDFImage,
  type PDFPage,
} from 'pdf-lib';
import type { Box, Label, Page } from './page';

export interface PdfOptions {
  readonly title: string;
  /** The program that made the pages. */
  readonly creator: string;
  /** The bytes of a picture by its name, a JPEG in RGB or grey; asked for once. */
  readonly picture: (name: string) => Uint8Array | Promise<Uint8Array>;
  /** Called with the pages drawn so far. */
  readonly onPage?: (done: number) => void;
}

const pointsPerMillimetre = 72 / 25.4;
const points = (millimetres: number) => millimetres * pointsPerMillimetre;
const hairline = 0.25;

/**
 * Writes pages as a PDF. The pictures stand in it byte by byte as they are, each once however often it is
 * drawn.
 */
export async function writePdf(
  pages: Iterable<Page>,
  { title, creator, picture, onPage }: PdfOptions,
): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  const font = await document.embedFont(StandardFonts.Helvetica);
  document.setTitle(printable(font, title), { showInWindowTitleBar: true });
  document.setCreator(creator);
  document.setProducer(creator);
  const images = new Map<string, PDFImage>();

  for (const page of pages) {
    for (const { picture: name } of page.pictures) {
      if (!images.has(name))
        images.set(name, await document.embedJpg(ownBuffer(await picture(name))));
    }
    draw(document.addPage([points(page.width), points(page.height)]), page, images, font);
    onPage?.(document.getPageCount());
  }
  return document.save();
}

/** pdf-lib reads a JPEG from the beginning of its buffer, wherever the view of it begins. */
const ownBuffer = (bytes: Uint8Array) => (bytes.byteOffset === 0 ? bytes : new Uint8Array(bytes));

function draw(
  sheet: PDFPage,
  page: Page,
  images: ReadonlyMap<string, PDFImage>,
  font: PDFFont,
): void {
  const boxOf = (box: Box) =>
    [
      points(box.x),
      points(page.height - box.y - box.height),
      points(box.width),
      points(box.height),
    ] as const;
  sheet.setTrimBox(...boxOf(page.trim));
  sheet.setBleedBox(...boxOf(page.bleed));

  const names = new Map<string, ReturnType<typeof sheet.node.newXObject>>();
  for (const { picture, box, clip: seen } of page.pictures) {
    const image = images.get(picture)!;
    const name = names.get(picture) ?? sheet.node.newXObject('Picture', image.ref);
    names.set(picture, name);
    const [x, y, width, height] = boxOf(box);
    sheet.pushOperators(
      pushGraphicsState(),
      ...(seen ? [rectangle(...boxOf(seen)), clip(), endPath()] : []),
      concatTransformationMatrix(width, 0, 0, height, x, y),
      drawObject(name),
      popGraphicsState(),
    );
  }
  // One path for all lines: a sheet of stickers has hundreds.
  if (page.lines.length > 0) {
    sheet.pushOperators(
      setLineWidth(hairline),
      ...page.lines.flatMap(({ from, to }) => [
        moveTo(points(from[0]), points(page.height - from[1])),
        lineTo(points(to[0]), points(page.height - to[1])),
      ]),
      stroke(),
    );
  }
  for (const label of page.labels) drawLabel(sheet, page.height, label, font);
}

function drawLabel(sheet: PDFPage, sheetHeight: number, label: Label, font: PDFFont): void {
  const text = printable(font, label.text);
  const wanted = points(label.size);
  const wide = font.widthOfTextAtSize(text, wanted);
  const size = wanted * Math.min(1, points(label.maxWidth ?? Infinity) / wide);
  const width = font.widthOfTextAtSize(text, size);
  const x = points(label.at[0]) - (label.centred ? width / 2 : 0);
  const y = points(sheetHeight - label.at[1]);
  if (label.onPicture) {
    const padding = size * 0.25;
    sheet.drawRectangle({
      x: x - padding,
      y: y - padding,
      width: width + 2 * padding,
      height: size * 0.75 + 2 * padding,
      color: rgb(0, 0, 0),
      opacity: 0.65,
    });
  }
  sheet.drawText(text, { x, y, size, font, color: label.onPicture ? rgb(1, 1, 1) : rgb(0, 0, 0) });
}

/** The fonts that every reader has know the letters of Western Europe; others become a question mark. */
function printable(font: PDFFont, text: string): string {
  const known = new Set(font.getCharacterSet());
  return Array.from(text.normalize('NFC'), (letter) =>
    known.has(letter.codePointAt(0) ?? 0) ? letter : '?',
  ).join('');
}
