import type { NetworkLimits } from '../port';
import { maxPostWeight, weightedLength } from './weighted-length';

/** What X takes in a post of an account without a subscription. */
export const xLimits: NetworkLimits = {
  length: weightedLength,
  maxText: maxPostWeight,
  // The documents say 5 MB; read in the smaller of the two senses of MB.
  pictureBytes: 5_000_000,
  picturePixels: Infinity,
  altText: 1000,
};
