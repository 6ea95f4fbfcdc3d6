import { featureLength, unitsPerShiftLevel, type Features } from './features';
import { srgbToLab } from './lab';

/**
 * How the mean colours of a tile and a cell are compared:
 * - `shifted`: as Y, Cb and Cr, in which a colour shift is a plain difference;
 * - `perceived`: as Y and two coordinates in which equal steps look about equally large. Where nothing
 *   is shifted this costs less luma for the same colour difference (docs/matching.md).
 */
export type Metric = 'shifted' | 'perceived';

export const metricFor = (colourShift: number): Metric =>
  colourShift > 0 ? 'shifted' : 'perceived';

/** Levels of luma that count as much as one unit of perceived chroma, at luma weight 1. */
const levelsPerChromaUnit = 3.05;

/** The vectors of some features as a metric compares them; means of chroma differ, all else is equal. */
export function comparableVectors(features: Features, metric: Metric): Int16Array {
  if (metric === 'shifted') return features.values;
  const { space, count } = features;
  const length = featureLength(space);
  const lumaUnits = unitsPerShiftLevel(space, 0);
  const chromaUnits = unitsPerShiftLevel(space, 1);
  const values = Int16Array.from(features.values);
  for (let at = 0; at < count * length; at += length) {
    const y = (values[at] ?? 0) / lumaUnits + 128;
    const cb = (values[at + 1] ?? 0) / chromaUnits;
    const cr = (values[at + 2] ?? 0) / chromaUnits;
    const [a, b] = perceivedChroma(y, cb, cr);
    values[at + 1] = Math.round(a * levelsPerChromaUnit * chromaUnits);
    values[at + 2] = Math.round(b * levelsPerChromaUnit * chromaUnits);
  }
  return values;
}

/**
 * CIE a* and b*, stretched and compressed as CIEDE2000 does: a* counts more near grey (its factor G),
 * and a step counts less the stronger the colour is (its S_C, integrated along the chroma axis).
 */
function perceivedChroma(y: number, cb: number, cr: number): readonly [number, number] {
  const byte = (value: number) => Math.max(0, Math.min(255, Math.round(value)));
  const [, plainA, b] = srgbToLab(
    byte(y + 1.402 * cr),
    byte(y - 0.344136 * cb - 0.714136 * cr),
    byte(y + 1.772 * cb),
  );
  const power = Math.hypot(plainA, b) ** 7;
  const a = plainA * (1 + 0.5 * (1 - Math.sqrt(power / (power + 25 ** 7))));
  const chroma = Math.hypot(a, b);
  const compressed = chroma > 0 ? Math.log1p(0.045 * chroma) / (0.045 * chroma) : 1;
  return [a * compressed, b * compressed];
}
