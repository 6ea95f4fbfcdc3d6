import {
  collectFeatures,
  defaultFeatureSpace,
  isTextureSeen,
  targetFeatures,
  textureAllowance,
  textureAt,
  tileFeatures,
} from './features';
import { uniformCells } from './cells';
import { matchTiles } from './matching';
import { defaultMatchOptions } from './placement';

/** 16 x 16 px of one mean grey: plain, or with columns that alternate within each sub-cell. */
const grey = (contrast: number) => ({
  width: 16,
  height: 16,
  data: Uint8Array.from({ length: 16 * 16 * 3 }, (_, at) => {
    const column = Math.floor(at / 3) % 16;
    return 128 + (Math.floor(column / 2) % 2 === 0 ? contrast : -contrast);
  }),
});

describe('the texture of a tile', () => {
  it('is nothing in a plain one, and grows with the contrast within its sub-cells', () => {
    const [none, some, more] = [0, 10, 20].map((contrast) => tileFeatures(grey(contrast)));
    expect(none![textureAt]).toBe(0);
    expect(more![textureAt]).toBe(2 * some![textureAt]!);
    expect([...some!].filter((value, at) => at !== textureAt && value !== 0)).toEqual([]);
  });

  it('counts for a cell in which one sees it, and for no other', () => {
    const library = collectFeatures([tileFeatures(grey(40)), tileFeatures(grey(5))]);
    const target = grey(0);
    const place = (showsTexture: boolean) =>
      matchTiles({
        cells: targetFeatures(target, { columns: 1, rows: 1 }, defaultFeatureSpace, showsTexture),
        library,
        layout: uniformCells({ columns: 1, rows: 1, tileSize: 64 }),
        options: defaultMatchOptions,
      });
    expect(place(true).tiles).toEqual(Uint32Array.of(1));
    expect(place(true).statistics.distance).toBeGreaterThan(0);
    expect(place(false).statistics.distance).toBe(0);
  });

  it('is seen in cells of a 64th of the longer side or more', () => {
    expect([isTextureSeen(1, 64), isTextureSeen(1, 65), isTextureSeen(4, 256)]).toEqual([
      true,
      false,
      true,
    ]);
    const cells = targetFeatures(grey(0), { columns: 1, rows: 1 });
    expect(textureAllowance(cells, 0)).toBeGreaterThan(11_000);
  });
});
