import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createS3Store } from '@mosaicme/object-store';
import { freePorts } from './ports';
import { programPath } from './programs';
import { untilReady } from './readiness';
import { startOrClose, type OwnedServer } from './server';
import { startTied, type TiedProcess } from './tied-process';

const run = promisify(execFile);

const stepTimeoutMs = 60_000;

const accessKey = 'mosaicme';
const secretKey = 'mosaicme-secret';

/** Bytes of objects that fit; they take memory as they come. 5,000 mosaics of a benchmark are 9 GB. */
const capacityBytes = 16 * 1024 ** 3;

export interface CephPlace {
  readonly folder: string;
  readonly clusterId: string;
  /** `s3` for clients, `monitor` for the parts of the cluster. */
  readonly ports: Readonly<Record<'s3' | 'monitor', number>>;
}

/** The settings of the smallest cluster that serves S3, section by section. */
export function cephSettings(place: CephPlace): Record<string, Record<string, string | number>> {
  const { folder, clusterId, ports } = place;
  const plain = (names: readonly string[]) => names.map((name) => [name, 'crc'] as const);
  return {
    global: {
      fsid: clusterId,
      mon_host: `v2:127.0.0.1:${ports.monitor}`,
      public_addr: '127.0.0.1',
      cluster_addr: '127.0.0.1',
      // One address family and one protocol: fewer ports.
      ms_bind_ipv6: 'false',
      ms_bind_msgr1: 'false',
      // Nobody but us reaches 127.0.0.1 here, so the parts need neither keys nor encryption.
      auth_cluster_required: 'none',
      auth_service_required: 'none',
      auth_client_required: 'none',
      keyring: join(folder, 'keyring'),
      ...Object.fromEntries(
        plain([
          'ms_cluster_mode',
          'ms_service_mode',
          'ms_client_mode',
          'ms_mon_cluster_mode',
          'ms_mon_service_mode',
          'ms_mon_client_mode',
        ]),
      ),
      run_dir: join(folder, 'run'),
      crash_dir: join(folder, 'log'),
      log_file: join(folder, 'log', '$name.log'),
      log_to_stderr: 'false',
      err_to_stderr: 'true',
      admin_socket: '',
      // One disk, so one copy and one placement group.
      osd_pool_default_size: 1,
      osd_pool_default_min_size: 1,
      osd_pool_default_pg_num: 1,
      osd_pool_default_pgp_num: 1,
      osd_pool_default_pg_autoscale_mode: 'off',
      osd_crush_chooseleaf_type: 0,
      mon_allow_pool_size_one: 'true',
    },
    mon: {
      mon_data: join(folder, 'mon'),
      mon_cluster_log_file: join(folder, 'log', 'cluster.log'),
      // A nearly full disk of the machine does not matter: the data are in memory.
      mon_data_avail_warn: 1,
      mon_data_avail_crit: 0,
      // There is nobody to vote with, so decisions need not wait.
      paxos_propose_interval: 0.02,
      paxos_min_wait: 0.01,
      mon_osd_prime_pg_temp: 'false',
      mon_max_pg_per_osd: 1000,
      mon_allow_pool_delete: 'true',
      auth_allow_insecure_global_id_reclaim: 'true',
    },
    osd: {
      osd_data: join(folder, 'osd'),
      osd_objectstore: 'memstore',
      memstore_device_bytes: capacityBytes,
      osd_memory_target: 1024 ** 3,
      osd_crush_initial_weight: 1,
      osd_class_update_on_start: 'false',
      osd_op_num_shards: 2,
      ms_async_op_threads: 2,
    },
    client: {
      rgw_data: join(folder, 'rgw'),
      rgw_frontends: `beast endpoint=127.0.0.1:${ports.s3}`,
      rgw_rados_pool_pg_num_min: 1,
      rgw_thread_pool_size: 64,
      // Background work that no test needs.
      rgw_enable_usage_log: 'false',
      rgw_enable_ops_log: 'false',
      rgw_run_sync_thread: 'false',
      rgw_dynamic_resharding: 'false',
      // Removed objects give their memory back within seconds, not hours.
      rgw_gc_obj_min_wait: 5,
      rgw_gc_processor_period: 5,
      rgw_gc_processor_max_time: 5,
      rgw_crypt_require_ssl: 'false',
    },
  };
}

/** The content of `ceph.conf`. */
export function cephConfig(place: CephPlace): string {
  return Object.entries(cephSettings(place))
    .map(([section, settings]) =>
      [`[${section}]`, ...Object.entries(settings).map(([name, value]) => `${name} = ${value}`)]
        .join('\n')
        .concat('\n'),
    )
    .join('\n');
}

/**
 * Starts an S3 server of our own: Ceph's gateway over one monitor and one disk in memory. `stop` and
 * `start` act on the gateway; the data live on behind it.
 */
export async function startRadosgw(folder: string): Promise<OwnedServer> {
  const ports = await freePorts(['s3', 'monitor']);
  const clusterId = randomUUID();
  const configFile = join(folder, 'ceph.conf');
  for (const name of ['mon', 'osd', 'rgw', 'run', 'log']) {
    await mkdir(join(folder, name), { recursive: true });
  }
  await writeFile(configFile, cephConfig({ folder, clusterId, ports }));
  await writeFile(join(folder, 'keyring'), '');

  const environment = { ...process.env, CEPH_CONF: configFile };
  const config = ['-c', configFile];
  const gateway = [...config, '-n', 'client.rgw'];
  const inForeground = '-f';
  const background: TiedProcess[] = [];
  let server: TiedProcess | undefined;

  const step = (program: string, ...parameters: readonly string[]) =>
    run(programPath(program), parameters, { env: environment, timeout: stepTimeoutMs });

  async function startCluster(): Promise<void> {
    const monitorMap = join(folder, 'monmap');
    const address = `[v2:127.0.0.1:${ports.monitor}]`;
    await step('monmaptool', '--create', '--fsid', clusterId, '--addv', 'a', address, monitorMap);
    await step('ceph-mon', ...config, '-i', 'a', '--mkfs', '--monmap', monitorMap);
    background.push(
      startTied(programPath('ceph-mon'), [...config, '-i', 'a', inForeground], environment),
    );
    const diskId = randomUUID();
    await step('ceph', ...config, '--connect-timeout', '30', 'osd', 'new', diskId);
    await step('ceph-osd', ...config, '-i', '0', '--mkfs', '--osd-uuid', diskId);
    background.push(
      startTied(programPath('ceph-osd'), [...config, '-i', '0', inForeground], environment),
    );
    await step(
      'radosgw-admin',
      ...gateway,
      ...['user', 'create', '--uid=mosaicme', '--display-name=mosaicme'],
      ...[`--access-key=${accessKey}`, `--secret-key=${secretKey}`],
    );
  }

  async function start(): Promise<void> {
    if (background.length === 0) await startCluster();
    const started = startTied(programPath('radosgw'), [...gateway, inForeground], environment);
    server = started;
    const store = createS3Store({
      endpoint: { host: '127.0.0.1', port: ports.s3, https: false },
      region: 'us-east-1',
      accessKey,
      secretKey,
      maxAttempts: 1,
    });
    try {
      await untilReady('radosgw', started, stepTimeoutMs, async () => {
        await store.ensureBucket('readiness');
        await store.put({ bucket: 'readiness', key: 'probe' }, new Uint8Array());
      });
    } finally {
      await store.close();
    }
  }
  const stop = async (): Promise<void> => server?.stop();

  return startOrClose({
    url: `http://${accessKey}:${secretKey}@127.0.0.1:${ports.s3}`,
    start,
    stop,
    close: async () => {
      await stop();
      await Promise.all(background.map((part) => part.stop()));
    },
  });
}
