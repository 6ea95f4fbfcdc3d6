import { ConfigError } from '@mosaicme/config';
import { messageOf } from '@mosaicme/errors';
import { version } from '@mosaicme/service';
import { Command } from 'commander';
import { addIndexCommand, type OpenDecoder } from './library-options';
import { addMakeCommand } from './make-command';
import { addOperatorCommands } from './operator/commands';
import { addPrintCommand } from './print/command';
import { reindexCatalogue } from './reindex';

/**
 * The command line `mosaicme`. Messages go to standard error, results to standard output.
 *
 * @param openDecoder What decodes folders of photos; this process unless given.
 */
export function createProgram(openDecoder?: OpenDecoder): Command {
  const program = new Command('mosaicme')
    .description('Photo mosaics out of thousands of small photos.')
    .version(version)
    .showHelpAfterError('Add --help to the command to see its options.');

  addMakeCommand(program, openDecoder);
  addPrintCommand(program, openDecoder);
  addIndexCommand(program, openDecoder);

  program
    .command('reindex')
    .description('rebuild the catalogue from the buckets; reads the variables of the cacher')
    .action(async () => {
      const { count, seconds } = await reindexCatalogue(process.env);
      console.log(`${count} mosaics in the catalogue, in ${seconds.toFixed(1)} s.`);
    });

  addOperatorCommands(program, process.env, (text) => console.log(text));
  return program;
}

/** For a wrong configuration (EX_CONFIG of sysexits.h), as the services have it. */
const exitConfiguration = 78;

/**
 * Runs the command line.
 *
 * @returns The exit code: 0, or after a message on standard error 78 for a wrong configuration and 1
 *   for everything else.
 */
export async function runProgram(
  parameters: readonly string[],
  openDecoder?: OpenDecoder,
): Promise<number> {
  try {
    await createProgram(openDecoder).parseAsync(parameters, { from: 'user' });
    return 0;
  } catch (error) {
    console.error(messageOf(error));
    return error instanceof ConfigError ? exitConfiguration : 1;
  }
}
