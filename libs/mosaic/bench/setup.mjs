/** What the bench scripts share: the library bundled for Node, tiles, targets. Needs sharp. */
import { build } from 'esbuild';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import sharp from 'sharp';

const photos = fileURLToPath(new URL('../../../tools/demo-photos/', import.meta.url));

/** Bundles modules of libs/mosaic/src, internals too, with the quality measures and seeded numbers, and imports them. */
export async function loadMosaic(...modules) {
  const folder = await mkdtemp(join(tmpdir(), 'mosaic-bench-'));
  const outfile = join(folder, 'mosaic.mjs');
  const src = fileURLToPath(new URL('../src/', import.meta.url));
  const stdin = {
    contents: [...modules.map((name) => `./${name}`), '../testing/quality', '@mosaicme/random']
      .map((name) => `export * from '${name}';`)
      .join('\n'),
    resolveDir: src,
  };
  await build({
    stdin,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    outfile,
    tsconfig: join(src, '../../../tsconfig.base.json'),
  });
  const loaded = await import(pathToFileURL(outfile).href);
  await rm(folder, { recursive: true });
  return loaded;
}

/** `count` tiles of `side` px: every photo whole, then seeded crops of 55 to 95 % of the side. */
export async function cutTiles(count, side, random) {
  const folder = join(photos, 'library');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jpg')).sort();
  const tiles = [];
  for (let index = 0; index < count; index++) {
    const source = sharp(join(folder, names[index % names.length]));
    if (index >= names.length) {
      const { width, height } = await sharp(join(folder, names[index % names.length])).metadata();
      const edge = Math.floor(Math.min(width, height) * (0.55 + 0.4 * random()));
      const left = Math.floor(random() * (width - edge + 1));
      const top = Math.floor(random() * (height - edge + 1));
      source.extract({ left, top, width: edge, height: edge });
    }
    tiles.push(await rgb(source.resize(side, side, { fit: 'cover' })));
  }
  return tiles;
}

/** The request photographs, each by its name. */
export async function requestPhotos() {
  const folder = join(photos, 'requests');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jpg')).sort();
  return names.map((name) => ({ name: name.replace('.jpg', ''), file: join(folder, name) }));
}

/** Decodes to interleaved sRGB bytes. */
export async function rgb(image) {
  const { data, info } = await image
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: info.width, height: info.height };
}

/** Resizes a photo to exactly width x height, losing the aspect ratio by half a cell at most. */
export const resized = (file, width, height) =>
  rgb(sharp(file).resize(width, height, { fit: 'fill' }));
