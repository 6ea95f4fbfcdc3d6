import { featureLength, type Features, type FeatureSpace } from '../src/features';
import { seededRandom } from '@mosaicme/random';

/** For tests: vectors like those of pictures, large means and details that fade. Small ones make ties. */
export function randomFeatures(
  count: number,
  seed: number,
  amplitude: number,
  space: FeatureSpace = { subdivisions: 4, lumaWeight: 2 },
): Features {
  const random = seededRandom(seed);
  const length = featureLength(space);
  const values = Int16Array.from(
    { length: count * length },
    (_, index) => ((random() - 0.5) * amplitude) / (1 + (index % length) / 4),
  );
  return { space, count, values };
}
