import sharp from 'sharp';

/** Small pictures for the tests, each unlike the others. */
export async function plasma(seed: number, width = 96, height = width): Promise<Buffer> {
  const data = Buffer.alloc(width * height * 3);
  const angle = seed * 2.399963;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const u = (x / width) * Math.cos(angle) + (y / height) * Math.sin(angle);
      const v = (y / height) * Math.cos(angle) - (x / width) * Math.sin(angle);
      const at = (y * width + x) * 3;
      data[at] = wave(u * (2 + (seed % 5)) + seed * 0.7);
      data[at + 1] = wave(v * (1 + (seed % 7)) + seed * 1.3);
      data[at + 2] = wave((u + v) * (1 + (seed % 3)) + seed * 2.1);
    }
  }
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer();
}

const wave = (x: number) => Math.round(127.5 + 127.5 * Math.sin(x));

/** Photos that must be refused, with the code of the refusal. */
export async function badPictures(): Promise<ReadonlyMap<string, Buffer>> {
  const whole = await plasma(1, 256);
  return new Map([
    ['image.not-an-image', Buffer.from('This is a text and no image. '.repeat(10))],
    ['image.truncated', whole.subarray(0, Math.floor(whole.length / 2))],
    [
      'image.too-small',
      await sharp({ create: { width: 1, height: 1, channels: 3, background: '#f00' } })
        .png()
        .toBuffer(),
    ],
    [
      'image.too-many-pixels',
      await sharp({ create: { width: 1500, height: 1500, channels: 3, background: '#0f0' } })
        .png()
        .toBuffer(),
    ],
    ['media.too-large', Buffer.concat([whole, Buffer.alloc(600_000, 1)])],
  ]);
}
