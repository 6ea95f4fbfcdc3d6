import { messageOf } from '@mosaicme/errors';
import { askHealth } from './health-command';
import { runMain } from './main';
import type { RunningService, ServiceSettings } from './service';

/** Exit code for wrong words on the command line (EX_USAGE of sysexits.h). */
const exitUsage = 64;

/** What an app's `main.ts` describes. */
export interface Program {
  readonly app: string;
  /** Reads where the app's health page is; called for `health` only. */
  readonly settings: () => Pick<ServiceSettings, 'healthHost' | 'healthPort'>;
  /** Loads and starts the service. It is loaded late, because `health` runs every few seconds. */
  readonly start: () => Promise<RunningService>;
  /** Commands of the first release that start this app too; what follows them is skipped. */
  readonly formerCommands?: readonly string[];
  /** Commands of the first release for which there is nothing left to do, with the reason. */
  readonly retiredCommands?: Readonly<Record<string, string>>;
}

/**
 * Runs an app by the words after its name: none starts the service, `health` asks a running one whether
 * it lives, `health ready` whether it does its work (exit code 0 or 1). Other words end with 64.
 */
export async function runProgram(
  program: Program,
  words: readonly string[] = process.argv.slice(2),
): Promise<void> {
  const { app, settings, start, formerCommands = [], retiredCommands = {} } = program;
  const [command, detail] = words;
  if (command === undefined || formerCommands.includes(command)) return runMain(start);

  const reason = retiredCommands[command];
  if (reason !== undefined) {
    process.stdout.write(`${reason}\n`);
    return;
  }
  if (command !== 'health' || (detail !== undefined && detail !== 'ready') || words.length > 2) {
    process.stderr.write(
      `'${words.join(' ')}' is no command of ${app}; there are: none to start it, health, health ready.\n`,
    );
    process.exitCode = exitUsage;
    return;
  }
  try {
    process.stdout.write(await askHealth(settings(), detail === 'ready' ? '/readyz' : '/healthz'));
  } catch (error) {
    process.stderr.write(`${app} is not well: ${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}
