import { codeOf } from '@mosaicme/errors';
import fc from 'fast-check';
import {
  coefficients,
  collectFeatures,
  featureLength,
  mirrorFeatures,
  targetFeatures,
  tileFeatures,
  unitsPerShiftLevel,
  type FeatureSpace,
} from './features';
import type { Pixels } from './pixels';

const spaces: FeatureSpace[] = [
  { subdivisions: 4, lumaWeight: 2 },
  { subdivisions: 8, lumaWeight: 1 },
];

const pictures = (side: number): fc.Arbitrary<Pixels> =>
  fc
    .uint8Array({ minLength: side * side * 3, maxLength: side * side * 3 })
    .map((data) => ({ data, width: side, height: side }));

function mirrorPixels({ data, width, height }: Pixels): Pixels {
  const mirrored = data.map((_, at) => {
    const pixel = Math.floor(at / 3);
    const row = Math.floor(pixel / width);
    return data[(row * width + (width - 1 - (pixel % width))) * 3 + (at % 3)] ?? 0;
  });
  return { data: mirrored, width, height };
}

describe.each(spaces)('features with $subdivisions subdivisions', (space) => {
  const side = space.subdivisions;

  it('fill whole SIMD vectors and begin with the three means', () => {
    expect(featureLength(space) % 8).toBe(0);
    expect(coefficients(space)).toHaveLength(featureLength(space));
    expect(coefficients(space).slice(0, 3)).toEqual(
      [0, 1, 2].map((channel) => ({ channel, horizontal: 0, vertical: 0 })),
    );
  });

  it('of a mirrored picture are the mirrored features', () => {
    fc.assert(
      fc.property(pictures(side), (pixels) => {
        const features = collectFeatures([tileFeatures(pixels, space)], space);
        const mirrored = mirrorFeatures(features).values;
        tileFeatures(mirrorPixels(pixels), space).forEach((value, index) => {
          expect(Math.abs(value - (mirrored[index] ?? 0))).toBeLessThanOrEqual(1);
        });
      }),
    );
  });

  it('stay in the range that the search can square and add', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 255), {
          minLength: side * side * 3,
          maxLength: side * side * 3,
        }),
        (bytes) => {
          const features = tileFeatures(
            { data: Uint8Array.from(bytes), width: side, height: side },
            space,
          );
          for (const value of features) expect(Math.abs(value)).toBeLessThan(11_000);
        },
      ),
    );
  });

  it('of one colour have nothing but means, at the documented scale', () => {
    const level = (grey: number) =>
      tileFeatures(
        { data: new Uint8Array(side * side * 3).fill(grey), width: side, height: side },
        space,
      );
    expect([...level(128)].every((value) => value === 0)).toBe(true);
    expect(level(138)[0]).toBe(10 * unitsPerShiftLevel(space, 0));
    expect([...level(138)].slice(1).every((value) => value === 0)).toBe(true);
  });

  it('of a target are those of its cells', () => {
    fc.assert(
      fc.property(pictures(side), pictures(side), (left, right) => {
        const data = new Uint8Array(side * 2 * side * 3);
        for (let row = 0; row < side; row++) {
          const line = side * 3;
          data.set(left.data.subarray(row * line, (row + 1) * line), row * 2 * line);
          data.set(right.data.subarray(row * line, (row + 1) * line), (row * 2 + 1) * line);
        }
        const target = { data, width: side * 2, height: side };
        expect(targetFeatures(target, { columns: 2, rows: 1 }, space, true).values).toEqual(
          collectFeatures([tileFeatures(left, space), tileFeatures(right, space)], space).values,
        );
      }),
    );
  });

  it('do not depend on how finely the sub-cells are sampled', () => {
    fc.assert(
      fc.property(pictures(side), ({ data }) => {
        const large = new Uint8Array(side * 2 * side * 2 * 3);
        large.forEach((_, at) => {
          const pixel = Math.floor(at / 3);
          const x = (pixel % (side * 2)) >> 1;
          const y = Math.floor(pixel / (side * 2)) >> 1;
          large[at] = data[(y * side + x) * 3 + (at % 3)] ?? 0;
        });
        expect(tileFeatures({ data: large, width: side * 2, height: side * 2 }, space)).toEqual(
          tileFeatures({ data, width: side, height: side }, space),
        );
      }),
    );
  });
});

describe('features', () => {
  const codeFrom = (run: () => unknown) => {
    try {
      run();
    } catch (error) {
      return codeOf(error);
    }
    return 'no error';
  };

  it.each([
    ['sides that do not divide', { data: new Uint8Array(75), width: 5, height: 5 }],
    ['an alpha channel', { data: new Uint8Array(64), width: 4, height: 4 }],
    ['no pixels', { data: new Uint8Array(0), width: 0, height: 0 }],
  ])('refuse pixels with %s', (_, pixels) => {
    expect(codeFrom(() => tileFeatures(pixels))).toBe('mosaic.bad-pixels');
  });

  it('refuse a luma weight below 1, which would not fit 16 bits', () => {
    const pixels = { data: new Uint8Array(48), width: 4, height: 4 };
    expect(codeFrom(() => tileFeatures(pixels, { subdivisions: 4, lumaWeight: 0.5 }))).toBe(
      'mosaic.bad-feature-space',
    );
  });

  it('refuse a vector of another length', () => {
    expect(codeFrom(() => collectFeatures([new Int16Array(23)]))).toBe('mosaic.bad-features');
  });
});
