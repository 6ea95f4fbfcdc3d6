import sharp from 'sharp';

/** A small JPEG of soft waves, a different one for each seed. */
export async function wavePicture(seed: number, side = 64): Promise<Buffer> {
  const pixels = Buffer.alloc(side * side * 3);
  // The golden angle turns neighbouring seeds far apart.
  const angle = seed * 2.399963;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const u = (x * Math.cos(angle) + y * Math.sin(angle)) / side;
      const v = (y * Math.cos(angle) - x * Math.sin(angle)) / side;
      const at = (y * side + x) * 3;
      pixels[at] = level(u * (2 + (seed % 5)) + seed * 0.7);
      pixels[at + 1] = level(v * (1 + (seed % 7)) + seed * 1.3);
      pixels[at + 2] = level((u + v) * (1 + (seed % 3)) + seed * 2.1);
    }
  }
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer();
}

const level = (phase: number): number => Math.round(127.5 + 127.5 * Math.sin(phase));
