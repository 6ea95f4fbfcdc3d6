/**
 * How long matching takes: node libs/mosaic/bench/speed.mjs [--cells 100] [--runs 7]
 * Libraries of 2,048 tiles and, by crop, mirror and colour variation of the same photos, 100,000.
 */
import { parseArgs } from 'node:util';
import { cutTiles, loadMosaic, requestPhotos, resized } from './setup.mjs';

const print = (...parts) => process.stdout.write(`${parts.join(' ')}\n`);
const { values } = parseArgs({
  options: {
    cells: { type: 'string', default: '100' },
    runs: { type: 'string', default: '7' },
    large: { type: 'string', default: '100000' },
  },
});
const mosaic = await loadMosaic('index', 'grid', 'features', 'library');
const random = mosaic.seededRandom(1);
const small = mosaic.collectFeatures(
  (await cutTiles(2048, 32, random)).map((tile) => mosaic.tileFeatures(tile)),
);
const sources = await cutTiles(716, 64, random);
const large = mosaic.collectFeatures(
  Array.from({ length: Number(values.large) }, (_, index) =>
    mosaic.tileFeatures(vary(sources[index % 716])),
  ),
);

const [photo] = (await requestPhotos()).filter(({ name }) => name === 'astronaut');
const cells = Number(values.cells);
const grid = mosaic.planGrid({ width: 1, height: 1 }, { cells }, 128);
const pixels = await resized(photo.file, grid.columns * 4, grid.rows * 4);
/** Runs it some times: median wall time, and CPU time a run, which a busy machine disturbs less. */
function timed(run) {
  const times = [];
  const before = process.cpuUsage();
  for (let round = 0; round < Number(values.runs); round++) {
    const start = performance.now();
    run();
    times.push(performance.now() - start);
  }
  const { user, system } = process.cpuUsage(before);
  times.sort((a, b) => a - b);
  const cpu = (user + system) / 1000 / times.length;
  return `${times[times.length >> 1].toFixed(0)} ms (CPU ${cpu.toFixed(0)} ms)`;
}

print(
  `features of ${grid.columns * grid.rows} cells: ${timed(() => mosaic.targetFeatures(pixels, grid))}`,
);
const target = mosaic.targetFeatures(pixels, grid);
for (const features of [small, large]) {
  const library = mosaic.prepareLibrary(features);
  for (const options of [
    { colourShift: 0 },
    { colourShift: 0, mirror: true },
    { colourShift: 24 },
  ]) {
    const request = {
      cells: target,
      library,
      grid,
      options: { ...mosaic.defaultMatchOptions, ...options },
    };
    const start = performance.now();
    library.indexFor(options.colourShift ? 'shifted' : 'perceived');
    const index = (performance.now() - start).toFixed(0);
    mosaic.matchTiles(request);
    print(
      `${features.count} tiles ${JSON.stringify(options)}: ${timed(() => mosaic.matchTiles(request))},`,
      `search alone ${timed(() => mosaic.findCandidates(request))}, index ${index} ms`,
    );
  }
  const added = mosaic.collectFeatures(
    sources.slice(0, 100).map((tile) => mosaic.tileFeatures(tile)),
  );
  print(
    `adding 100 tiles: ${timed(() => mosaic.extendLibrary(library, added).indexFor('shifted'))}`,
  );
}

/** A 32 px crop of a 64 px tile, at times mirrored, with a colour cast. */
function vary({ data }) {
  const left = Math.floor(random() * 33);
  const top = Math.floor(random() * 33);
  const mirror = random() < 0.5;
  const gain = [0, 1, 2].map(() => 0.75 + 0.5 * random());
  const out = new Uint8Array(32 * 32 * 3);
  for (let y = 0; y < 32; y++) {
    for (let x = 0; x < 32; x++) {
      const from = ((top + y) * 64 + left + (mirror ? 31 - x : x)) * 3;
      for (let c = 0; c < 3; c++)
        out[(y * 32 + x) * 3 + c] = Math.min(255, data[from + c] * gain[c]);
    }
  }
  return { data: out, width: 32, height: 32 };
}
