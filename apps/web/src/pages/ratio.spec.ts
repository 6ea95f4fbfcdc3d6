import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ratioClass, ratioClasses } from './ratio';

it.each([
  [3_000, 2_000, 'r150'],
  [2_000, 3_000, 'r67'],
  [1_000, 1_000, 'r100'],
  [1_080, 1_920, 'r56'],
  [4_096, 3_072, 'r133'],
  [10_000, 100, 'r240'],
  [100, 10_000, 'r50'],
])('a picture of %d x %d has the class %s', (width, height, expected) => {
  expect(ratioClass({ width, height })).toBe(expected);
});

it('loses at most a tenth of a side for any usual picture', () => {
  for (let width = 50; width <= 240; width++) {
    const percent = Number(ratioClass({ width, height: 100 }).slice(1));
    const kept = Math.min(width / percent, percent / width);
    expect(kept).toBeGreaterThanOrEqual(0.9);
  }
});

it('every class stands in the style sheet', () => {
  const css = readFileSync(join(__dirname, '../client/style.css'), 'utf8');
  for (const percent of ratioClasses) expect(css).toContain(`.r${percent} {`);
});
