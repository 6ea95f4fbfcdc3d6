import { readFile, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { repeat, type Measured } from './measure';

/** The bare encoding of a picture's pixels, which lie in memory ready for it. */
export async function encodePixels(work: {
  /** A JPEG whose pixels are encoded. */
  readonly picture: string;
  readonly times: number;
  readonly out: string;
}): Promise<Measured> {
  const { data, info } = await sharp(await readFile(work.picture), { limitInputPixels: false })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  const { seconds, cpuSeconds, last } = await repeat(work.times, () =>
    sharp(data, { raw, limitInputPixels: false })
      .jpeg({ quality: 85, chromaSubsampling: '4:2:0', mozjpeg: false, optimiseCoding: false })
      .toBuffer(),
  );
  await writeFile(work.out, last);
  return { seconds, figures: { cpuSeconds } };
}
