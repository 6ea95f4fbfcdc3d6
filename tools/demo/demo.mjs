// usage: npm run demo [-- --once] [--json] [--port N]
import { ensurePackages } from '../build/packages.mjs';

ensurePackages();
const { bundleGallery, loadModule, root } = await import('../build/bundle.mjs');
const { join } = await import('node:path');

const assetsFolder = join(root, 'dist/demo/public');
await bundleGallery(assetsFolder);
const { runDemo } = await loadModule('tools/demo/src/demo.ts');
process.exitCode = await runDemo({ parameters: process.argv.slice(2), root, assetsFolder });
