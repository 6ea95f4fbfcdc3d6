import { messageOf } from '@mosaicme/errors';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { verifyAllInOne } from './all-in-one';
import { verifyCompose } from './compose';
import { openDocker } from './docker';
import { openDocument } from './document';
import { getEngine, type Engine } from './engine';
import { verifyGuide } from './guide';
import { checkImages, measureImages } from './images';
import { readOptions, scenarioNames, usage, type Options } from './options';
import { addMemory, emptyResults, formatResults, isComplete, type Results } from './report';
import { provideBaseImages, type BaseImages } from './stand-ins';
import { listRequestPhotos, secondsSince, type Verification } from './verification';

const scenarios = { compose: verifyCompose, 'all-in-one': verifyAllInOne, guide: verifyGuide };

/** No step takes longer than its own limit; this one is for all of them. */
const limitMinutes = 60;

/**
 * Builds the images, runs each way of deployment, and tells what became of every request.
 *
 * @returns the exit code: 1 when anything failed or a request was lost.
 */
export async function verifyDeploy(input: {
  readonly parameters: readonly string[];
  readonly root: string;
  readonly version: string;
}): Promise<number> {
  let options: Options;
  try {
    options = readOptions(input.parameters);
  } catch (error) {
    console.error(`${messageOf(error)}\n${usage}`);
    return 2;
  }
  const startedAt = performance.now();
  const say = (line: string): void => console.error(`[${secondsSince(startedAt)} s] ${line}`);
  const results = emptyResults();
  const failures: string[] = [];
  let engine: Engine | undefined;
  // Also keeps the process alive while it only waits for an answer from the network.
  let limit: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    limit = setTimeout(
      () => reject(new Error(`Not done within ${limitMinutes} minutes.`)),
      limitMinutes * 60_000,
    );
  });
  try {
    engine = await getEngine(say);
    await Promise.race([verifyOn(engine, { ...input, options, results, failures, say }), late]);
  } catch (error) {
    failures.push(messageOf(error));
  } finally {
    clearTimeout(limit);
    await engine?.close().catch((error: unknown) => failures.push(messageOf(error)));
  }
  if (options.json !== undefined) {
    await writeFile(options.json, `${JSON.stringify(results, null, 2)}\n`);
  }
  console.log(`\n${formatResults(results)}\n`);
  for (const failure of failures) console.error(`FAILED: ${failure}`);
  const isGood = failures.length === 0 && isComplete(results);
  console.log(isGood ? 'Every request was published and answered.' : 'Not everything is in order.');
  return isGood ? 0 : 1;
}

async function verifyOn(
  engine: Engine,
  run: {
    readonly root: string;
    readonly version: string;
    readonly options: Options;
    readonly results: Results;
    readonly failures: string[];
    readonly say: (line: string) => void;
  },
): Promise<void> {
  const { root, version, options, results, failures, say } = run;
  const docker = await openDocker(engine.environment);
  const images = await readBaseImages(root);
  const standIns = await provideBaseImages(docker, images, { mayMake: engine.isOurs, say });
  const guide = await openDocument(join(root, 'docs/deployment.md'));

  say('Builds the images …');
  await docker.shell(guide.take('sh', 'build'), { cwd: root, timeoutSeconds: 1_500 });
  await checkImages(docker, version);
  results.images.push(...(await measureImages(docker, version, images.node)));

  const verification: Verification = {
    root,
    version,
    engine,
    docker,
    guide,
    images,
    forgetfulS3: standIns.includes(images.s3),
    photos: await listRequestPhotos(root),
    say,
    record: (result) => results.scenarios.push(result),
    recordMemory: (name, state, memory) => addMemory(results, name, state, memory),
    recordStart: (name, seconds) => (results.startToFirstMosaic[name] = seconds),
  };
  for (const name of options.only) {
    try {
      await scenarios[name](verification);
    } catch (error) {
      failures.push(`${name}: ${messageOf(error)}`);
      say(`${name} failed: ${messageOf(error)}`);
    }
  }
  const untaken = guide.untaken();
  if (failures.length === 0 && options.only.length === scenarioNames.length && untaken.length > 0) {
    throw new Error(`docs/deployment.md has commands that nothing ran: ${untaken.join(', ')}.`);
  }
}

/** The images that the compose file and the Dockerfile name. */
async function readBaseImages(root: string): Promise<BaseImages> {
  const compose = await readFile(join(root, 'docker-compose.yml'), 'utf8');
  const dockerfile = await readFile(join(root, 'deploy/docker/Dockerfile'), 'utf8');
  const find = (text: string, pattern: RegExp): string => {
    const image = pattern.exec(text)?.[1];
    if (image === undefined) throw new Error(`No image fits ${pattern}.`);
    return image;
  };
  return {
    node: find(dockerfile, /^ARG NODE_IMAGE=(\S+)/m),
    redis: find(compose, /image: (redis:\S+)/),
    rabbit: find(compose, /image: (rabbitmq:\S+)/),
    s3: find(compose, /image: \$\{S3_IMAGE:-([^}]+)\}/),
  };
}
