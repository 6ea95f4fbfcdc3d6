import { Command } from 'commander';
import { addOperatorCommands } from './commands';

/** Runs a command in an environment. @returns what it printed */
async function run(words: string[], environment: Record<string, string> = {}): Promise<string> {
  const printed: string[] = [];
  const program = new Command('mosaicme').exitOverride().configureOutput({ writeErr: () => {} });
  addOperatorCommands(program, environment, (text) => printed.push(text));
  for (const command of [...program.commands, ...program.commands.flatMap((c) => c.commands)]) {
    command.exitOverride().configureOutput({ writeErr: () => {} });
  }
  await program.parseAsync(words, { from: 'user' });
  return printed.join('\n');
}

it.each([
  ['requests', ['requests'], ['S3_ACCESS_KEY', 'S3_SECRET_KEY', 'S3_HOST']],
  [
    'withdraw',
    ['withdraw', 'x:@ada', '--why', 'asked'],
    ['S3_ACCESS_KEY', 'S3_SECRET_KEY', 'S3_HOST'],
  ],
  ['reconcile', ['reconcile'], ['S3_ACCESS_KEY', 'S3_SECRET_KEY', 'S3_HOST']],
  [
    'dead replay',
    ['dead', 'replay', 'prepare', '--all'],
    ['S3_ACCESS_KEY', 'S3_SECRET_KEY', 'S3_HOST'],
  ],
])('%s lists every variable that is missing', async (_name, words, missing) => {
  const error = await run(words).catch((thrown: unknown) => thrown as Error);
  expect(error).toMatchObject({ name: 'ConfigError' });
  for (const name of missing) expect(String(error)).toContain(name);
});

it('says which broker cannot be reached', async () => {
  const nobody = { RABBITMQ_HOST: '127.0.0.1', RABBITMQ_PORT: '1' };
  await expect(run(['queues'], nobody)).rejects.toMatchObject({ code: 'messaging.unreachable' });
});

it('deletes nothing without --yes', async () => {
  await expect(run(['dead', 'drop', 'prepare', '--all'])).rejects.toMatchObject({
    code: 'commander.missingMandatoryOptionValue',
  });
});

it('refuses a state that no request can be in', async () => {
  await expect(run(['requests', '--state', 'lost'])).rejects.toMatchObject({
    code: 'commander.invalidArgument',
  });
});
