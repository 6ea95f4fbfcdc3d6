// usage: npm run test:faults [-- --requests N] [--seed N] [--scenario NAME] [--json FILE]
import { ensurePackages } from '../build/packages.mjs';

ensurePackages();
const { loadModule } = await import('../build/bundle.mjs');
const { buildApps } = await import('../build/apps.mjs');

const apps = await buildApps();
try {
  const { runFaults } = await loadModule('tools/faults/src/main.ts');
  process.exitCode = await runFaults({
    parameters: process.argv.slice(2),
    appsFolder: apps.folder,
  });
} finally {
  await apps.remove();
}
