import { codeOf } from '@mosaicme/errors';
import fc from 'fast-check';
import { planGrid, targetSize, type GridOptions } from './grid';

const codeFrom = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return codeOf(error);
  }
  return 'no error';
};

describe('planGrid', () => {
  it.each([
    ['landscape by cells', 300, 200, { cells: 90 }, 128, 90, 60],
    ['portrait by cells', 200, 300, { cells: 90 }, 128, 60, 90],
    ['square by cells', 50, 50, { cells: 7 }, 16, 7, 7],
    ['a strip keeps at least one row', 1000, 1, { cells: 10 }, 16, 10, 1],
    ['columns and rows as given', 300, 200, { columns: 3, rows: 50 }, 64, 3, 50],
    [
      '254 mm at 256 dpi are 20 tiles of 128 px',
      200,
      100,
      { print: { widthMm: 254, dpi: 256 } },
      128,
      20,
      10,
    ],
    ['the same by height', 200, 100, { print: { heightMm: 127, dpi: 256 } }, 128, 20, 10],
  ] as [string, number, number, GridOptions, number, number, number][])(
    'plans %s',
    (_, width, height, options, tileSize, columns, rows) => {
      expect(planGrid({ width, height }, options, tileSize)).toEqual({ columns, rows, tileSize });
    },
  );

  it('keeps the aspect ratio to half a cell', () => {
    const side = fc.integer({ min: 1, max: 10_000 });
    fc.assert(
      fc.property(side, side, fc.integer({ min: 1, max: 500 }), (width, height, cells) => {
        const grid = planGrid({ width, height }, { cells }, 16);
        expect(Math.max(grid.columns, grid.rows)).toBe(cells);
        const exact = cells * (Math.min(width, height) / Math.max(width, height));
        expect(
          Math.abs(Math.min(grid.columns, grid.rows) - Math.max(1, exact)),
        ).toBeLessThanOrEqual(0.5 + 1e-9);
      }),
    );
  });

  it('allows the largest JPEG and refuses one tile more', () => {
    const square = { width: 1, height: 1 };
    expect(planGrid(square, { cells: 511 }, 128).columns).toBe(511);
    const tooLarge = () => planGrid(square, { cells: 512 }, 128);
    expect(codeFrom(tooLarge)).toBe('mosaic.jpeg-side');
    expect(tooLarge).toThrow(
      '65536 px wide (512 cells of 128 px); a JPEG side has at most 65535 px',
    );
    expect(tooLarge).toThrow('at most 511 cells');
  });

  it.each([
    [{ cells: 0 }],
    [{ cells: 1.5 }],
    [{ columns: 3, rows: -1 }],
    [{ print: { widthMm: 0, dpi: 300 } }],
    [{ print: { heightMm: 10, dpi: Number.NaN } }],
  ] as [GridOptions][])('refuses %j', (options) => {
    expect(codeFrom(() => planGrid({ width: 3, height: 2 }, options, 64))).toBe('mosaic.bad-grid');
  });

  it('says how large the target must be', () => {
    expect(targetSize({ columns: 90, rows: 60, tileSize: 128 }, 4)).toEqual({
      width: 360,
      height: 240,
    });
  });
});
