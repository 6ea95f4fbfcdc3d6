import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findProgram } from './programs';

/** May this process install packages: is it root on Debian, or on a system made from it? */
export function canInstall(): boolean {
  return (
    process.getuid?.() === 0 &&
    existsSync('/etc/debian_version') &&
    findProgram('apt-get', process.env) !== undefined
  );
}

/** Waits for another apt-get instead of failing at once. */
const lockOption = ['-o', 'DPkg::Lock::Timeout=300'];

/** The calls of apt-get that install packages, in order. */
export function installCalls(packages: readonly string[]): string[][] {
  return [
    [...lockOption, 'update', '-qq'],
    [...lockOption, 'install', '-y', '-qq', '--no-install-recommends', ...packages],
  ];
}

/** Installs packages of Debian. @throws Error with the last words of apt-get. */
export async function installPackages(packages: readonly string[]): Promise<void> {
  const failures: string[] = [];
  for (const call of installCalls(packages)) {
    const { code, output } = await runApt(call);
    if (code !== 0) failures.push(output.trim().split('\n').slice(-10).join('\n'));
    else if (call.includes('install')) return;
  }
  // A failed update matters only when the installation then fails too.
  throw new Error(`apt-get could not install ${packages.join(' ')}:\n${failures.join('\n')}`);
}

function runApt(call: readonly string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('apt-get', call, {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (piece: Buffer): void => {
      output = (output + piece.toString()).slice(-20_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
