import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMemory } from './docker';
import { joinNetwork, settle, type Network } from './network';
import { readDemoLibrary, postLibrary } from './library';
import { secondsSince, timed, withFreePorts, type Verification } from './verification';

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
  'guide-web',
  'guide-collectors',
] as const;

/** The guide, one `docker run` after the other, with the simulator in the place of X. */
export async function verifyGuide(verification: Verification): Promise<void> {
  const { docker, guide, root, photos, say } = verification;
  const folder = await mkdtemp(join(tmpdir(), 'mosaicme-guide-'));
  const shell = (script: string): Promise<string> =>
    docker.shell(script, { cwd: folder, timeoutSeconds: 180 });
  const blocks = sections.map((name) => guide.take('sh', name));
  const { text, port } = await withFreePorts(blocks.join('\n'), [8000, 8081]);
  const galleryUrl = `http://127.0.0.1:${port(8000)}`;
  const variables = `${guide.take('ini', '.env')}\n${guide.take('ini', '.env-simulator')}`;
  const names = [...text.matchAll(/--name (\S+)/g)].map(([, name = '']) => name);
  let network: Network | undefined;

  try {
    const startedAt = performance.now();
    await timed(verification, 'guide', async () => {
      await writeFile(join(folder, '.env'), lastOfEach(variables));
      await shell(text);
      const simulatorUrl = `http://127.0.0.1:${port(8081)}`;
      network = await joinNetwork(simulatorUrl, 'mosaicme', 'mosaicme');
      const library = await readDemoLibrary(root);
      await postLibrary(simulatorUrl, library, 'Cloud');
      const posts: string[] = [];
      for (const photo of photos) posts.push(await network.request(photo));
      let isFirst = true;
      const outcome = await settle(network, galleryUrl, posts, {
        timeoutSeconds: settleSeconds,
        onPublished: () => {
          if (isFirst) verification.recordStart('guide', secondsSince(startedAt));
          isFirst = false;
        },
      });
      verification.recordMemory(
        'guide',
        'idle',
        await readMemory(docker, (name) => names.includes(name)),
      );
      return outcome;
    });
    await shell(guide.take('sh', 'guide-down'));
  } catch (error) {
    for (const name of names) {
      const words = await docker.run(['logs', '--tail', '8', name]).catch(String);
      say(`--- ${name}\n${words}`);
    }
    throw error;
  } finally {
    network?.close();
    await docker.succeeds(['rm', '--force', '--volumes', ...names]);
    await docker.succeeds(['network', 'rm', 'mosaicme']);
    await docker.succeeds(['volume', 'rm', 'mosaicme-s3']);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Docker takes the last line of a variable that stands in a file twice, and so does a reader. */
function lastOfEach(text: string): string {
  const lines = text.split('\n').filter((line) => /^[A-Z]/.test(line));
  return [...new Map(lines.map((line) => [line.split('=')[0], line])).values(), ''].join('\n');
}
