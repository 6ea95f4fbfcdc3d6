import { parseArgs } from 'node:util';

export interface FaultsOptions {
  readonly requests: number;
  readonly seed: number;
  /** Names of scenarios; all when empty. */
  readonly scenarios: readonly string[];
  /** Where the result goes as JSON. */
  readonly jsonFile: string | undefined;
  /** Print what the apps log. */
  readonly verbose: boolean;
}

export const usage =
  'usage: npm run test:faults [-- --requests N] [--seed N] [--scenario NAME]… [--json FILE] [--verbose]';

/**
 * Reads the command line.
 *
 * @param known The names of all scenarios.
 * @throws RangeError naming what is wrong.
 */
export function readOptions(
  parameters: readonly string[],
  known: readonly string[],
  randomSeed: () => number = () => Math.floor(Math.random() * 1_000_000),
): FaultsOptions {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      requests: { type: 'string', default: '200' },
      seed: { type: 'string' },
      scenario: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
      verbose: { type: 'boolean', default: false },
    },
  });
  const unknown = values.scenario.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new RangeError(
      `There is no scenario '${unknown.join("', '")}'; there are ${known.join(', ')}.`,
    );
  }
  return {
    requests: whole('--requests', values.requests, 1, 100_000),
    seed: values.seed === undefined ? randomSeed() : whole('--seed', values.seed, 0, 2 ** 31 - 1),
    scenarios: values.scenario,
    jsonFile: values.json,
    verbose: values.verbose,
  };
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`${name} is '${text}' and must be a whole number from ${least} to ${most}.`);
}
