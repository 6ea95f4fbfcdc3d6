/** What of a mosaic is seen: the middle in widths of the picture, and how often it is enlarged. */
export interface SeenPart {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

/** The part of an address that keeps the view, so that it can be shared and survives a reload. */
export const addressOf = ({ x, y, zoom }: SeenPart): string =>
  `#x=${x.toFixed(5)}&y=${y.toFixed(5)}&zoom=${zoom.toFixed(3)}`;

/** The view that an address keeps; undefined when it keeps none. */
export function readAddress(hash: string): SeenPart | undefined {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''));
  const [x, y, zoom] = ['x', 'y', 'zoom'].map((name) => {
    const text = parameters.get(name);
    return text === null || text === '' ? Number.NaN : Number(text);
  });
  if (![x, y, zoom].every(Number.isFinite) || zoom! <= 0) return undefined;
  return { x: x!, y: y!, zoom: zoom! };
}
