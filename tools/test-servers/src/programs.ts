import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { kindFacts, type Environment, type ServerKind } from './kinds';

/**
 * Folders before those of the PATH. Debian's `rabbitmq-server` in /usr/sbin changes user and folder;
 * the one here is the server itself.
 */
const firstFolders = ['/usr/lib/rabbitmq/bin'];

/** Folders after those of the PATH, which lacks them for users other than root. */
const lastFolders = ['/usr/local/sbin', '/usr/sbin', '/usr/bin', '/opt/homebrew/sbin'];

/** Where programs are looked for, in this order. */
export function programFolders(environment: Environment): string[] {
  const fromPath = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...firstFolders, ...fromPath, ...lastFolders];
}

/** The path of a program, undefined where it is not installed. */
export function findProgram(name: string, environment: Environment): string | undefined {
  return programFolders(environment)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/** The path of a program that was found before. @throws Error when it is gone. */
export function programPath(name: string, environment: Environment = process.env): string {
  const path = findProgram(name, environment);
  if (path === undefined) throw new Error(`The program '${name}' is not installed.`);
  return path;
}

/** What is not installed of what a server needs. */
export interface MissingPrograms {
  readonly kind: ServerKind;
  readonly programs: readonly string[];
}

/** What is missing for these servers; empty when all can be started. */
export function missingPrograms(
  kinds: readonly ServerKind[],
  isInstalled: (program: string) => boolean,
): MissingPrograms[] {
  return kinds
    .map((kind) => ({
      kind,
      programs: kindFacts[kind].programs.filter((program) => !isInstalled(program)),
    }))
    .filter(({ programs }) => programs.length > 0);
}

/** The packages that bring what is missing. */
export const packagesFor = (missing: readonly MissingPrograms[]): string[] =>
  missing.flatMap(({ kind }) => kindFacts[kind].packages);

/** One message that names everything that is missing, and both ways to get it. */
export function missingMessage(missing: readonly MissingPrograms[]): string {
  const lines = missing.map(
    ({ kind, programs }) => `  ${kindFacts[kind].title}: no ${programs.join(', no ')}`,
  );
  const variables = missing.map(
    ({ kind }) => `  ${kindFacts[kind].variable}=${kindFacts[kind].form}`,
  );
  return [
    'The tests run on real servers, and these cannot be started here:',
    ...lines,
    'On Debian or Ubuntu, install them (as root, the tests do so themselves):',
    `  apt-get update && apt-get install -y --no-install-recommends ${packagesFor(missing).join(' ')}`,
    'Or name servers that run already (their content may be changed):',
    ...variables,
  ].join('\n');
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
