import { divideIntoCells } from '@mosaicme/mosaic';
import { assembleCells, readProfile, transcodeTile } from '@mosaicme/jpeg';
import { chromium, type Browser } from 'playwright-core';
import sharp from 'sharp';

/** Debian's browser; playwright-core brings none. */
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
}, 60_000);
afterAll(() => browser.close());

const tile = (side: number, red: number) =>
  sharp({
    create: { width: side, height: side, channels: 3, background: { r: red, g: 90, b: 60 } },
  })
    .jpeg({ quality: 85, chromaSubsampling: '4:2:0', optimiseCoding: false })
    .toBuffer();

it('opens a mosaic of cells of all sizes in Chromium, each cell in its place and colour', async () => {
  const layout = divideIntoCells(
    { columns: 16, rows: 8, unit: 16, largestSpan: 8 },
    (left, top, span) => left === 0 && top === 0 && span > 1,
  );
  expect(new Set(layout.span)).toEqual(new Set([1, 2, 4, 8]));
  const jpegs = await Promise.all(
    Array.from(layout.span, (span, cell) => tile(span * layout.unit, 40 + cell * 12)),
  );
  const profile = readProfile(jpegs[0]!);
  const picture = Buffer.concat([
    ...assembleCells({
      ...{ profile, width: 256, height: 128, bandHeight: 128 },
      cells: jpegs.map((jpeg, cell) => ({
        left: layout.left[cell]! * 16,
        top: layout.top[cell]! * 16,
        segments: transcodeTile(jpeg, profile),
      })),
    }),
  ]);
  const page = await browser.newPage();
  const source = `data:image/jpeg;base64,${picture.toString('base64')}`;
  const places = Array.from(layout.span, (span, cell) => [
    (layout.left[cell]! + span / 2) * 16,
    (layout.top[cell]! + span / 2) * 16,
  ]);
  // As text, since it is typed for a browser and not for Node.
  const seen: { width: number; height: number; reds: number[] } =
    await page.evaluate(`(async () => {
    const image = new Image();
    image.src = ${JSON.stringify(source)};
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const reds = ${JSON.stringify(places)}.map(([x, y]) => context.getImageData(x, y, 1, 1).data[0]);
    return { width: image.naturalWidth, height: image.naturalHeight, reds };
  })()`);
  expect([seen.width, seen.height]).toEqual([256, 128]);
  seen.reds.forEach((red, cell) => {
    expect(Math.abs(red - (40 + cell * 12))).toBeLessThanOrEqual(4);
  });
}, 60_000);
