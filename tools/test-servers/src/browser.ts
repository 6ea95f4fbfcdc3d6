import { canInstall, installPackages } from './install';
import { findProgram } from './programs';
import type { Environment } from './kinds';

/** The names under which Chromium is installed. */
const names = ['chromium', 'chromium-browser', 'google-chrome'];

/** The path of Chromium; undefined where it is not installed. */
export function findBrowser(environment: Environment = process.env): string | undefined {
  for (const name of names) {
    const path = findProgram(name, environment);
    if (path !== undefined) return path;
  }
  return undefined;
}

/**
 * The path of Chromium, installed where it is missing and this process may do so.
 * @throws Error saying how to get it.
 */
export async function ensureBrowser(environment: Environment = process.env): Promise<string> {
  const found = findBrowser(environment);
  if (found !== undefined) return found;
  if (canInstall()) {
    // With a font, without which pages have no words to be seen.
    await installPackages(['chromium', 'fonts-dejavu-core']);
    const installed = findBrowser(environment);
    if (installed !== undefined) return installed;
  }
  throw new Error(
    'The browser tests need Chromium. Install it (Debian: apt-get install chromium) so that it is in the ' +
      'PATH, or run as root on Debian, where it is installed by itself.',
  );
}
