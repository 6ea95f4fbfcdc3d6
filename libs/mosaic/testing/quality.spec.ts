import { srgbToLab, type Lab } from '../src/lab';
import { seededRandom } from '@mosaicme/random';
import { boxAverage, ciede2000, measureQuality, psnrY, ssimY } from './quality';

function noise(width: number, height: number, seed: number) {
  const random = seededRandom(seed);
  const data = Uint8Array.from({ length: width * height * 3 }, () => random() * 256);
  return { data, width, height };
}

describe('quality', () => {
  // Rows of the test data published with Sharma, Wu and Dalal (2005).
  it.each([
    [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
    [[50, 3.1571, -77.2803], [50, 0, -82.7485], 2.8615],
    [[50, 0, 0], [50, -1, 2], 2.3669],
    [[50, 2.49, -0.001], [50, -2.49, 0.0009], 7.1792],
    [[50, 2.5, 0], [50, 0, -2.5], 4.3065],
    [[50, 2.5, 0], [73, 25, -18], 27.1492],
    [[60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644],
    [[22.7233, 20.0904, -46.694], [23.0331, 14.973, -42.5619], 2.0373],
    [[90.8027, -2.0831, 1.441], [91.1528, -1.6435, 0.0447], 1.4441],
    [[2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082],
  ] as [Lab, Lab, number][])('measures %j against %j as published', (a, b, expected) => {
    expect(ciede2000(a, b)).toBeCloseTo(expected, 4);
    expect(ciede2000(b, a)).toBeCloseTo(expected, 4);
  });

  it.each([
    [
      [255, 255, 255],
      [100, 0, 0],
    ],
    [
      [0, 0, 0],
      [0, 0, 0],
    ],
    [
      [255, 0, 0],
      [53.24, 80.09, 67.2],
    ],
    [
      [0, 0, 255],
      [32.3, 79.19, -107.86],
    ],
  ] as [[number, number, number], Lab][])('converts sRGB %j to Lab', (rgb, lab) => {
    srgbToLab(...rgb).forEach((value, index) => expect(value).toBeCloseTo(lab[index] ?? 0, 1));
  });

  it('finds nothing between a picture and itself', () => {
    const picture = noise(20, 15, 1);
    const { psnrY: psnr, ssimY: ssim, deltaE } = measureQuality(picture, picture);
    expect(psnr).toBe(Infinity);
    expect(ssim).toBeCloseTo(1, 12);
    expect(deltaE).toBe(0);
  });

  it('takes a constant error of one level as 48.13 dB', () => {
    const grey = { data: new Uint8Array(300).fill(100), width: 10, height: 10 };
    const lighter = { ...grey, data: grey.data.map((value) => value + 1) };
    expect(psnrY(lighter, grey)).toBeCloseTo(48.1308, 3);
  });

  it('rates structure: noise is unlike other noise, and a constant shift hardly matters', () => {
    const picture = noise(40, 40, 2);
    const dim = { ...picture, data: picture.data.map((value) => value >> 1) };
    const brighter = { ...dim, data: dim.data.map((value) => value + 10) };
    expect(ssimY(noise(40, 40, 3), picture)).toBeLessThan(0.1);
    expect(ssimY(brighter, dim)).toBeGreaterThan(0.95);
  });

  it('averages boxes', () => {
    const data = Uint8Array.of(0, 0, 0, 10, 20, 30, 20, 40, 60, 30, 60, 90);
    expect(boxAverage({ data, width: 4, height: 1 }, 2, 1).data).toEqual(
      Uint8Array.of(5, 10, 15, 25, 50, 75),
    );
  });

  it('refuses boxes that do not divide the picture, and pictures of two sizes', () => {
    expect(() => boxAverage(noise(5, 4, 1), 2, 2)).toThrow('5 x 4 px');
    expect(() => psnrY(noise(4, 4, 1), noise(4, 5, 1))).toThrow('4 x 5');
  });
});
