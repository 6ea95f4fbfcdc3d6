import { run, succeeds, type RunOptions } from './shell';

/** Commands to one engine. */
export interface Docker {
  readonly environment: Readonly<Record<string, string>>;
  run(parameters: readonly string[], options?: RunOptions): Promise<string>;
  succeeds(parameters: readonly string[], timeoutSeconds?: number): Promise<boolean>;
  /** Runs lines of a shell as people type them, `docker compose` also where it is `docker-compose`. */
  shell(script: string, options: RunOptions): Promise<string>;
}

/** @throws Error when there is no Compose. */
export async function openDocker(engine: Readonly<Record<string, string>>): Promise<Docker> {
  // Older versions build without BuildKit unless told.
  const environment = { DOCKER_BUILDKIT: '1', COMPOSE_DOCKER_CLI_BUILD: '1', ...engine };
  const hasPlugin = await succeeds('docker', ['compose', 'version'], { environment });
  if (!hasPlugin && !(await succeeds('docker-compose', ['version'], { environment }))) {
    throw new Error('There is neither `docker compose` nor `docker-compose`; install one of them.');
  }
  const withOurs = (options: RunOptions = {}): RunOptions => ({
    ...options,
    environment: { ...environment, ...options.environment },
  });
  const older = `docker() {
  if [ "$1" = compose ]; then shift; command docker-compose "$@"; else command docker "$@"; fi
}
`;
  return {
    environment,
    run: (parameters, options) => run('docker', parameters, withOurs(options)),
    succeeds: (parameters, timeoutSeconds = 60) =>
      succeeds('docker', parameters, withOurs({ timeoutSeconds })),
    shell: (script, options) =>
      run('bash', ['-euo', 'pipefail'], {
        ...withOurs(options),
        input: (hasPlugin ? '' : older) + script,
      }),
  };
}

/** Memory of each running container, in MB. */
export type Memory = Readonly<Record<string, number>>;

export async function readMemory(
  docker: Docker,
  names: (name: string) => boolean,
): Promise<Memory> {
  const format = '{{.Name}} {{.MemUsage}}';
  const lines = await docker.run(['stats', '--no-stream', '--format', format]);
  return Object.fromEntries(
    lines
      .split('\n')
      .map((line) => /^(\S+) ([\d.]+)(\w+)/.exec(line))
      .filter((match) => match !== null)
      .map(([, name = '', amount = '', unit = '']) => [name, toMegabytes(Number(amount), unit)])
      .filter(([name]) => names(String(name))),
  ) as Memory;
}

/** A size as Docker prints it ("81.8MiB"), in MB of 10^6 bytes. */
export function toMegabytes(amount: number, unit: string): number {
  const bytes: Readonly<Record<string, number>> = {
    B: 1,
    kB: 1e3,
    KB: 1e3,
    MB: 1e6,
    GB: 1e9,
    KiB: 2 ** 10,
    MiB: 2 ** 20,
    GiB: 2 ** 30,
  };
  const factor = bytes[unit];
  if (factor === undefined) throw new Error(`'${unit}' is no unit of memory that Docker prints.`);
  return Math.round((amount * factor) / 1e5) / 10;
}
