import { collectFeatures, tileFeatures } from '@mosaicme/mosaic';
import { createFeaturePreparer } from './feature-preparer';

const flat = (level: number) =>
  tileFeatures({ width: 4, height: 4, data: new Uint8Array(4 * 4 * 3).fill(level) });

const tilesOf = (...levels: number[]) => ({
  ids: levels.map(String),
  features: collectFeatures(levels.map(flat)),
});

describe('the feature preparer', () => {
  it('hands out the same library while the tiles stay the same', () => {
    const prepare = createFeaturePreparer();
    const [first, again] = [tilesOf(1, 2, 3), tilesOf(1, 2, 3)];
    const library = prepare(first.ids, first.features);
    expect(prepare(again.ids, again.features)).toBe(library);
  });

  it.each([
    ['added behind', tilesOf(1, 2, 3, 4, 5)],
    ['added in front', tilesOf(0, 1, 2, 3)],
    ['removed', tilesOf(1, 3)],
    ['replaced', tilesOf(1, 9, 3)],
    ['all removed', tilesOf()],
  ])('has the features of the new tiles when some were %s', (_, { ids, features }) => {
    const prepare = createFeaturePreparer();
    const before = tilesOf(1, 2, 3);
    prepare(before.ids, before.features);
    const after = prepare(ids, features).features;
    expect([after.count, [...after.values]]).toEqual([ids.length, [...features.values]]);
  });
});
