/**
 * How near mosaics come to their targets: node libs/mosaic/bench/quality.mjs
 * Means over the request photos: 100 cells along the longer side, 2,048 tiles. With metapixel in the
 * path, the same work by metapixel for comparison (some minutes).
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { cutTiles, loadMosaic, requestPhotos, resized, rgb } from './setup.mjs';

const run = promisify(execFile);
const print = (...parts) => process.stdout.write(`${parts.join(' ')}\n`);
const side = 32;
const mosaic = await loadMosaic('index');
const tiles = await cutTiles(2048, side, mosaic.seededRandom(11));
const library = mosaic.prepareLibrary(
  mosaic.collectFeatures(tiles.map((tile) => mosaic.tileFeatures(tile))),
);
const targets = await Promise.all(
  (await requestPhotos()).map(async ({ name, file }) => {
    const { width, height } = await sharp(file).metadata();
    const grid = mosaic.planGrid({ width, height }, { cells: 100 }, side);
    return { name, grid, pixels: await resized(file, grid.columns * side, grid.rows * side) };
  }),
);

for (const [name, options] of [
  ['no shift', { colourShift: 0 }],
  ['no shift, mirrored', { colourShift: 0, mirror: true }],
  ['shift 24', { colourShift: 24 }],
  ['shift 24, mirrored', { colourShift: 24, mirror: true }],
]) {
  report(
    name,
    targets.map(({ grid, pixels }) => {
      const cells = mosaic.targetFeatures(pixels, grid);
      const request = {
        cells,
        library,
        grid,
        options: { ...mosaic.defaultMatchOptions, ...options },
      };
      return measure(draw(grid, mosaic.matchTiles(request)), pixels, grid);
    }),
  );
}
if (
  await run('metapixel', ['--version']).then(
    () => true,
    () => false,
  )
)
  await compareWithMetapixel();

async function compareWithMetapixel() {
  const folder = await mkdtemp(join(tmpdir(), 'metapixel-'));
  const at = (...parts) => join(folder, ...parts);
  const save = ({ data, width, height }, file) =>
    sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(file);
  await mkdir(at('photos'));
  await mkdir(at('library'));
  for (const [index, tile] of tiles.entries()) await save(tile, at('photos', `${index}.png`));
  const size = [`--width=${side}`, `--height=${side}`];
  await run('metapixel-prepare', [...size, at('photos'), at('library')]);
  for (const cheat of [0, 30]) {
    const qualities = [];
    for (const { grid, pixels } of targets) {
      await save(pixels, at('target.png'));
      await run('metapixel', [
        '--metapixel',
        ...size,
        `--library=${at('library')}`,
        '--metric=subpixel',
        '--distance=5',
        `--cheat=${cheat}`,
        at('target.png'),
        at('mosaic.png'),
      ]);
      qualities.push(measure(await rgb(sharp(at('mosaic.png'))), pixels, grid));
    }
    report(`metapixel, cheat ${cheat}`, qualities);
  }
  await rm(folder, { recursive: true });
}

/** Box averages at 1 and at 4 times the grid, against those of the target. */
function measure(picture, target, { columns, rows }) {
  return [1, 4].map((factor) =>
    mosaic.measureQuality(
      mosaic.boxAverage(picture, columns * factor, rows * factor),
      mosaic.boxAverage(target, columns * factor, rows * factor),
    ),
  );
}

function report(name, qualities) {
  const mean = (at, key) =>
    qualities.reduce((sum, quality) => sum + quality[at][key], 0) / qualities.length;
  const line = [0, 1].map(
    (at) =>
      `${at ? 4 : 1}x: PSNR-Y ${mean(at, 'psnrY').toFixed(2)} dB, SSIM-Y ${mean(at, 'ssimY').toFixed(4)}, ` +
      `dE ${mean(at, 'deltaE').toFixed(2)}`,
  );
  print(`${name}: ${line.join('; ')}`);
}

function draw(grid, { tiles: chosen, mirrored, shifts }) {
  const width = grid.columns * side;
  const data = new Uint8ClampedArray(width * grid.rows * side * 3);
  chosen.forEach((tile, cell) => {
    const [y, cb, cr] = shifts.subarray(cell * 3, cell * 3 + 3);
    const offsets = [y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb];
    const left = (cell % grid.columns) * side;
    const top = Math.floor(cell / grid.columns) * side;
    for (let pixel = 0; pixel < side * side; pixel++) {
      const x = pixel % side;
      const from = pixel + (mirrored[cell] ? side - 1 - 2 * x : 0);
      const to = (top + Math.floor(pixel / side)) * width + left + x;
      for (let c = 0; c < 3; c++) data[to * 3 + c] = tiles[tile].data[from * 3 + c] + offsets[c];
    }
  });
  return { data: new Uint8Array(data.buffer), width, height: grid.rows * side };
}
