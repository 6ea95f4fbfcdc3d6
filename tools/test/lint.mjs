// usage: npm run lint   eslint with module boundaries, then the format
import { spawnSync } from 'node:child_process';
import { root } from '../build/bundle.mjs';

const steps = [
  // Nx skips its boundaries, with no more than a warning, unless the project graph was made before.
  ['nx', 'show', 'projects', '--json'],
  ['eslint', '.', '--max-warnings', '0'],
  ['prettier', '--check', '--log-level', 'warn', '.'],
];

for (const [program, ...parameters] of steps) {
  const { status } = spawnSync('npx', [program, ...parameters], {
    cwd: root,
    env: { ...process.env, NX_DAEMON: 'false' },
    stdio: ['ignore', program === 'nx' ? 'ignore' : 'inherit', 'inherit'],
  });
  if (status !== 0) process.exit(status ?? 1);
}
