import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ask } from './http';

/** Photos for the tile library; a third of the demo's is enough for mosaics. */
export async function readDemoLibrary(root: string): Promise<string[]> {
  const folder = join(root, 'tools/demo-photos/library');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.jpg')).sort();
  return files.filter((_, index) => index % 3 === 0).map((file) => join(folder, file));
}

/** Posts photos for the collector of raw photos. */
export async function postLibrary(
  simulatorUrl: string,
  photos: readonly string[],
  hashtag: string,
): Promise<void> {
  for (const path of photos) {
    const form = new FormData();
    form.set('handle', 'photographer');
    form.set('text', `A photo #${hashtag}`);
    form.set('photo', new Blob([await readFile(path)], { type: 'image/jpeg' }), 'photo.jpg');
    const response = await ask(`${simulatorUrl}/api/posts`, { method: 'POST', body: form });
    if (!response.ok) throw new Error(`The simulator refuses: ${await response.text()}`);
  }
}
