import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../build/bundle.mjs';
import { loadTestServers } from '../test-servers/load.mjs';

const reports = join(root, 'tmp/test-reports');

/** One thing that is checked as a whole: it passes or fails. */
const check = (name, command, ...parameters) => ({
  name,
  run: async (environment) => {
    const code = await run(command, parameters, environment);
    return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
  },
});

/** A tier of jest; its tests are counted one by one. */
const tier = (name, ...parameters) => ({
  name,
  run: async (environment) => {
    const report = join(reports, `${name}.json`);
    const jest = ['jest', '--selectProjects', name, '--json', `--outputFile=${report}`];
    const code = await run('npx', [...jest, ...parameters], environment);
    return countTests(report, code);
  },
});

const stages = [
  check('lint', 'node', 'tools/test/lint.mjs'),
  check('types', 'npx', 'tsc', '-p', 'tsconfig.json'),
  check('types of the browser code', 'npx', 'tsc', '-p', 'apps/web/src/client/tsconfig.json'),
  check('build', 'node', 'tools/build/build.mjs'),
  tier('unit'),
  tier('conformance', '--runInBand'),
  tier('e2e', '--runInBand'),
  tier('browser', '--runInBand'),
];

/** Runs every stage, also after a failed one. The last line counts everything. @returns the exit code */
export async function runEverything() {
  await rm(reports, { recursive: true, force: true });
  await mkdir(reports, { recursive: true });
  const startedAt = performance.now();
  const total = { passed: 0, failed: 0, skipped: 0 };
  const { startTestServers, ensureBrowser } = await loadTestServers();
  const browser = { TEST_BROWSER: await ensureBrowser() };
  const servers = await startTestServers();
  try {
    for (const { name, run: runStage } of stages) {
      console.log(`\n=== ${name}`);
      const stageStartedAt = performance.now();
      const count = await runStage({ ...process.env, ...servers.variables, ...browser });
      for (const outcome of Object.keys(total)) total[outcome] += count[outcome];
      console.log(`=== ${name}: ${inWords(count)} in ${seconds(stageStartedAt)} s`);
    }
  } finally {
    await servers.stop();
  }
  console.log(`\nEverything took ${seconds(startedAt)} s.`);
  console.log(inWords(total));
  return total.failed === 0 ? 0 : 1;
}

async function run(command, parameters, environment) {
  const child = spawn(command, parameters, { cwd: root, env: environment, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  return code ?? 1;
}

async function countTests(report, code) {
  let result;
  try {
    result = JSON.parse(await readFile(report, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return {
    passed: result.numPassedTests,
    // Jest can also fail as a whole, without a failed test.
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}

const inWords = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

const seconds = (since) => ((performance.now() - since) / 1_000).toFixed(1);
