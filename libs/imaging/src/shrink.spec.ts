import type { Pixels } from '@mosaicme/mosaic';
import fc from 'fast-check';
import { shrink } from './shrink';

const picture = fc
  .record({
    columns: fc.integer({ min: 1, max: 4 }),
    rows: fc.integer({ min: 1, max: 4 }),
    factor: fc.constantFrom(1, 2, 3, 8),
  })
  .chain(({ columns, rows, factor }) => {
    const [width, height] = [columns * factor, rows * factor];
    const length = width * height * 3;
    return fc.record({
      factor: fc.constant(factor),
      pixels: fc
        .uint8Array({ minLength: length, maxLength: length })
        .map((data): Pixels => ({ width, height, data })),
    });
  });

describe('shrink', () => {
  it('gives the mean of each square', () => {
    fc.assert(
      fc.property(picture, ({ pixels: { width, height, data }, factor }) => {
        const small = shrink({ width, height, data }, factor);
        expect(small).toMatchObject({ width: width / factor, height: height / factor });
        small.data.forEach((value, index) => {
          const [channel, pixel] = [index % 3, Math.floor(index / 3)];
          const [left, top] = [pixel % small.width, Math.floor(pixel / small.width)];
          let sum = 0;
          for (let square = 0; square < factor ** 2; square++) {
            const x = left * factor + (square % factor);
            const y = top * factor + Math.floor(square / factor);
            sum += data[(y * width + x) * 3 + channel]!;
          }
          expect(value).toBe(Math.round(sum / factor ** 2));
        });
      }),
    );
  });

  it('refuses a factor that does not divide both sides', () => {
    const pixels: Pixels = { width: 6, height: 4, data: new Uint8Array(72) };
    expect(() => shrink(pixels, 3)).toThrow('6 x 4 pixels cannot be shrunk by 3');
  });
});
