import { PermanentError } from '@mosaicme/errors';
import { srgbToLab, type Lab } from '../src/lab';
import type { Pixels } from '../src/pixels';

/** How near a picture comes to its target. */
export interface Quality {
  /** Peak signal-to-noise ratio of luma, decibels; Infinity where they are equal. */
  readonly psnrY: number;
  /** Structural similarity of luma, -1 to 1; 1 where they are equal. */
  readonly ssimY: number;
  /** Mean CIEDE2000 colour difference, 0 where they are equal; about 1 is just noticeable. */
  readonly deltaE: number;
}

/** All three measures. Both pictures have the same size. */
export function measureQuality(picture: Pixels, target: Pixels): Quality {
  return {
    psnrY: psnrY(picture, target),
    ssimY: ssimY(picture, target),
    deltaE: meanDeltaE(picture, target),
  };
}

/**
 * The mean of each of `width` x `height` equal rectangles, in sRGB values as they are stored (not in
 * linear light), rounded.
 *
 * @throws PermanentError `mosaic.bad-pixels` when the picture cannot be divided so.
 */
export function boxAverage(pixels: Pixels, width: number, height: number): Pixels {
  const boxWidth = pixels.width / width;
  const boxHeight = pixels.height / height;
  if (!(Number.isInteger(boxWidth) && Number.isInteger(boxHeight) && boxWidth && boxHeight)) {
    throw new PermanentError(
      'mosaic.bad-pixels',
      `A picture of ${pixels.width} x ${pixels.height} px cannot be divided into ${width} x ${height} equal boxes.`,
    );
  }
  const data = new Uint8Array(width * height * 3);
  const sums = new Float64Array(width * 3);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let row = y * boxHeight; row < (y + 1) * boxHeight; row++) {
      for (let x = 0; x < pixels.width; x++) {
        const from = (row * pixels.width + x) * 3;
        const to = Math.floor(x / boxWidth) * 3;
        for (let channel = 0; channel < 3; channel++) {
          sums[to + channel] = (sums[to + channel] ?? 0) + (pixels.data[from + channel] ?? 0);
        }
      }
    }
    sums.forEach((sum, at) => {
      data[y * width * 3 + at] = Math.round(sum / (boxWidth * boxHeight));
    });
  }
  return { data, width, height };
}

/** PSNR of BT.601 full-range luma against a peak of 255, in decibels. */
export function psnrY(picture: Pixels, target: Pixels): number {
  requireSameSize(picture, target);
  const a = luma(picture);
  const b = luma(target);
  let sum = 0;
  a.forEach((value, index) => (sum += (value - (b[index] ?? 0)) ** 2));
  return 10 * Math.log10(255 ** 2 / (sum / a.length));
}

/** Standard deviation and side of the Gaussian window of SSIM. */
const windowSigma = 1.5;
const windowSide = 11;

/**
 * Mean SSIM of luma as in Wang, Bovik, Sheikh and Simoncelli, 'Image quality assessment: from error
 * visibility to structural similarity', 2004: an 11 x 11 Gaussian window with sigma 1.5, at every place
 * where it fits whole, K1 = 0.01, K2 = 0.03. A picture with a side below 11 has one window.
 */
export function ssimY(picture: Pixels, target: Pixels): number {
  requireSameSize(picture, target);
  const { width, height } = picture;
  const a = luma(picture);
  const b = luma(target);
  const product = (x: Float64Array, y: Float64Array) => x.map((v, i) => v * (y[i] ?? 0));
  const blurred = [a, b, product(a, a), product(b, b), product(a, b)].map((plane) =>
    blur(plane, width, height),
  );
  const [meanA, meanB, squareA, squareB, productAB] = blurred;
  const c1 = (0.01 * 255) ** 2;
  const c2 = (0.03 * 255) ** 2;
  let sum = 0;
  const windows = meanA?.length ?? 0;
  for (let at = 0; at < windows; at++) {
    const x = meanA?.[at] ?? 0;
    const y = meanB?.[at] ?? 0;
    const varianceX = (squareA?.[at] ?? 0) - x * x;
    const varianceY = (squareB?.[at] ?? 0) - y * y;
    const covariance = (productAB?.[at] ?? 0) - x * y;
    sum +=
      ((2 * x * y + c1) * (2 * covariance + c2)) /
      ((x * x + y * y + c1) * (varianceX + varianceY + c2));
  }
  return sum / windows;
}

/** Mean CIEDE2000 difference of the pixels (sRGB, D65). */
export function meanDeltaE(picture: Pixels, target: Pixels): number {
  requireSameSize(picture, target);
  let sum = 0;
  const count = picture.width * picture.height;
  for (let pixel = 0; pixel < count; pixel++) {
    sum += ciede2000(labAt(picture, pixel), labAt(target, pixel));
  }
  return sum / count;
}

/**
 * CIEDE2000 colour difference with all weights 1, after Sharma, Wu and Dalal, 'The CIEDE2000
 * color-difference formula: implementation notes', 2005.
 */
export function ciede2000([l1, a1, b1]: Lab, [l2, a2, b2]: Lab): number {
  const degrees = Math.PI / 180;
  const pow7 = (value: number) => value ** 7;
  const chroma = (Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2;
  const g = 0.5 * (1 - Math.sqrt(pow7(chroma) / (pow7(chroma) + pow7(25))));
  const c1 = Math.hypot(a1 * (1 + g), b1);
  const c2 = Math.hypot(a2 * (1 + g), b2);
  const hue = (a: number, b: number) => (a || b ? (Math.atan2(b, a) / degrees + 360) % 360 : 0);
  const h1 = hue(a1 * (1 + g), b1);
  const h2 = hue(a2 * (1 + g), b2);

  const isGrey = c1 * c2 === 0;
  const turn = h2 - h1;
  const dh = isGrey ? 0 : turn > 180 ? turn - 360 : turn < -180 ? turn + 360 : turn;
  const dL = l2 - l1;
  const dC = c2 - c1;
  const dH = 2 * Math.sqrt(c1 * c2) * Math.sin((dh / 2) * degrees);

  const meanL = (l1 + l2) / 2;
  const meanC = (c1 + c2) / 2;
  const sumH = h1 + h2;
  const meanH = isGrey
    ? sumH
    : Math.abs(turn) <= 180
      ? sumH / 2
      : sumH < 360
        ? (sumH + 360) / 2
        : (sumH - 360) / 2;
  const t =
    1 -
    0.17 * Math.cos((meanH - 30) * degrees) +
    0.24 * Math.cos(2 * meanH * degrees) +
    0.32 * Math.cos((3 * meanH + 6) * degrees) -
    0.2 * Math.cos((4 * meanH - 63) * degrees);
  const sL = 1 + (0.015 * (meanL - 50) ** 2) / Math.sqrt(20 + (meanL - 50) ** 2);
  const sC = 1 + 0.045 * meanC;
  const sH = 1 + 0.015 * meanC * t;
  const rotation =
    -2 *
    Math.sqrt(pow7(meanC) / (pow7(meanC) + pow7(25))) *
    Math.sin(60 * degrees * Math.exp(-(((meanH - 275) / 25) ** 2)));
  return Math.sqrt(
    (dL / sL) ** 2 + (dC / sC) ** 2 + (dH / sH) ** 2 + rotation * (dC / sC) * (dH / sH),
  );
}

function labAt({ data }: Pixels, pixel: number): Lab {
  return srgbToLab(data[pixel * 3] ?? 0, data[pixel * 3 + 1] ?? 0, data[pixel * 3 + 2] ?? 0);
}

function luma({ data, width, height }: Pixels): Float64Array {
  return Float64Array.from(
    { length: width * height },
    (_, pixel) =>
      0.299 * (data[pixel * 3] ?? 0) +
      0.587 * (data[pixel * 3 + 1] ?? 0) +
      0.114 * (data[pixel * 3 + 2] ?? 0),
  );
}

/** Gaussian means of all windows that lie whole inside the plane. */
function blur(plane: Float64Array, width: number, height: number): Float64Array {
  const across = gaussian(Math.min(windowSide, width));
  const down = gaussian(Math.min(windowSide, height));
  const columns = width - across.length + 1;
  const rows = height - down.length + 1;
  const lines = new Float64Array(columns * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      across.forEach((weight, at) => (sum += weight * (plane[y * width + x + at] ?? 0)));
      lines[y * columns + x] = sum;
    }
  }
  const result = new Float64Array(columns * rows);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      down.forEach((weight, at) => (sum += weight * (lines[(y + at) * columns + x] ?? 0)));
      result[y * columns + x] = sum;
    }
  }
  return result;
}

function gaussian(side: number): readonly number[] {
  const weights = Array.from({ length: side }, (_, at) =>
    Math.exp(-((at - (side - 1) / 2) ** 2) / (2 * windowSigma ** 2)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function requireSameSize(a: Pixels, b: Pixels): void {
  if (a.width === b.width && a.height === b.height) return;
  throw new PermanentError(
    'mosaic.bad-pixels',
    `Only pictures of one size can be compared, not ${a.width} x ${a.height} and ${b.width} x ${b.height}.`,
  );
}
