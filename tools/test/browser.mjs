// usage: npm run test:browser [-- <jest parameters>]   the pages in a real Chromium
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ensurePackages } from '../build/packages.mjs';

ensurePackages();
const { loadTestServers } = await import('../test-servers/load.mjs');
const { ensureBrowser } = await loadTestServers();
const browser = await ensureBrowser();
const child = spawn('npx', ['jest', '--selectProjects', 'browser', ...process.argv.slice(2)], {
  env: { ...process.env, TEST_BROWSER: browser },
  stdio: 'inherit',
});
const [code] = await once(child, 'exit');
process.exitCode = code ?? 1;
