import { mkdir, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = new URL('../../dist/tools/test-servers/', import.meta.url);

/**
 * Bundles this tool's TypeScript for Node and imports it; packages stay outside the bundle.
 * @returns {Promise<typeof import('./src/index')>}
 */
export async function loadTestServers() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['tools/test-servers/src/index.ts'],
    tsconfig: 'tsconfig.base.json',
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    sourcemap: 'inline',
    write: false,
  });
  // Renamed into place: another run may be importing the file.
  const file = fileURLToPath(new URL('index.mjs', folder));
  const temporary = `${file}.${process.pid}`;
  await mkdir(folder, { recursive: true });
  await writeFile(temporary, outputFiles[0].contents);
  await rename(temporary, file);
  return import(pathToFileURL(file).href);
}
