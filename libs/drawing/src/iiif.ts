import {
  deepZoomTileSize,
  tileRectangle,
  type Pyramid,
  type PyramidLevel,
  type Rectangle,
} from './pyramid';

/** The longest side, in pixels, of a whole picture that is offered beside the tiles. */
const maxWholeSide = 2_048;

/**
 * What `info.json` of the IIIF Image API 3 says, level 0: the tiles and some sizes of the whole picture.
 *
 * @param id The address of the service, without `/info.json`.
 * @see https://iiif.io/api/image/3.0/
 */
export function iiifInfo(pyramid: Pyramid, id: string): object {
  const { width, height, levels } = pyramid;
  const sizes = wholeSizes(pyramid);
  const largest = sizes.at(-1)!;
  return {
    '@context': 'http://iiif.io/api/image/3/context.json',
    id,
    type: 'ImageService3',
    protocol: 'http://iiif.io/api/image',
    profile: 'level0',
    width,
    height,
    maxWidth: Math.max(largest.width, deepZoomTileSize),
    maxHeight: Math.max(largest.height, deepZoomTileSize),
    sizes: sizes.map((size) => ({ width: size.width, height: size.height })),
    tiles: [
      {
        width: deepZoomTileSize,
        height: deepZoomTileSize,
        scaleFactors: levels.map((_, below) => 2 ** below),
      },
    ],
  };
}

/** A part of a level, as an IIIF address asks for it. */
export interface IiifPart {
  readonly level: PyramidLevel;
  readonly part: Rectangle;
}

/**
 * The part that `{region}/{size}` of an image request means; undefined for what is not offered: level 0
 * offers the tiles and the whole picture at the sizes of `info.json`.
 */
export function iiifPart(pyramid: Pyramid, region: string, size: string): IiifPart | undefined {
  if (region === 'full') return wholePart(pyramid, size);
  const numbers = wholeNumbers(region, 4);
  if (!numbers) return undefined;
  const [left = 0, top = 0, width = 0, height = 0] = numbers;
  for (const level of pyramid.levels) {
    const scale = 2 ** (pyramid.levels.length - 1 - level.number);
    const side = deepZoomTileSize * scale;
    const part = tileRectangle(level, left / side, top / side);
    const isTile =
      part !== undefined &&
      width === Math.min(side, pyramid.width - left) &&
      height === Math.min(side, pyramid.height - top) &&
      isSize(size, part.width, part.height);
    if (isTile) return { level, part };
  }
  return undefined;
}

/** The levels that are offered whole, the smallest first. */
const wholeSizes = ({ levels }: Pyramid): readonly PyramidLevel[] =>
  levels.filter(({ width, height }) => Math.max(width, height) <= maxWholeSide);

function wholePart(pyramid: Pyramid, size: string): IiifPart | undefined {
  const offered = wholeSizes(pyramid);
  const level =
    size === 'max'
      ? offered.at(-1)
      : offered.findLast(({ width, height }) => isSize(size, width, height));
  return level && { level, part: { left: 0, top: 0, width: level.width, height: level.height } };
}

/** `w,h`, or the form `w,` that older viewers use. */
const isSize = (size: string, width: number, height: number): boolean =>
  size === `${width},${height}` || size === `${width},`;

function wholeNumbers(text: string, count: number): number[] | undefined {
  const parts = text.split(',');
  if (parts.length !== count || !parts.every((part) => /^\d{1,9}$/.test(part))) return undefined;
  return parts.map(Number);
}

/** The description of a Deep Zoom Image: the file that ends in `.dzi`. */
export const dziDescription = ({ width, height }: Pyramid): string =>
  '<?xml version="1.0" encoding="UTF-8"?>\n' +
  '<Image xmlns="http://schemas.microsoft.com/deepzoom/2008" ' +
  `Format="jpg" Overlap="0" TileSize="${deepZoomTileSize}">` +
  `<Size Width="${width}" Height="${height}"/></Image>\n`;
