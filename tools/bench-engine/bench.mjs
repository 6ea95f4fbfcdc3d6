// usage: npm run bench:engine [-- OPTIONS]; --help prints them
import { fileURLToPath } from 'node:url';
import { ensurePackages } from '../build/packages.mjs';

ensurePackages();
const { bundleProgram, loadModule, root } = await import('../build/bundle.mjs');

// Each contender is measured in a process of its own, which is this script again.
if (process.argv[2] === '--job') {
  const { serveJob } = await loadModule('tools/bench-engine/src/job.ts');
  await serveJob();
} else {
  const { runBench } = await loadModule('tools/bench-engine/src/bench.ts');
  process.exitCode = await runBench({
    parameters: process.argv.slice(2),
    root,
    self: fileURLToPath(import.meta.url),
    bundleCli: () => bundleProgram('cli'),
  });
}
