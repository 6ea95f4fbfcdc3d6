import { freePorts } from '@mosaicme/test-servers';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMemory } from './docker';
import { setVariables } from './document';
import { postLibrary, readDemoLibrary } from './library';
import { joinNetwork, settle, type Network } from './network';
import { originalApps, originalServers } from './original-guide';
import { secondsSince, timed, type Verification } from './verification';

const settleSeconds = 240;

/** In the order of the document: one block a section of the guide. */
const sections = [
  'guide-network',
  'guide-storage',
  'guide-rabbitmq',
  'guide-redis',
  'guide-simulator',
  'guide-engine',
  'guide-sync',
  'guide-cacher',
  'guide-janitor',
  'guide-web',
  'guide-collectors',
] as const;

/** One way through the guide. */
interface Walk {
  readonly name: string;
  /** Starts everything, by a shell whose home and working directory is a folder of its own. */
  readonly start: (shell: Shell, writeVariables: (text: string) => Promise<void>) => Promise<void>;
  readonly end: string;
  readonly galleryPort: number;
  readonly simulatorPort: number;
  readonly containers: readonly string[];
}

type Shell = (script: string) => Promise<string>;

/** The guide, one `docker run` after the other, with the simulator in the place of X. */
export async function verifyGuide(verification: Verification): Promise<void> {
  await walk(verification, await documentedWalk(verification));
  await walk(verification, await originalWalk(verification));
}

/** docs/deployment.md as it is. */
async function documentedWalk({ guide }: Verification): Promise<Walk> {
  const ports = await freePorts(['gallery', 'simulator']);
  const script = sections
    .map((name) => guide.take('sh', name))
    .join('\n')
    .replace('-p 8000:', `-p ${ports.gallery}:`)
    .replace('-p 8081:', `-p ${ports.simulator}:`);
  const variables = `${guide.take('ini', '.env')}\n${guide.take('ini', '.env-simulator')}`;
  return {
    name: 'guide',
    start: async (shell, writeVariables) => {
      await writeVariables(variables);
      await shell(script);
    },
    end: guide.take('sh', 'guide-down'),
    galleryPort: ports.gallery,
    simulatorPort: ports.simulator,
    containers: namesIn(script),
  };
}

/**
 * The commands of the first release's guide. It has no network of its own, so its `.env` has the
 * addresses of the containers that are not linked; the object store and X were outside of it.
 */
async function originalWalk({ guide, images, version }: Verification): Promise<Walk> {
  const ports = await freePorts(['gallery', 'simulator']);
  const outside = ['guide-storage', 'guide-simulator']
    .map((name) => guide.take('sh', name))
    .join('\n')
    .replaceAll(' --network mosaicme', '')
    .replace('-ip=s3', '-ip=127.0.0.1')
    .replace('-p 8081:', `-p ${ports.simulator}:`);
  const [storage = '', simulator = ''] = outside.split(/\n+/);
  const servers = originalServers(images);
  const apps = originalApps(version).replace('0.0.0.0:8000:', `0.0.0.0:${ports.gallery}:`);
  const variables = `${guide.take('ini', '.env')}\n${guide.take('ini', '.env-simulator')}`;
  const containers = namesIn(storage + simulator + servers + apps);
  return {
    name: 'guide: the original commands',
    start: async (shell, writeVariables) => {
      const address = (container: string): Promise<string> =>
        shell(
          `docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' ${container}`,
        );
      await writeVariables(variables);
      await shell([storage, simulator, servers].join('\n'));
      const world = `http://${await address('social-simulator')}:8081`;
      await writeVariables(
        setVariables(variables, {
          S3_HOST: await address('s3'),
          RABBITMQ_HOST: await address('rabbit'),
          TWITTER_API_HOST: new URL(world).hostname,
          MEDIA_ALLOWED_ORIGINS: world,
          SIMULATOR_PUBLIC_URL: world,
        }),
      );
      // The simulator learns its address only now: photos are fetched from it.
      await shell(`docker rm --force social-simulator\n${simulator}`);
      await shell(apps);
    },
    end: `docker rm --force --volumes ${containers.join(' ')}\ndocker volume rm mosaicme-s3`,
    galleryPort: ports.gallery,
    simulatorPort: ports.simulator,
    containers,
  };
}

async function walk(verification: Verification, way: Walk): Promise<void> {
  const { docker, root, photos, say } = verification;
  const { name, containers } = way;
  const folder = await mkdtemp(join(tmpdir(), 'mosaicme-guide-'));
  const shell: Shell = (script) =>
    docker.shell(script, { cwd: folder, environment: { HOME: folder }, timeoutSeconds: 180 });
  const galleryUrl = `http://127.0.0.1:${way.galleryPort}`;
  const simulatorUrl = `http://127.0.0.1:${way.simulatorPort}`;
  const memory = async (state: 'idle' | 'load'): Promise<void> =>
    verification.recordMemory(
      name,
      state,
      await readMemory(docker, (container) => containers.includes(container)),
    );
  let network: Network | undefined;

  try {
    const startedAt = performance.now();
    await timed(verification, name, async () => {
      await way.start(shell, (text) => writeFile(join(folder, '.env'), lastOfEach(text)));
      network = await joinNetwork(simulatorUrl, 'mosaicme', 'mosaicme');
      await memory('idle');
      await postLibrary(simulatorUrl, await readDemoLibrary(root), 'Cloud');
      const posts: string[] = [];
      for (const photo of photos) posts.push(await network.request(photo));
      let isFirst = true;
      const outcome = await settle(network, galleryUrl, posts, {
        timeoutSeconds: settleSeconds,
        onPublished: () => {
          if (isFirst) verification.recordStart(name, secondsSince(startedAt));
          isFirst = false;
        },
      });
      await memory('load');
      return outcome;
    });
    await shell(way.end);
  } catch (error) {
    for (const container of containers) {
      const words = await docker.run(['logs', '--tail', '8', container]).catch(String);
      say(`--- ${container}\n${words}`);
    }
    throw error;
  } finally {
    network?.close();
    await docker.succeeds(['rm', '--force', '--volumes', ...containers]);
    await docker.succeeds(['network', 'rm', 'mosaicme']);
    await docker.succeeds(['volume', 'rm', 'mosaicme-s3']);
    await rm(folder, { recursive: true, force: true });
  }
}

const namesIn = (script: string): string[] =>
  [...script.matchAll(/--name (\S+)/g)].map(([, name = '']) => name);

/** Docker takes the last line of a variable that stands in a file twice, and so does a reader. */
function lastOfEach(text: string): string {
  const lines = text.split('\n').filter((line) => /^[A-Z]/.test(line));
  return [...new Map(lines.map((line) => [line.split('=')[0], line])).values(), ''].join('\n');
}
