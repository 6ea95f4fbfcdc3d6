import { dotsPerInch, planOpenableGrid } from './grid';

const landscape = { width: 400, height: 300 };
const portrait = { width: 300, height: 400 };

describe('planOpenableGrid', () => {
  it('lets the longer side on paper be the width or the height', () => {
    const print = { print: { longerSideMm: 254, dpi: 320 } };
    expect(planOpenableGrid(landscape, print, 32)).toEqual({
      columns: 100,
      rows: 75,
      tileSize: 32,
    });
    expect(planOpenableGrid(portrait, print, 32)).toEqual({ columns: 75, rows: 100, tileSize: 32 });
    expect([dotsPerInch(print), dotsPerInch({ cells: 64 })]).toEqual([320, undefined]);
  });

  it.each([
    [16, 4_093, 4_094],
    [32, 2_046, 2_047],
    [128, 511, 512],
  ] as const)('refuses what libjpeg cannot open, with tiles of %i px', (tile, most, tooMany) => {
    expect(planOpenableGrid(landscape, { columns: most, rows: 1 }, tile).columns).toBe(most);
    expect(() => planOpenableGrid(landscape, { columns: 1, rows: tooMany }, tile)).toThrow(
      expect.objectContaining({
        code: 'mosaic.jpeg-side',
        message: expect.stringMatching(new RegExp(`at most 65\\d+ px.*at most ${most}`, 's')),
      }),
    );
  });
});
