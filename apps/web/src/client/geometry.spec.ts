import fc from 'fast-check';
import { cellAt, clamp, fit, pan, zoom, type Scene } from './geometry';

const scene: Scene = {
  frame: { width: 400, height: 300 },
  picture: { width: 4_000, height: 2_000 },
  maxScale: 2,
};

const numbers = fc.double({ min: -10_000, max: 10_000, noNaN: true });
const factors = fc.double({ min: 0.01, max: 100, noNaN: true });
const framePoints = fc.record({
  x: fc.double({ min: 0, max: 400, noNaN: true }),
  y: fc.double({ min: 0, max: 300, noNaN: true }),
});

it('fits the whole picture into the middle of the frame', () => {
  expect(fit(scene)).toEqual({ scale: 0.1, x: 0, y: 50 });
});

it('keeps what is under the pointer where it is, away from the edges', () => {
  const before = { scale: 1, x: -1_500, y: -800 };
  const point = { x: 100, y: 200 };
  const after = zoom(scene, before, 1.5, point);
  expect(after.scale).toBe(1.5);
  expect((point.x - after.x) / after.scale).toBeCloseTo((point.x - before.x) / before.scale);
  expect((point.y - after.y) / after.scale).toBeCloseTo((point.y - before.y) / before.scale);
});

it('never leaves a gap where there is picture to show', () => {
  fc.assert(
    fc.property(factors, framePoints, numbers, numbers, (factor, point, x, y) => {
      const view = pan(scene, zoom(scene, fit(scene), factor, point), { x, y });
      const width = scene.picture.width * view.scale;
      expect(view.scale).toBeGreaterThanOrEqual(0.1);
      expect(view.scale).toBeLessThanOrEqual(2);
      expect(view.x).toBeLessThanOrEqual(1e-6);
      expect(view.x + width).toBeGreaterThanOrEqual(scene.frame.width - 1e-6);
    }),
  );
});

it('keeps a view that is within the limits', () => {
  const view = { scale: 0.5, x: -100, y: -200 };
  expect(clamp(scene, view)).toEqual(view);
});

it('shows a picture that is smaller than its frame at its fitting size', () => {
  const small = { ...scene, picture: { width: 40, height: 30 }, maxScale: 2 };
  expect(zoom(small, fit(small), 5, { x: 0, y: 0 })).toEqual({ scale: 10, x: 0, y: 0 });
});

describe('cellAt', () => {
  const grid = { columns: 4, rows: 2, tileSize: 10 };
  it.each([
    [{ x: 0, y: 0 }, undefined],
    [
      { x: 10, y: 20 },
      { column: 0, row: 0 },
    ],
    [
      { x: 29.9, y: 40 },
      { column: 0, row: 1 },
    ],
    [
      { x: 89.9, y: 59.9 },
      { column: 3, row: 1 },
    ],
    [{ x: 90, y: 59.9 }, undefined],
  ])('finds under %o the cell %o', (point, expected) => {
    expect(cellAt({ scale: 2, x: 10, y: 20 }, point, grid)).toEqual(expected);
  });
});
