// Uses nothing but Node, because it runs before any package is there.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const oldest = [20, 19];

/** Checks the version of Node and installs the packages when they are missing. */
export function ensurePackages() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
    console.error(
      `This needs Node ${oldest.join('.')} or newer; this is ${process.versions.node}.`,
    );
    process.exit(1);
  }
  if (existsSync(join(root, 'node_modules/.package-lock.json'))) return;
  console.error('Installing the packages (npm install) …');
  // What npm says goes to standard error: the caller's output may be read by a program.
  const { status } = spawnSync('npm', ['install', '--no-fund', '--no-audit'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.error('npm install failed; see its messages above.');
    process.exit(1);
  }
}
