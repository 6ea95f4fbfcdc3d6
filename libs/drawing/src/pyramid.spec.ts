import fc from 'fast-check';
import { deepZoomTileSize, pyramidOf, tileRectangle } from './pyramid';

const sides = fc.record({
  columns: fc.integer({ min: 1, max: 4_093 }),
  rows: fc.integer({ min: 1, max: 4_093 }),
});

describe('pyramidOf', () => {
  it('has 512 px a unit at the deepest level and one pixel at level 0', () => {
    fc.assert(
      fc.property(sides, ({ columns, rows }) => {
        const { width, height, levels } = pyramidOf({ columns, rows });
        expect([width, height]).toEqual([columns * 512, rows * 512]);
        expect(levels.at(-1)).toMatchObject({ width, height, unit: 512 });
        expect(levels[0]).toMatchObject({ number: 0, width: 1, height: 1 });
      }),
    );
  });

  it('halves each level, rounded up', () => {
    fc.assert(
      fc.property(sides, (layout) => {
        const { levels } = pyramidOf(layout);
        levels.slice(1).forEach((level, below) => {
          expect(levels[below]).toMatchObject({
            width: Math.ceil(level.width / 2),
            height: Math.ceil(level.height / 2),
            unit: level.unit / 2,
          });
        });
      }),
    );
  });

  it('numbers its levels as the Deep Zoom format does', () => {
    // 100 x 75 cells: 51,200 px, and 2 ** 16 = 65,536 is the next power of two.
    expect(pyramidOf({ columns: 100, rows: 75 }).levels).toHaveLength(17);
  });
});

describe('tileRectangle', () => {
  it('covers each level without overlap, cropped at the edges', () => {
    const level = pyramidOf({ columns: 5, rows: 3 }).levels.at(-2)!;
    const rectangles = Array.from({ length: level.columns * level.rows }, (_, at) =>
      tileRectangle(level, at % level.columns, Math.floor(at / level.columns)),
    );
    const area = rectangles.reduce((sum, each) => sum + each!.width * each!.height, 0);
    expect(area).toBe(level.width * level.height);
    expect(rectangles.at(-1)).toEqual({ left: 1024, top: 512, width: 256, height: 256 });
    expect(rectangles[0]).toEqual({
      ...{ left: 0, top: 0 },
      width: deepZoomTileSize,
      height: deepZoomTileSize,
    });
  });

  it.each([
    [-1, 0],
    [0, 2],
    [3, 0],
    [0.5, 0],
    [Number.NaN, 0],
  ])('knows no tile %d, %d', (column, row) => {
    const level = pyramidOf({ columns: 5, rows: 3 }).levels.at(-2)!;
    expect(tileRectangle(level, column, row)).toBeUndefined();
  });
});
