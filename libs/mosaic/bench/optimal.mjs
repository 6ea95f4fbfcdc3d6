/**
 * What the optimal mode gains over the greedy one: node libs/mosaic/bench/optimal.mjs
 */
import { cutTiles, loadMosaic, requestPhotos, resized } from './setup.mjs';

const print = (...parts) => process.stdout.write(`${parts.join(' ')}\n`);
const mosaic = await loadMosaic('index', 'grid', 'features', 'optimal');
const tiles = await cutTiles(716, 32, mosaic.seededRandom(1));
const library = mosaic.prepareLibrary(
  mosaic.collectFeatures(tiles.map((tile) => mosaic.tileFeatures(tile))),
);
const photos = (await requestPhotos()).filter(({ name }) =>
  ['astronaut', 'castle', 'canyon'].includes(name),
);
const cases = [
  { cells: 40, maxUses: 3, repeatDistance: 0 },
  { cells: 40, maxUses: 3, repeatDistance: 3 },
  { cells: 40, useAll: true, repeatDistance: 0 },
  { cells: 40, useAll: true, maxUses: 4, repeatDistance: 2 },
  { cells: 60, maxUses: 6, repeatDistance: 3 },
  { cells: 100, maxUses: 15, repeatDistance: 5 },
  { cells: 100, repeatDistance: 5 },
];
for (const { cells, ...limits } of cases) {
  for (const { name, file } of photos) {
    const grid = mosaic.planGrid({ width: 1, height: 1 }, { cells }, 32);
    const target = mosaic.targetFeatures(await resized(file, cells * 4, cells * 4), grid);
    const request = {
      cells: target,
      library,
      grid,
      options: { ...mosaic.defaultMatchOptions, colourShift: 0, ...limits },
    };
    const timed = (run) => {
      const start = performance.now();
      const { statistics, leastDistance } = run(request);
      return { ...statistics, leastDistance, ms: performance.now() - start };
    };
    const greedy = timed(mosaic.matchTiles);
    const optimal = timed(mosaic.matchTilesOptimally);
    print(
      `${cells} cells ${JSON.stringify(limits)} ${name}:`,
      `greedy ${greedy.distance.toFixed(1)} (${greedy.ms.toFixed(0)} ms),`,
      `optimal ${optimal.distance.toFixed(1)} (${optimal.ms.toFixed(0)} ms), at least ${optimal.leastDistance.toFixed(1)},`,
      `gain ${(20 * Math.log10(greedy.distance / optimal.distance)).toFixed(2)} dB`,
    );
  }
}
