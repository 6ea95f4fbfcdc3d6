import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { addTilePhotos, publishDrawn, tileInCell, tilePhotoId } from '../testing/drawn-mosaic';
import { bundleAssets, desktop, keepScreenshot, openBrowser, phone } from '../testing/browser';
import { idOf, startSite, type TestSite } from '../testing/site';

jest.setTimeout(60_000);

let assets: Awaited<ReturnType<typeof bundleAssets>>;
let browser: Browser;
let site: TestSite;
/** Answers of the credit of a tile that wait until the test lets them go, by the tile's id. */
const held = new Map<string, Promise<void>>();

const columns = 20;
const photos = new Map(Array.from({ length: 24 }, (_, tile) => [tilePhotoId(tile), tile]));

beforeAll(async () => {
  assets = await bundleAssets();
  browser = await openBrowser();
  site = await startSite(
    { assetsDir: assets.folder },
    {
      tileCredit: async (id) => {
        await held.get(id);
        const tile = photos.get(id);
        if (tile === undefined) return undefined;
        return {
          network: 'x',
          handle: `person${tile}`,
          link: `https://x.com/person${tile}/status/1`,
        };
      },
    },
  );
  await addTilePhotos(site);
  await publishDrawn(site, 'a');
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
  await assets?.remove();
});
afterEach(() => held.clear());

/** Opens the page of the mosaic and waits until it is drawn. */
async function open(
  options: BrowserContextOptions = desktop,
  hash = '',
  prepare: (page: Page) => Promise<unknown> = async () => undefined,
): Promise<{ page: Page; requests: string[]; faults: string[] }> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const requests: string[] = [];
  const faults: string[] = [];
  page.on('request', (request) => requests.push(new URL(request.url()).pathname));
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  await prepare(page);
  await page.goto(`${site.url}/mosaic/${idOf('a')}/${hash}`);
  await page.waitForSelector('.openseadragon-canvas');
  return { page, requests, faults };
}

const drawn = (page: Page) => page.waitForSelector('[data-viewer][aria-busy="false"]');

const stageOf = async (page: Page) => (await page.locator('[data-stage]').boundingBox())!;

/** A point of the screen in the middle of a cell while the whole picture is seen. */
async function pointOfCell(page: Page, column: number, row: number) {
  const { x, y, width, height } = await stageOf(page);
  const side = Math.min(width / columns, height / 15);
  return {
    x: x + (width - side * columns) / 2 + (column + 0.5) * side,
    y: y + (height - side * 15) / 2 + (row + 0.5) * side,
  };
}

const zoomOf = (page: Page) => Number(/zoom=([\d.]+)/.exec(page.url())?.[1] ?? 0);

it('shows the mosaic without loading the whole picture, and breaks no security policy', async () => {
  const { page, requests, faults } = await open();
  await drawn(page);
  expect(requests.filter((path) => path.endsWith('large.jpg'))).toEqual([]);
  expect(requests.some((path) => path.includes('/deepzoom_files/'))).toBe(true);
  expect(faults).toEqual([]);
  // Last, because taking it adds a style of its own to the page.
  await keepScreenshot(page, 'mosaic-desktop');
  await page.context().close();
});

it('tells whose photo was clicked, with a link to the post', async () => {
  const { page } = await open();
  await drawn(page);
  const point = await pointOfCell(page, 7, 4);
  await page.mouse.click(point.x, point.y);
  const person = `person${tileInCell(4 * columns + 7, columns)}`;
  const link = page.locator('[data-tile-credit] a');
  await link.waitFor();
  expect(await link.getAttribute('href')).toBe(`https://x.com/${person}/status/1`);
  await keepScreenshot(page, 'mosaic-card');
  await page.locator('[data-tile-credit] button').click();
  expect(await page.locator('[data-tile-credit]').isHidden()).toBe(true);
  await page.context().close();
});

it('drops the answer to an earlier click that comes late', async () => {
  const first = tilePhotoId(tileInCell(2 * columns + 2, columns));
  let letGo = (): void => undefined;
  held.set(first, new Promise((resolve) => (letGo = resolve)));
  const { page } = await open();
  await drawn(page);
  const [a, b] = [await pointOfCell(page, 2, 2), await pointOfCell(page, 12, 9)];
  const asked = page.waitForRequest((request) => request.url().endsWith(first));
  const answered = page.waitForResponse((response) => response.url().endsWith(first));
  await page.mouse.click(a.x, a.y);
  await asked;
  // Two quick clicks would be a double click.
  await page.waitForTimeout(400);
  await page.mouse.click(b.x, b.y);
  const person = `person${tileInCell(9 * columns + 12, columns)}`;
  await page.locator(`[data-tile-credit] a[href*="/${person}/"]`).waitFor();
  letGo();
  await (await answered).finished();
  await page.waitForTimeout(200);
  expect(await page.locator('[data-tile-credit] a').getAttribute('href')).toContain(`/${person}/`);
  await page.context().close();
});

it('works by keyboard alone: zoom, move, whose photo, close, home', async () => {
  const { page } = await open();
  await drawn(page);
  for (let presses = 0; presses < 30; presses++) {
    await page.keyboard.press('Tab');
    if (await page.locator('.openseadragon-canvas:focus').count()) break;
  }
  for (let presses = 0; presses < 4; presses++) await page.keyboard.press('+');
  await page.waitForURL(/#x=.*zoom=/);
  const before = page.url();
  await page.keyboard.press('ArrowRight');
  await page.waitForURL((url) => url.href !== before);
  await drawn(page);
  await page.keyboard.press('Enter');
  await page.locator('[data-tile-credit] a').waitFor();
  await keepScreenshot(page, 'mosaic-keyboard');
  await page.keyboard.press('Escape');
  await page.locator('[data-tile-credit]').waitFor({ state: 'hidden' });
  await page.keyboard.press('0');
  await page.waitForURL(/\/$/);
  await page.context().close();
});

it('keeps the view in its address over a reload, and Back leads out', async () => {
  const { page } = await open();
  await drawn(page);
  await page.locator('[data-zoom="in"]').click();
  await page.waitForURL(/zoom=/);
  const zoom = zoomOf(page);
  await page.reload();
  await drawn(page);
  await page.locator('[data-zoom="in"]').click();
  await page.waitForURL((url) => Number(/zoom=([\d.]+)/.exec(url.hash)?.[1]) > zoom);
  expect(zoomOf(page) / zoom).toBeCloseTo(2, 1);
  await page.goBack();
  expect(page.url()).toBe('about:blank');
  await page.context().close();
});

it('shows a single photo at the deepest zoom, by a shared address', async () => {
  const { page, requests } = await open(desktop, '#x=0.525&y=0.425&zoom=20');
  await drawn(page);
  await keepScreenshot(page, 'mosaic-deepest');
  const levels = requests.flatMap((path) => /deepzoom_files\/(\d+)\//.exec(path)?.[1] ?? []);
  expect(Math.max(...levels.map(Number))).toBeGreaterThanOrEqual(14);
  await page.context().close();
});

it('lets the wheel scroll the page, and zooms with Ctrl', async () => {
  const { page } = await open({ viewport: { width: 900, height: 500 } });
  await drawn(page);
  const { x, y, width } = await stageOf(page);
  await page.mouse.move(x + width / 2, y + 100);
  await page.mouse.wheel(0, 200);
  for (let turns = 0; turns < 30 && !(await page.evaluate('scrollY > 0')); turns++) {
    await page.waitForTimeout(100);
  }
  expect(await page.evaluate('scrollY > 0')).toBe(true);
  expect(zoomOf(page)).toBe(0);
  await page.keyboard.down('Control');
  // Wheel events that follow each other at once count as one.
  await page.waitForTimeout(300);
  for (let turns = 0; turns < 3; turns++) {
    await page.mouse.wheel(0, -200);
    await page.waitForTimeout(100);
  }
  await page.keyboard.up('Control');
  await page.waitForURL(/zoom=/);
  await page.context().close();
});

it('says when photos do not load, and shows them on the next try', async () => {
  let isAway = true;
  const { page } = await open(desktop, '#x=0.5&y=0.4&zoom=4', (opened) =>
    opened.route('**/deepzoom_files/1*/**', (route) => (isAway ? route.abort() : route.continue())),
  );
  const trouble = page.locator('[data-trouble]');
  await trouble.waitFor({ timeout: 30_000 });
  await keepScreenshot(page, 'mosaic-trouble');
  isAway = false;
  await trouble.locator('button').click();
  await drawn(page);
  expect(await trouble.isHidden()).toBe(true);
  await page.context().close();
});

it('fits a phone, where a tap tells whose photo it is', async () => {
  const { page } = await open(phone);
  await drawn(page);
  const width = await page.evaluate('document.documentElement.scrollWidth');
  expect(width).toBeLessThanOrEqual(390);
  const point = await pointOfCell(page, 10, 5);
  await page.touchscreen.tap(point.x, point.y);
  await page.locator('[data-tile-credit] a').waitFor();
  await keepScreenshot(page, 'mosaic-phone');
  await page.context().close();
});
