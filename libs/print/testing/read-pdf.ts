import { PDFDocument, PDFName, PDFRawStream, type PDFPage } from 'pdf-lib';

/** What the tests see of a PDF: all lengths in millimetres. */
export interface SeenPage {
  readonly width: number;
  readonly height: number;
  readonly trim: readonly number[];
  readonly bleed: readonly number[];
  /** The JPEGs that the page names. */
  readonly pictures: readonly Uint8Array[];
}

const millimetres = (points: number) => Math.round((points * 25.4 * 1000) / 72) / 1000;

/** Reads a PDF with another eye than the writer's: its boxes and the JPEGs in it. */
export async function readPdf(
  bytes: Uint8Array,
): Promise<{ readonly pages: readonly SeenPage[]; readonly pictures: readonly Uint8Array[] }> {
  const document = await PDFDocument.load(bytes);
  const pictures = document.context
    .enumerateIndirectObjects()
    .map(([, object]) => object)
    .filter((object) => object instanceof PDFRawStream)
    .filter(({ dict }) => dict.get(PDFName.of('Filter')) === PDFName.of('DCTDecode'))
    .map(({ contents }) => contents);
  const sides = ({ x, y, width, height }: ReturnType<PDFPage['getTrimBox']>) =>
    [x, y, width, height].map(millimetres);
  const pages = document.getPages().map((page) => ({
    width: millimetres(page.getWidth()),
    height: millimetres(page.getHeight()),
    trim: sides(page.getTrimBox()),
    bleed: sides(page.getBleedBox()),
    pictures: (page.node.normalizedEntries().XObject.values() ?? [])
      .map((reference) => document.context.lookup(reference))
      .filter((object) => object instanceof PDFRawStream)
      .map(({ contents }) => contents),
  }));
  return { pages, pictures };
}
