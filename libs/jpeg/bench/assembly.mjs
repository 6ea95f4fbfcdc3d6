// Measures transcoding, mirroring and assembly: `node libs/jpeg/bench/assembly.mjs [--sharp]`.
// 2,048 crops of the demo photographs, 100 x 100 cells of 128 px, medians and best of 9 runs. With --sharp it
// also measures sharp's encoding of the same pixels, which needs about 1 GB of memory.
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import sharp from 'sharp';

const root = new URL('../../../', import.meta.url);
const options = {
  quality: 85,
  chromaSubsampling: '4:2:0',
  mozjpeg: false,
  optimiseCoding: false,
};
const columns = 100;
const rows = 100;
const tileSize = 128;
const tileCount = 2048;

const jpeg = await loadLibrary('jpeg');
const { seededRandom } = await loadLibrary('random');
const sources = await cutTiles();
const profile = jpeg.readProfile(sources[0]);

const seconds = (work, runs = 9) => {
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    work();
    return (performance.now() - start) / 1000;
  });
  times.sort((a, b) => a - b);
  return { median: times[runs >> 1], best: times[0] };
};
const report = (name, { median, best }, unit, note = '') => {
  const columns = [median, best].map((value) => value.toFixed(4).padStart(10)).join('');
  process.stdout.write(`${name.padEnd(30)}${columns} ${unit.padEnd(8)}  ${note}\n`);
};
const perTile = ({ median, best }) => ({
  median: (median / tileCount) * 1000,
  best: (best / tileCount) * 1000,
});
process.stdout.write(`${''.padEnd(30)}    median      best\n`);

let tiles = [];
const transcoding = seconds(() => {
  tiles = sources.map((source) => jpeg.transcodeTile(source, profile));
}, 5);
report('transcode', perTile(transcoding), 'ms/tile');
const mirroring = seconds(() => {
  tiles.forEach((tile) => jpeg.mirrorTile(tile, profile));
}, 5);
report('mirror', perTile(mirroring), 'ms/tile');

const next = seededRandom(7);
const cells = Array.from({ length: columns * rows }, () => ({
  segments: tiles[Math.floor(next() * tileCount)],
  shift: { y: next() * 48 - 24, cb: next() * 48 - 24, cr: next() * 48 - 24 },
}));
const grid = { columns, rows, tileSize };
const plain = { profile, grid, tile: (x, y) => ({ segments: cells[y * columns + x].segments }) };
const shifted = { profile, grid, tile: (x, y) => cells[y * columns + x] };

const drain = (assembly) => {
  let bytes = 0;
  for (const chunk of jpeg.assembleChunks(assembly)) bytes += chunk.length;
  return bytes;
};
const megabytes = (assembly) => `${(drain(assembly) / 1e6).toFixed(1)} MB`;
report(
  'assemble in chunks',
  seconds(() => drain(plain)),
  's',
  megabytes(plain),
);
report(
  'assemble in chunks, shifted',
  seconds(() => drain(shifted)),
  's',
  megabytes(shifted),
);
const cellsOf = (source) => ({
  profile,
  width: columns * tileSize,
  height: rows * tileSize,
  bandHeight: tileSize,
  cells: cells.map((cell, index) => ({
    ...source(cell),
    left: (index % columns) * tileSize,
    top: Math.floor(index / columns) * tileSize,
  })),
});
const drainCells = (assembly) => {
  let bytes = 0;
  for (const chunk of jpeg.assembleCells(assembly)) bytes += chunk.length;
  return bytes;
};
for (const [name, assembly] of [
  ['joined bit by bit', cellsOf(({ segments }) => ({ segments }))],
  ['joined bit by bit, shifted', cellsOf((cell) => cell)],
]) {
  report(
    name,
    seconds(() => drainCells(assembly)),
    's',
    `${(drainCells(assembly) / 1e6).toFixed(1)} MB`,
  );
}
report(
  'assemble in one',
  seconds(() => jpeg.assembleJpeg(plain)),
  's',
);
report(
  'assemble in one, shifted',
  seconds(() => jpeg.assembleJpeg(shifted)),
  's',
);
const peak = process.resourceUsage().maxRSS / 1024;
report('peak memory', { median: peak, best: peak }, 'MB', 'sharp and sources included');

if (process.argv.includes('--sharp')) {
  const whole = jpeg.assembleJpeg(plain);
  const { data, info } = await sharp(whole, { limitInputPixels: false })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const times = [];
  let bytes = 0;
  for (let run = 0; run < 3; run++) {
    const start = performance.now();
    const picture = sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
    bytes = (await picture.jpeg(options).toBuffer()).length;
    times.push((performance.now() - start) / 1000);
  }
  times.sort((a, b) => a - b);
  const encoding = { median: times[1], best: times[0] };
  report('sharp, the same pixels', encoding, 's', `${(bytes / 1e6).toFixed(1)} MB`);
}

/** A library as a module, bundled in memory. */
async function loadLibrary(name) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`libs/${name}/src/index.ts`, root))],
    tsconfig: fileURLToPath(new URL('tsconfig.base.json', root)),
    bundle: true,
    write: false,
    format: 'esm',
    target: 'node20',
  });
  const source = Buffer.from(outputFiles[0].contents).toString('base64');
  return import(`data:text/javascript;base64,${source}`);
}

/** Crops at places of a fixed seed. */
async function cutTiles() {
  const folder = new URL('tools/demo-photos/library/', root);
  const files = (await readdir(folder)).sort();
  const random = seededRandom(1);
  const perPhoto = Math.ceil(tileCount / files.length);
  const crops = [];
  for (const file of files) {
    const photo = sharp(fileURLToPath(new URL(file, folder)))
      .resize(320, 320, { fit: 'outside' })
      .removeAlpha()
      .toColourspace('srgb');
    const { data, info } = await photo.raw().toBuffer({ resolveWithObject: true });
    for (let n = 0; n < perPhoto; n++) {
      const side = Math.floor(tileSize + random() * (320 - tileSize));
      const left = Math.floor(random() * (info.width - side));
      const top = Math.floor(random() * (info.height - side));
      const raw = { width: info.width, height: info.height, channels: info.channels };
      crops.push(
        await sharp(data, { raw })
          .extract({ left, top, width: side, height: side })
          .resize(tileSize, tileSize)
          .jpeg(options)
          .toBuffer(),
      );
    }
  }
  return crops.slice(0, tileCount);
}
