import { formatCount } from '../html/format';

/** `1 mosaic`, `2,048 mosaics`. */
export const countText = (count: number): string =>
  `${formatCount(count)} ${count === 1 ? 'mosaic' : 'mosaics'}`;
