import type { Docker } from './docker';

/** An image of ours, in MB of 10^6 bytes. */
export interface ImageSize {
  readonly name: string;
  readonly sizeMB: number;
  /** What it adds to the Node image. */
  readonly overBaseMB: number;
}

export const imageNames = [
  'collector',
  'sync-downloader',
  'engine',
  'sync-uploader',
  'cacher',
  'janitor',
  'web',
  'social-simulator',
  'demo-photos',
  'cli',
  'all-in-one',
] as const;

export async function measureImages(
  docker: Docker,
  version: string,
  base: string,
): Promise<ImageSize[]> {
  const size = async (image: string): Promise<number> =>
    Number(await docker.run(['image', 'inspect', '--format', '{{.Size}}', image])) / 1e6;
  const baseMB = await size(base);
  return Promise.all(
    imageNames.map(async (name) => {
      const sizeMB = await size(`mosaicme/${name}:${version}`);
      return { name, sizeMB: round(sizeMB), overBaseMB: round(sizeMB - baseMB) };
    }),
  );
}

/** What every image promises. @throws Error that names the image and what it lacks. */
export async function checkImages(docker: Docker, version: string): Promise<void> {
  for (const name of imageNames) {
    const image = `mosaicme/${name}:${version}`;
    const described = await docker.run(['image', 'inspect', '--format', '{{json .Config}}', image]);
    const config = JSON.parse(described) as {
      User: string;
      Entrypoint: string[];
      Healthcheck?: { Test: string[] };
      Labels: Record<string, string>;
    };
    const problem = [
      config.User === 'node' ? undefined : `runs as '${config.User}'`,
      config.Entrypoint[0] === 'node' ? undefined : 'does not start Node itself',
      config.Labels['org.opencontainers.image.version'] === version
        ? undefined
        : `says that it is version ${config.Labels['org.opencontainers.image.version']}`,
      config.Healthcheck || ['cli', 'demo-photos'].includes(name)
        ? undefined
        : 'has no HEALTHCHECK',
    ].find((one) => one !== undefined);
    if (problem !== undefined) throw new Error(`The image ${image} ${problem}.`);
  }
  const cli = ['run', '--rm', '--read-only', `mosaicme/cli:${version}`, '--version'];
  const said = await docker.run(cli);
  if (said !== version) throw new Error(`mosaicme/cli says that it is version ${said}.`);
}

const round = (megabytes: number): number => Math.round(megabytes * 10) / 10;
