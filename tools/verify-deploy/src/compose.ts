import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '@mosaicme/test-servers';
import { setVariables } from './document';
import { readMemory, type Memory } from './docker';
import { askJson, askPage } from './http';
import { joinNetwork, settle, type Network, type Outcome } from './network';
import { eventually } from './shell';
import { secondsSince, timed, type Verification } from './verification';

const project = 'mosaicme-verify';
const demoRequests = 8;
/** Requests that are posted while something happens to the system. */
const load = 12;
const settleSeconds = 240;
/** Services of which a container is killed under load, one after the other. */
const killed = [
  'engine',
  'sync-downloader',
  'sync-uploader',
  'collector-in',
  'cacher',
  'janitor',
  'web',
  'redis',
  'rabbit',
] as const;

/** `docker compose`: the demo, and what may happen to it while people post. */
export async function verifyCompose(verification: Verification): Promise<void> {
  const { docker, root, engine, guide, say, version } = verification;
  const ports = await freePorts(['gallery', 'simulator']);
  const galleryUrl = `http://127.0.0.1:${ports.gallery}`;
  const environment = {
    COMPOSE_PROJECT_NAME: project,
    WEB_PORT: String(ports.gallery),
    SIMULATOR_PORT: String(ports.simulator),
    MOSAIC_WEB_URL: galleryUrl,
    // Many requests in a short time on a small machine: smaller mosaics, room for an S3 in memory.
    MOSAIC_CELLS: '40',
    S3_MEMORY: '4g',
  };
  const shell = (script: string, timeoutSeconds = 300): Promise<string> =>
    docker.shell(script, { cwd: root, environment, timeoutSeconds });
  const step = (name: string): Promise<string> => shell(guide.take('sh', name));
  const containers = async (service: string): Promise<string[]> => {
    const ids = await shell(`docker compose --env-file .env.demo ps -q ${service}`);
    return ids.split('\n').filter(Boolean);
  };
  const memory = (): Promise<Memory> => readMemory(docker, (name) => name.startsWith(project));
  let network: Network | undefined;

  /** Posts, does something meanwhile, waits for every mosaic and every answer. */
  const under = (name: string, happen: () => Promise<void>): Promise<void> =>
    timed(verification, name, async (): Promise<Outcome> => {
      if (!network) throw new Error('There is no network to post on.');
      const { photos } = verification;
      const posts: string[] = [];
      const posting = (async () => {
        for (let i = 0; i < load; i++) {
          posts.push(await network.request(photos[i % photos.length] ?? ''));
          await new Promise((resolve) => setTimeout(resolve, 500));
        }
      })();
      await Promise.all([posting, happen()]);
      return settle(network, galleryUrl, posts, { timeoutSeconds: settleSeconds });
    });

  try {
    const startedAt = performance.now();
    await timed(verification, 'compose: demo', async () => {
      const joining = joinNetwork(`http://127.0.0.1:${ports.simulator}`, 'mosaicme', 'mosaicme');
      const [joined] = await Promise.all([joining, step('demo-up')]);
      network = joined;
      await eventually(
        `the demo's ${demoRequests} requests are posted`,
        async () => {
          if (joined.requests().length < demoRequests) {
            throw new Error(`${joined.requests().length} of them are.`);
          }
        },
        { timeoutSeconds: 240 },
      );
      let isFirst = true;
      return settle(joined, galleryUrl, joined.requests(), {
        timeoutSeconds: settleSeconds,
        onPublished: () => {
          if (isFirst) verification.recordStart('compose', secondsSince(startedAt));
          isFirst = false;
        },
      });
    });
    await checkVersions(galleryUrl, version);
    verification.recordMemory('compose', 'idle', await memory());

    await under('compose: engine scaled to 3', async () => {
      await step('demo-scale');
      const queues = await step('demo-operator');
      if (!queues.includes('mosaic-eng')) {
        throw new Error(`The operator's command line should list the queues; it says: ${queues}`);
      }
      const engines = await containers('engine');
      if (engines.length !== 3) throw new Error(`There are ${engines.length} engines, not 3.`);
      for (let sample = 0; sample < 3; sample++) {
        verification.recordMemory('compose', 'load', await memory());
      }
    });

    const victims = new Map<string, string>();
    for (const service of killed) {
      const [container] = await containers(service);
      if (container === undefined) throw new Error(`No container of ${service} runs.`);
      victims.set(service, container);
    }
    await under('compose: containers killed', async () => {
      for (const [service, container] of victims) {
        await crash(verification, container);
        say(`  killed ${service}`);
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
    });

    await under('compose: engine upgraded', async () => {
      await step('demo-upgrade');
      for (const container of await containers('engine')) {
        const image = await docker.run(['inspect', '--format', '{{.Config.Image}}', container]);
        if (image !== 'mosaicme/engine:next') throw new Error(`An engine still runs ${image}.`);
      }
    });

    await under('compose: stopped and started', async () => {
      const script = guide.take('sh', 'demo-restart');
      const kept = ['s3', 'social-simulator'];
      const services = await shell('docker compose --env-file .env.demo config --services');
      const others = services.split('\n').filter((service) => !kept.includes(service));
      // The simulator is the world outside, and a stand-in for S3 forgets everything when it stops.
      await shell(
        verification.forgetfulS3
          ? script.replace(/ stop$/m, ` stop ${others.join(' ')}`)
          : script.replace(/ stop$/m, ` stop s3 ${others.join(' ')}`),
      );
    });
    network?.close();
    await step('demo-down');
    await verifyOwnConfiguration(verification, environment, galleryUrl);
  } catch (error) {
    await showTroubles(verification, shell);
    throw error;
  } finally {
    network?.close();
    await shell('docker compose --env-file .env.demo down --volumes --timeout 5').catch(say);
    if (!engine.isOurs) await docker.succeeds(['image', 'rm', 'mosaicme/engine:next']);
  }
}

/** Ends a container as a crash does; its restart policy, or where that cannot be tried we, start it. */
async function crash({ docker, engine }: Verification, container: string): Promise<void> {
  if (engine.isOurs) {
    // An engine does not restart what was ended by `docker kill`.
    const pid = await docker.run(['inspect', '--format', '{{.State.Pid}}', container]);
    process.kill(Number(pid), 'SIGKILL');
  } else {
    await docker.run(['kill', container]);
    await docker.run(['start', container]);
  }
}

async function checkVersions(galleryUrl: string, version: string): Promise<void> {
  const { instances } = (await askJson(`${galleryUrl}/api/status`)) as {
    instances: readonly { app: string; version: string }[];
  };
  const others = instances.filter((instance) => instance.version !== version);
  if (instances.length < 8 || others.length > 0) {
    throw new Error(`Not eight instances of version ${version}: ${JSON.stringify(instances)}`);
  }
}

/** With a `.env`: a missing secret is named, and a filled one starts the system. */
async function verifyOwnConfiguration(
  { docker, root, guide, say }: Verification,
  environment: Readonly<Record<string, string>>,
  galleryUrl: string,
): Promise<void> {
  // A folder of its own, so that a .env of this checkout is neither read nor overwritten.
  const folder = await mkdtemp(join(tmpdir(), 'mosaicme-compose-'));
  const shell = (script: string): Promise<string> =>
    docker.shell(script, { cwd: folder, environment, timeoutSeconds: 300 });
  const up = guide.take('sh', 'own-up');
  try {
    for (const file of ['docker-compose.yml', '.env.example']) {
      await copyFile(join(root, file), join(folder, file));
    }
    await shell(guide.take('sh', 'own-configuration'));
    const refusal = await shell(up).then(
      () => 'nothing',
      (error: Error) => error.message,
    );
    if (!/Set (RABBITMQ_PASSWORD|S3_SECRET_KEY) in \.env/.test(refusal)) {
      throw new Error(`A missing secret should be named; Compose says: ${refusal}`);
    }
    const file = join(folder, '.env');
    await writeFile(file, setVariables(await readFile(file, 'utf8'), ownSecrets));
    await shell('docker compose config -q');
    await shell(up);
    await eventually(
      'the gallery answers with an own .env',
      () => askPage(`${galleryUrl}/status`),
      { timeoutSeconds: 60 },
    );
    say('compose: a missing secret is named; with all of them the system starts');
  } finally {
    await shell(guide.take('sh', 'own-down'));
    await rm(folder, { recursive: true, force: true });
  }
}

const ownSecrets = Object.fromEntries(
  [
    'S3_SECRET_KEY',
    'RABBITMQ_PASSWORD',
    'TWITTER_CONSUMER_KEY',
    'TWITTER_CONSUMER_SECRET',
    'TWITTER_ACCESS_TOKEN',
    'TWITTER_ACCESS_TOKEN_SECRET',
    'TWITTER_USERNAME',
  ].map((name) => [name, `${name.toLowerCase()}-of-the-verification`]),
);

async function showTroubles(
  { say }: Verification,
  shell: (script: string) => Promise<string>,
): Promise<void> {
  const look = `docker compose --env-file .env.demo ps
docker compose --env-file .env.demo logs --tail 200 | grep -v '"level":"info"' | tail -n 60 || true`;
  say(await shell(look).catch(String));
}
