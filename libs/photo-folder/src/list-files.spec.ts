import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listFiles } from './list-files';
import { sniffFile } from './sniff-file';
import { spoolPhoto } from './spool-photo';

let folder: string;
const at = (...parts: string[]) => join(folder, ...parts);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosaicme-photos-'));
  await mkdir(at('b', 'deep'), { recursive: true });
  await writeFile(at('a'), 'A');
  await writeFile(at('b', 'deep', 'c.jpg'), 'C');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const names = async () => (await listFiles(folder)).files.map(({ file }) => file);

describe('listFiles', () => {
  it('lists files of all folders, whatever their ending, by name', async () => {
    expect(await names()).toEqual(['a', 'b/deep/c.jpg']);
  });

  it('leaves out what is hidden', async () => {
    await mkdir(at('.cache'));
    await writeFile(at('.cache', 'x.jpg'), 'X');
    await writeFile(at('.hidden.jpg'), 'H');
    expect(await names()).toEqual(['a', 'b/deep/c.jpg']);
  });

  it('follows links to files and folders elsewhere', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'mosaicme-elsewhere-'));
    try {
      await writeFile(join(elsewhere, 'x'), 'X');
      await writeFile(join(elsewhere, 'y'), 'Y');
      await symlink(join(elsewhere, 'y'), at('0-linked'));
      await symlink(elsewhere, at('z'));
      expect(await names()).toEqual(['0-linked', 'a', 'b/deep/c.jpg', 'z/x']);
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  });

  it('lists once, under its own name, what several links lead to', async () => {
    await symlink(at('b', 'deep'), at('0'));
    await symlink(at('a'), at('00'));
    expect(await listFiles(folder)).toMatchObject({
      files: [{ file: 'a' }, { file: 'b/deep/c.jpg' }],
      skipped: [],
    });
  });

  it('names a circle and does not follow it', async () => {
    await symlink(folder, at('b', 'deep', 'up'));
    const { files, skipped } = await listFiles(folder);
    expect(files).toHaveLength(2);
    expect(skipped).toEqual([
      { file: 'b/deep/up', reason: expect.stringContaining('leads back') as string },
    ]);
  });

  it('names links that lead nowhere or to themselves', async () => {
    await symlink(at('gone'), at('x'));
    await symlink(at('y'), at('y'));
    expect((await listFiles(folder)).skipped).toEqual([
      { file: 'x', reason: 'the link leads nowhere' },
      { file: 'y', reason: 'the link leads round to itself' },
    ]);
  });

  it('fails when the folder is not there', async () => {
    await expect(listFiles(at('none'))).rejects.toThrow('ENOENT');
  });
});

it('tells a file by its first bytes', async () => {
  await writeFile(at('photo'), Buffer.from('\xff\xd8\xff\xe0', 'latin1'));
  expect(await sniffFile(at('photo'))).toMatchObject({ name: 'JPEG' });
  expect(await sniffFile(at('a'))).toBeUndefined();
});

it('knows a file by name, size and time of change', async () => {
  const [file] = (await listFiles(folder)).files;
  const { id } = spoolPhoto(file!, 'folder');
  expect(spoolPhoto({ ...file! }, 'somebody').id).toBe(id);
  await writeFile(at('a'), 'longer');
  const [changed] = (await listFiles(folder)).files;
  expect(spoolPhoto(changed!, 'folder').id).not.toBe(id);
});
