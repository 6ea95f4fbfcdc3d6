import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installCalls } from './install';
import { serverKinds } from './kinds';
import {
  findProgram,
  missingMessage,
  missingPrograms,
  packagesFor,
  programFolders,
} from './programs';

describe('finding programs', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'programs-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('finds a program in the folders of the PATH, in their order', async () => {
    for (const name of ['one', 'two']) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'a-test-server'), '');
      await chmod(join(folder, name, 'a-test-server'), 0o755);
    }
    const PATH = `${join(folder, 'none')}:${join(folder, 'two')}:${join(folder, 'one')}`;
    expect(findProgram('a-test-server', { PATH })).toBe(join(folder, 'two', 'a-test-server'));
  });

  it('skips files that cannot be run', async () => {
    await writeFile(join(folder, 'a-test-server'), '');
    expect(findProgram('a-test-server', { PATH: folder })).toBeUndefined();
  });

  it('prefers the RabbitMQ that keeps user and folder', () => {
    expect(programFolders({ PATH: '/opt/x' })).toEqual(
      expect.arrayContaining(['/usr/lib/rabbitmq/bin', '/opt/x', '/usr/sbin']),
    );
    expect(programFolders({ PATH: '/opt/x' })[0]).toBe('/usr/lib/rabbitmq/bin');
  });
});

describe('what is missing', () => {
  it('is nothing when all programs are there', () => {
    expect(missingPrograms(serverKinds, () => true)).toEqual([]);
  });

  it('is named with everything else that is missing, and both ways to get it, in one message', () => {
    const missing = missingPrograms(serverKinds, () => false);
    expect(missingMessage(missing)).toBe(
      [
        'The tests run on real servers, and these cannot be started here:',
        '  RabbitMQ: no rabbitmq-server, no epmd',
        "  Ceph's radosgw (S3): no radosgw, no radosgw-admin, no ceph, no ceph-mon, no ceph-osd, no monmaptool",
        '  Redis: no redis-server',
        'On Debian or Ubuntu, install them (as root, the tests do so themselves):',
        '  apt-get update && apt-get install -y --no-install-recommends rabbitmq-server radosgw ceph-mon ceph-osd redis-server',
        'Or name servers that run already (their content may be changed):',
        '  MOSAICME_TEST_AMQP_URL=amqp://user:password@host:port',
        '  MOSAICME_TEST_S3_URL=http://accesskey:secret@host:port',
        '  MOSAICME_TEST_REDIS_URL=redis://host:port/db',
      ].join('\n'),
    );
  });

  it('leaves out servers that are complete', () => {
    const missing = missingPrograms(serverKinds, (program) => program !== 'ceph-osd');
    expect(missing).toEqual([{ kind: 's3', programs: ['ceph-osd'] }]);
    expect(missingMessage(missing)).not.toContain('redis');
    expect(packagesFor(missing)).toEqual(['radosgw', 'ceph-mon', 'ceph-osd']);
  });

  it('is installed without recommended packages, waiting for another apt-get', () => {
    const [update, install] = installCalls(['redis-server']);
    expect(update).toContain('update');
    expect(install).toEqual([
      ...['-o', 'DPkg::Lock::Timeout=300', 'install', '-y', '-qq'],
      ...['--no-install-recommends', 'redis-server'],
    ]);
  });
});
