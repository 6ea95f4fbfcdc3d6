import { parseArgs } from 'node:util';

export const scenarioNames = ['compose', 'all-in-one', 'guide'] as const;
export type ScenarioName = (typeof scenarioNames)[number];

export interface Options {
  /** Where the results go as JSON. */
  readonly json: string | undefined;
  readonly only: readonly ScenarioName[];
}

export const usage = `usage: npm run verify:deploy -- [--json FILE] [--only ${scenarioNames.join('|')}]`;

/** Reads the command line. @throws Error that says what is wrong. */
export function readOptions(parameters: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...parameters],
    options: { json: { type: 'string' }, only: { type: 'string', multiple: true, default: [] } },
  });
  const isScenario = (name: string): name is ScenarioName =>
    scenarioNames.some((known) => known === name);
  const unknown = values.only.find((name) => !isScenario(name));
  if (unknown !== undefined) {
    throw new Error(`There is no scenario '${unknown}'; there are ${scenarioNames.join(', ')}.`);
  }
  return {
    json: values.json,
    only: values.only.length > 0 ? values.only.filter(isScenario) : scenarioNames,
  };
}
