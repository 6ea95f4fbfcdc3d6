import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { handleOf, readDemoPhotos } from './photos';

const folder = join(__dirname, '../../demo-photos');

it.each([
  ['László Szalai', 'Laszlo_Szalai'],
  ['A very long name of somebody', 'A_very_long_nam'],
  ['李雷', 'photographer'],
])('makes a handle of %s', (author, handle) => {
  expect(handleOf(author)).toBe(handle);
});

it.each(['library', 'requests'] as const)('knows the author of every photo in %s', async (kind) => {
  const photos = await readDemoPhotos(folder, kind);
  expect(photos.length).toBeGreaterThan(0);
  for (const { path, author } of photos) {
    expect(existsSync(path)).toBe(true);
    expect(author).not.toBe('unknown');
  }
});
