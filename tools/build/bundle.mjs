import { readFileSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
export const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const shared = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  logLevel: 'warning',
  platform: 'node',
  sourcemap: 'linked',
  target: 'node20',
  tsconfig: join(root, 'tsconfig.base.json'),
  packages: 'external',
  define: { 'process.env.MOSAICME_VERSION': JSON.stringify(version) },
};

/** Where each program's source is, and what lies beside its bundle. */
const programs = {
  collector: { from: 'apps/collector' },
  'sync-downloader': { from: 'apps/sync-downloader' },
  engine: { from: 'apps/engine' },
  'sync-uploader': { from: 'apps/sync-uploader' },
  cacher: { from: 'apps/cacher' },
  web: { from: 'apps/web', gallery: true },
  standalone: { from: 'apps/standalone', gallery: true },
  cli: { from: 'apps/cli' },
  'social-simulator': { from: 'tools/social-simulator', page: true },
};

export const programNames = Object.keys(programs);

/** Bundles one program into dist/apps/<name>/main.js; what lies beside it goes into folders there. */
export async function bundleProgram(name) {
  const program = programs[name];
  if (!program) {
    throw new Error(`There is no program '${name}'; there are ${programNames.join(', ')}.`);
  }
  const outdir = join(root, 'dist/apps', name);
  await rm(outdir, { recursive: true, force: true });
  await build({
    ...shared,
    entryPoints: { main: join(root, program.from, 'src/main.ts') },
    outdir,
  });
  if (program.gallery) await bundleGallery(join(outdir, 'public'));
  if (program.page)
    await cp(join(root, program.from, 'src/page'), join(outdir, 'page'), { recursive: true });
  return join(outdir, 'main.js');
}

/** The browser's part of the gallery. */
export async function bundleGallery(outdir) {
  await build({
    ...shared,
    entryPoints: { client: join(root, 'apps/web/src/client/client.ts') },
    outdir,
    platform: 'browser',
    target: 'es2022',
    packages: 'bundle',
    minify: true,
  });
  const isAsset = (source) => !source.endsWith('.ts') && !source.endsWith('.json');
  await cp(join(root, 'apps/web/src/client'), outdir, { recursive: true, filter: isAsset });
}

/** Loads a TypeScript module of the workspace into a script. */
export async function loadModule(entry) {
  const outfile = join(root, 'dist/tools', `${entry.replaceAll(/[^\w-]+/g, '-')}.mjs`);
  await build({ ...shared, entryPoints: [join(root, entry)], outfile });
  return import(pathToFileURL(outfile).href);
}
