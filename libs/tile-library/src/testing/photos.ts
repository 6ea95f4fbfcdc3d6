import { makeTile, type TileImages } from '@mosaicme/imaging';
import { seededRandom } from '@mosaicme/random';
import sharp from 'sharp';
import type { TilePhoto } from '../prepare-tile';

/** A photo for tests. */
export interface TestPhoto {
  readonly photo: TilePhoto;
  readonly images: TileImages;
}

const cache = new Map<number, Promise<TestPhoto>>();

/** Photo `number`: soft blots, the same ones every time, unlike those of any other number. */
export function testPhoto(number: number): Promise<TestPhoto> {
  const known = cache.get(number) ?? makeTestPhoto(number);
  cache.set(number, known);
  return known;
}

export const testPhotos = (from: number, to: number): Promise<TestPhoto[]> =>
  Promise.all(Array.from({ length: to - from }, (_, index) => testPhoto(from + index)));

/** The same picture, stored more coarsely, under another id. */
export async function nearDuplicateOf(number: number, id: string): Promise<TestPhoto> {
  const { photo } = await testPhoto(number);
  const images = await makeTile(await blots(number).jpeg({ quality: 40 }).toBuffer());
  return { photo: { ...photo, id }, images };
}

export const testId = (number: number): string => number.toString(16).padStart(32, '0');

async function makeTestPhoto(number: number): Promise<TestPhoto> {
  const images = await makeTile(await blots(number).png().toBuffer());
  const photo: TilePhoto = {
    id: testId(number),
    network: 'mastodon',
    author: { handle: `person${number}`, name: `Person ${number}` },
    link: `https://example.org/${number}`,
  };
  return { photo, images };
}

function blots(seed: number) {
  const random = seededRandom(seed);
  const side = 9;
  const data = Uint8Array.from({ length: side * side * 3 }, () => random() * 256);
  return sharp(data, { raw: { width: side, height: side, channels: 3 } }).resize(144, 144, {
    kernel: 'cubic',
  });
}
