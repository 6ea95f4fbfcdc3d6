// usage: npm run bench:pipeline [-- --posts N] [--queued N,N] [--sample N] [--reindex N] [--json FILE]
import { ensurePackages } from '../build/packages.mjs';

ensurePackages();
const { loadModule, root } = await import('../build/bundle.mjs');
const { buildApps } = await import('../build/apps.mjs');

const apps = await buildApps();
try {
  const { runBench } = await loadModule('tools/bench-pipeline/src/bench.ts');
  process.exitCode = await runBench({
    parameters: process.argv.slice(2),
    appsFolder: apps.folder,
    root,
  });
} finally {
  await apps.remove();
}
