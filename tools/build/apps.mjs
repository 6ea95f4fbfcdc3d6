import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleProgram, root } from './bundle.mjs';

const names = [
  'collector',
  'sync-downloader',
  'engine',
  'sync-uploader',
  'cacher',
  'janitor',
  'web',
];

/** Bundles the apps and copies them, so that a build in between does not pull a program away. */
export async function buildApps() {
  const folder = join(root, 'dist/tools', `apps-${process.pid}`);
  for (const name of names) {
    await bundleProgram(name);
    await cp(join(root, 'dist/apps', name), join(folder, name), { recursive: true });
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
