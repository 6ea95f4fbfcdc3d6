import { seededRandom } from '@mosaicme/random';
import sharp, { type Region, type Sharp } from 'sharp';
import { hammingDistance } from './perceptual-hash';
import { sceneHashes, sceneParts, type SceneHashes } from './scene-hashes';
import { makeTile } from './tile';

/** Soft blots, unlike those of any other seed. */
function blots(seed: number, width = 480, height = 320) {
  const random = seededRandom(seed);
  const data = Uint8Array.from({ length: 12 * 8 * 3 }, () => random() * 256);
  return sharp(data, { raw: { width: 12, height: 8, channels: 3 } }).resize(width, height, {
    kernel: 'cubic',
  });
}

const hashesOf = async (photo: Sharp): Promise<SceneHashes> =>
  (await makeTile(await photo.png().toBuffer())).scene;

/** Least distance of the whole of one photo, as it is or mirrored, to a part of another. */
function distance(one: SceneHashes, other: SceneHashes): number {
  const wholes = [one.parts[0]!, one.mirrored[0]!];
  return Math.min(
    ...wholes.flatMap((whole) => [...other.parts].map((part) => hammingDistance(whole, part))),
  );
}

const cropped = async (seed: number, region: Region) =>
  sharp(await blots(seed).png().toBuffer()).extract(region);

describe('hashes of a scene', () => {
  it.each<[string, () => Promise<Sharp>]>([
    ['mirrored', async () => sharp(await blots(1).png().toBuffer()).flop()],
    ['cut to its middle square', () => cropped(1, { left: 80, top: 0, width: 320, height: 320 })],
    ['cut to its left square', () => cropped(1, { left: 0, top: 0, width: 320, height: 320 })],
    ['cut by 15 % at a corner', () => cropped(1, { left: 72, top: 48, width: 408, height: 272 })],
    ['cut by 30 % around', () => cropped(1, { left: 72, top: 48, width: 336, height: 224 })],
  ])('are near those of the same photo %s', async (_name, change) => {
    expect(distance(await hashesOf(await change()), await hashesOf(blots(1)))).toBeLessThanOrEqual(
      10,
    );
  });

  it('are far from those of other photos', async () => {
    const first = await hashesOf(blots(1));
    for (const seed of [2, 3, 4, 5, 6]) {
      expect(distance(await hashesOf(blots(seed)), first)).toBeGreaterThan(10);
    }
  });

  it('of the mirrored photo are those of its mirror image', async () => {
    const { data, info } = await blots(7, 128, 128)
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const flopped = await sharp(data, { raw: { width: 128, height: 128, channels: 3 } })
      .flop()
      .raw()
      .toBuffer();
    const size = { width: info.width, height: info.height };
    const { parts } = sceneHashes({ ...size, data: flopped });
    const { mirrored } = sceneHashes({ ...size, data });
    expect(parts).toHaveLength(sceneParts);
    // Parts around the middle lie in the same place of the mirror image.
    for (const part of [0, 2, 4, 9]) {
      expect(hammingDistance(parts[part]!, mirrored[part]!)).toBeLessThanOrEqual(2);
    }
  });
});
