import { messageOf } from '@mosaicme/errors';
import { startTestServers } from '@mosaicme/test-servers';
import { writeFile } from 'node:fs/promises';
import { readOptions, usage, type FaultsOptions } from './options';
import { runScenario, type ScenarioReport } from './run-scenario';
import { scenarios } from './scenarios';
import { violationsOf } from './violations';

/** Runs the scenarios. @returns the exit code: 0 when nothing was lost and nothing was done twice. */
export async function runFaults(input: {
  readonly parameters: readonly string[];
  readonly appsFolder: string;
}): Promise<number> {
  let options: FaultsOptions;
  try {
    options = readOptions(
      input.parameters,
      scenarios.map(({ name }) => name),
    );
  } catch (error) {
    console.error(`${messageOf(error)}\n${usage}`);
    return 2;
  }
  const { requests, seed, jsonFile, verbose } = options;
  const chosen = scenarios.filter(
    ({ name }) => options.scenarios.length === 0 || options.scenarios.includes(name),
  );
  console.log(`seed ${seed}, ${requests} requests for each of ${chosen.length} scenarios`);

  const servers = await startTestServers();
  const reports: ScenarioReport[] = [];
  try {
    for (const scenario of chosen) {
      console.log(`\n${scenario.name}: ${scenario.summary}`);
      try {
        const report = await runScenario(scenario, {
          servers,
          appsFolder: input.appsFolder,
          requests,
          seed,
          onLog: (name, line) => {
            const isLoud = line['level'] === 'error' || line['stderr'] === true;
            if (verbose || isLoud) console.log(`  [${name}] ${JSON.stringify(line).slice(0, 600)}`);
          },
        });
        reports.push(report);
        console.log(describe(report));
      } catch (error) {
        console.log(`  did not come to an end: ${messageOf(error)}`);
        const nothing = { published: 0, answers: 0, duplicateAnswers: 0, stuck: 0 };
        const result = { name: scenario.name, faults: 0, requests, ...nothing, temporaryFiles: 0 };
        const violations = [messageOf(error), ...violationsOf(result)];
        reports.push({ ...result, seconds: 0, restarts: 0, note: '', violations });
      }
    }
  } finally {
    await servers.stop();
  }

  console.log('');
  console.table(
    Object.fromEntries(
      reports.map(({ name, note: _note, violations, ...rest }) => [
        name,
        { ...rest, verdict: violations.length === 0 ? 'well' : violations.join('; ') },
      ]),
    ),
  );
  console.log(`seed ${seed}`);
  if (jsonFile !== undefined) await writeFile(jsonFile, toJson(seed, reports));
  return reports.every(({ violations }) => violations.length === 0) ? 0 : 1;
}

function toJson(seed: number, reports: readonly ScenarioReport[]): string {
  const results = reports.map(
    ({ seconds: _seconds, restarts: _restarts, note: _note, violations: _violations, ...result }) =>
      result,
  );
  return `${JSON.stringify({ seed, scenarios: results }, null, 2)}\n`;
}

function describe(report: ScenarioReport): string {
  const { faults, restarts, seconds, note, violations } = report;
  const verdict = violations.length === 0 ? 'nothing lost, nothing twice' : violations.join('; ');
  return `  ${faults} faults, ${restarts} restarts, ${seconds} s: ${verdict}${note && `\n  ${note}`}`;
}
