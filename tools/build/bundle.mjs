import { readFileSync } from 'node:fs';
import { cp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { copyPackages, writeLicences } from './self-contained.mjs';

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
  'sync-downloader': { from: 'apps/sync-downloader', decoder: true },
  engine: { from: 'apps/engine' },
  'sync-uploader': { from: 'apps/sync-uploader' },
  cacher: { from: 'apps/cacher' },
  janitor: { from: 'apps/janitor' },
  web: { from: 'apps/web', gallery: true },
  standalone: { from: 'apps/standalone', gallery: true, decoder: true },
  cli: { from: 'apps/cli', decoder: true },
  'social-simulator': { from: 'tools/social-simulator', page: true },
  'demo-photos': { from: 'tools/demo', entry: 'src/post-photos.ts' },
};

/** What decodes photos in a process of its own; it lies beside the programs that start it. */
const decoderEntry = join(root, 'libs/imaging/src/decoder-main.ts');

export const programNames = Object.keys(programs);

/** Packages with machine code: they cannot be part of a bundle. */
const nativePackages = ['sharp'];

/**
 * Packages inside the bundle may be CommonJS, which has names that a module does not have. The folder is a
 * global one, so that it may be declared anew.
 */
const requireInModules = {
  js: "import { createRequire as createRequireHere } from 'node:module'; const require = createRequireHere(import.meta.url); globalThis.__dirname ??= import.meta.dirname;",
};

/**
 * Bundles one program into dist/apps/<name>/main.js; what lies beside it goes into folders there.
 *
 * @param options.selfContained Take the npm packages in as well, so that the folder runs anywhere, with
 * their licences beside it.
 */
export async function bundleProgram(name, { selfContained = false } = {}) {
  const program = programs[name];
  if (!program) {
    throw new Error(`There is no program '${name}'; there are ${programNames.join(', ')}.`);
  }
  const outdir = join(root, 'dist/apps', name);
  await rm(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    ...shared,
    entryPoints: {
      main: join(root, program.from, program.entry ?? 'src/main.ts'),
      ...(program.decoder && { decoder: decoderEntry }),
    },
    outdir,
    // What `main` imports late stays in files of its own, so that `health` need not load it.
    splitting: true,
    chunkNames: '[name]-[hash]',
    metafile: true,
    ...(selfContained && {
      packages: 'bundle',
      external: nativePackages,
      banner: requireInModules,
      sourcesContent: false,
    }),
  });
  if (selfContained) {
    await copyPackages(root, nativePackages.filter(isImportedIn(metafile)), outdir);
    await writeLicences(root, metafile, join(outdir, 'LICENCES.txt'));
    const description = { name: `mosaicme-${name}`, version, private: true, type: 'module' };
    await writeFile(join(outdir, 'package.json'), `${JSON.stringify(description, null, 2)}\n`);
  }
  if (program.gallery) await bundleGallery(join(outdir, 'public'));
  if (program.page)
    await cp(join(root, program.from, 'src/page'), join(outdir, 'page'), { recursive: true });
  return join(outdir, 'main.js');
}

const isImportedIn =
  ({ outputs }) =>
  (name) =>
    Object.values(outputs).some(({ imports }) => imports.some(({ path }) => path === name));

/** The browser's part of the gallery. */
export async function bundleGallery(outdir) {
  await build({
    ...shared,
    entryPoints: { client: join(root, 'apps/web/src/client/client.ts') },
    outdir,
    platform: 'browser',
    splitting: true,
    chunkNames: '[name]-[hash]',
    target: 'es2022',
    packages: 'bundle',
    minify: true,
  });
  const isAsset = (source) => !source.endsWith('.ts') && !source.endsWith('.json');
  await cp(join(root, 'apps/web/src/client'), outdir, { recursive: true, filter: isAsset });
}

/** Bundles the program of a decoder process alone, for tests. @returns its file. */
export async function bundleDecoder(outfile) {
  await build({ ...shared, entryPoints: [decoderEntry], outfile });
  return outfile;
}

/** Loads a TypeScript module of the workspace into a script. */
export async function loadModule(entry) {
  const outfile = join(root, 'dist/tools', `${entry.replaceAll(/[^\w-]+/g, '-')}.mjs`);
  await build({ ...shared, entryPoints: [join(root, entry)], outfile });
  return import(pathToFileURL(outfile).href);
}
