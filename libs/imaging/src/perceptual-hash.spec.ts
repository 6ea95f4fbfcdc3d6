import { seededRandom } from '@mosaicme/random';
import sharp, { type Sharp } from 'sharp';
import { hammingDistance, perceptualHash } from './perceptual-hash';
import type { Pixels } from '@mosaicme/mosaic';
import { makeTile } from './tile';

const sceneSide = 96;

/**
 * A picture like a photograph in its frequencies: waves in all directions, the finer the weaker. The seed
 * decides their phases.
 */
function scene(seed: number, side = sceneSide): Buffer {
  const random = seededRandom(seed);
  const waves = Array.from({ length: 77 }, (_, index) => {
    const [across, down] = [index % 11, Math.floor(index / 11)];
    return { across, down, phase: random() * 7, strength: (random() * 60) / (1 + across + down) };
  });
  const data = Buffer.alloc(side * side * 3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      let value = 128;
      for (const { across, down, phase, strength } of waves) {
        value += strength * Math.cos(((x * across + y * down) / side) * 3 + phase);
      }
      data.fill(Math.max(0, Math.min(255, value)), (y * side + x) * 3, (y * side + x) * 3 + 3);
    }
  }
  return data;
}

const picture = (seed: number) =>
  sharp(scene(seed), { raw: { width: sceneSide, height: sceneSide, channels: 3 } });
const hashOf = async (photo: Sharp) => (await makeTile(await photo.toBuffer())).hash;

describe('perceptualHash', () => {
  it('stays near under compression, scaling and a change of light', async () => {
    const original = await hashOf(picture(1).png());
    const changed = [
      picture(1).jpeg({ quality: 30 }),
      picture(1).resize(70, 70).webp(),
      picture(1).modulate({ brightness: 1.1 }).png(),
    ];
    for (const photo of changed) {
      expect(hammingDistance(original, await hashOf(photo))).toBeLessThanOrEqual(6);
    }
  });

  it('tells different pictures apart', async () => {
    const hashes = await Promise.all([0, 1, 2, 3].map((seed) => hashOf(picture(seed).png())));
    for (const [index, hash] of hashes.entries()) {
      for (const other of hashes.slice(index + 1)) {
        expect(hammingDistance(hash, other)).toBeGreaterThan(12);
      }
    }
  });

  it('has about as many ones as zeros', () => {
    const pixels: Pixels = {
      width: 32,
      height: 32,
      data: Uint8Array.from({ length: 32 * 32 * 3 }, (_, index) => (index * index * 31) % 251),
    };
    expect(hammingDistance(perceptualHash(pixels), 0n)).toBe(32);
  });

  it('wants 32 x 32 pixels', () => {
    const pixels: Pixels = { width: 16, height: 16, data: new Uint8Array(16 * 16 * 3) };
    expect(() => perceptualHash(pixels)).toThrow('needs 32 x 32 pixels, not 16 x 16');
  });
});

describe('hammingDistance', () => {
  it.each([
    [0n, 0n, 0],
    [0n, 2n ** 64n - 1n, 64],
    [0b1010n, 0b0110n, 2],
    [2n ** 63n, 1n, 2],
  ])('of %s and %s is %i', (first, second, bits) => {
    expect(hammingDistance(first, second)).toBe(bits);
  });
});
