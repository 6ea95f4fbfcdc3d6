import type { Argument, Command, Option } from 'commander';

/** docs/cli.md, from the commands themselves. A test fails when the file differs from this. */
export function commandLineDocument(program: Command): string {
  return [
    '# Command line',
    '',
    '<!-- Made by `npm run docs` from apps/cli. Do not edit. -->',
    '',
    `${program.description()} From the repository a command runs as`,
    '`npm run -s mosaicme -- COMMAND`, in the compose file as `docker compose run --rm cli COMMAND`. Messages and',
    'progress go to standard error, results to standard output. The exit code is 0, 1 for an error, 78 for a',
    'wrong configuration. [printing.md](printing.md) tells more about `print`, [operations.md](operations.md) when',
    'to use the commands of an operator.',
    '',
    ...program.commands.flatMap((command) => section(command, 'mosaicme')),
  ].join('\n');
}

function section(command: Command, parent: string): string[] {
  const name = `${parent} ${command.name()}`;
  if (command.commands.length > 0) {
    return command.commands.flatMap((each) => section(each, name));
  }
  const help = command.createHelp();
  const settings = help
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help')
    .map((option) => [`\`${option.flags}\``, describe(option)] as const);
  const words = help
    .visibleArguments(command)
    .map((argument) => [`\`${argument.name()}\``, describeArgument(argument)] as const);
  const rows = [...words, ...settings];
  return [
    `## \`${[name, ...command.registeredArguments.map(placeholder)].join(' ')}\``,
    '',
    `${capitalised(command.description())}.`,
    '',
    ...(rows.length > 0 ? [...table(rows), ''] : []),
  ];
}

const placeholder = (argument: Argument): string => {
  const name = `${argument.name().toUpperCase()}${argument.variadic ? '...' : ''}`;
  return argument.required ? name : `[${name}]`;
};

function describe(option: Option): string {
  const notes = [
    option.mandatory ? 'required' : '',
    option.argChoices ? `one of ${option.argChoices.join(', ')}` : '',
    option.defaultValue === undefined || typeof option.defaultValue === 'boolean'
      ? ''
      : `default: ${option.defaultValueDescription ?? String(option.defaultValue)}`,
  ].filter((note) => note !== '');
  return withNotes(option.description, notes);
}

const describeArgument = ({ description, argChoices }: Argument): string =>
  withNotes(description, argChoices ? [`one of ${argChoices.join(', ')}`] : []);

/** Notes in brackets, in those that are there already if there are any. */
function withNotes(text: string, notes: readonly string[]): string {
  if (notes.length === 0) return text;
  const joined = notes.join('; ');
  return text.endsWith(')') ? `${text.slice(0, -1)}; ${joined})` : `${text} (${joined})`;
}

/** As prettier lays it out: every column as wide as its widest cell. */
function table(rows: readonly (readonly [string, string])[]): string[] {
  const cells = [
    ['option', 'what it does'],
    ...rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' '))),
  ];
  const widths = [0, 1].map((column) =>
    Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [header = [], ...body] = cells;
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)];
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
