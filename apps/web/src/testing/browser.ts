import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const root = join(__dirname, '../../../..');
const screenshots = join(root, 'tmp/screenshots');

/** Where Chromium is. tools/test/browser.mjs installs it and names it. @throws Error without it. */
function browserPath(): string {
  const named = process.env['TEST_BROWSER'];
  if (named !== undefined) return named;
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin'];
  const found = folders.map((folder) => join(folder, 'chromium')).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new Error('These tests need Chromium: run them by npm run test:browser.');
}

/** Bundles the gallery's scripts and styles for a test. */
export async function bundleAssets(): Promise<{
  readonly folder: string;
  remove(): Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'mosaicme-gallery-'));
  const script = `import { bundleGallery } from './tools/build/bundle.mjs';
    await bundleGallery(process.argv[1]);`;
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', script, folder],
    { cwd: root, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`The gallery could not be bundled: ${stderr}`);
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: browserPath(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });

export const desktop: BrowserContextOptions = { viewport: { width: 1280, height: 900 } };
export const phone: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};

/** Keeps a picture of the page for people to look at, under tmp/screenshots. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`) });
}
