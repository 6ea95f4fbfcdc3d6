import sharp from 'sharp';
import {
  noise,
  paleLogo,
  photoKinds,
  quarterColours,
  quarters,
  uncoveredGif,
} from '../testing/photos';
import { defaultImageLimits } from './limits';
import { readPixels } from './pixels';
import { prepareTarget } from './target';
import { makeTile } from './tile';

/** The colours in the middle of the four quarters, in reading order. */
async function coloursOfQuarters(jpeg: Uint8Array): Promise<number[][]> {
  const { data } = await readPixels(jpeg, 96, 64);
  return [16, 48].flatMap((y) => [24, 72].map((x) => pixel(data, 96, x, y)));
}

const pixel = (data: Uint8Array, width: number, x: number, y: number): number[] => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];

const trusted = { ...defaultImageLimits, minSide: 8 };
const taken = photoKinds.filter(({ refused, trustedOnly }) => !refused || trustedOnly);

describe('a photo that people have', () => {
  it.each(taken)('is taken: $name', async ({ make, tolerance, trustedOnly }) => {
    const bytes = await make();
    const limits = trustedOnly ? trusted : defaultImageLimits;
    const { jpeg } = await prepareTarget(bytes, limits);
    const { jpegs } = await makeTile(bytes, limits);
    expect(await sharp(jpegs[128]).metadata()).toMatchObject({ width: 128, height: 128 });
    const found = await coloursOfQuarters(jpeg);
    const differences = found.flatMap((colour, quarter) =>
      colour.map((value, channel) => Math.abs(value - quarterColours[quarter]![channel]!)),
    );
    expect(Math.max(...differences)).toBeLessThanOrEqual(tolerance ?? 255);
  });

  it('has the ground of white where a GIF leaves its canvas open', async () => {
    const { jpeg } = await prepareTarget(await uncoveredGif());
    const { data } = await readPixels(jpeg, 100, 80);
    expect(pixel(data, 100, 5, 5).every((value) => value > 250)).toBe(true);
    expect(pixel(data, 100, 95, 75).every((value) => value > 250)).toBe(true);
    expect(pixel(data, 100, 40, 40)[1]).toBeLessThan(20);
  });

  it('keeps a pale logo visible on a dark ground', async () => {
    const { jpeg } = await prepareTarget(await paleLogo().png().toBuffer());
    const { data } = await readPixels(jpeg, 96, 96);
    expect(pixel(data, 96, 4, 4)[0]).toBeLessThan(40);
    expect(pixel(data, 96, 48, 48)[0]).toBeGreaterThan(230);
  });

  it('lies on the ground that was asked for', async () => {
    const logo = await paleLogo().png().toBuffer();
    const { jpeg } = await prepareTarget(logo, undefined, { background: '#00ff00' });
    const { data } = await readPixels(jpeg, 96, 96);
    expect(pixel(data, 96, 4, 4)).toEqual(
      [0, 255, 1].map((value) => expect.closeTo(value, -1) as number),
    );
  });

  it('may have eight times as many pixels as a baseline JPEG', async () => {
    const limits = { ...defaultImageLimits, maxPixels: 20_000 };
    const size = (area: number) => noise(400, area / 400);
    await expect(
      prepareTarget(await size(160_000).jpeg().toBuffer(), limits),
    ).resolves.toBeDefined();
    await expect(prepareTarget(await size(160_400).jpeg().toBuffer(), limits)).rejects.toThrow(
      'The picture has 400 x 401 pixels, the limit is 160000 in all',
    );
    await expect(
      prepareTarget(await size(160_000).jpeg({ progressive: true }).toBuffer(), limits),
    ).rejects.toMatchObject({ code: 'image.too-many-pixels' });
  });

  it('is refused when more than a tenth of it is missing', async () => {
    const whole = await noise(320, 320).jpeg().toBuffer();
    const upTo = (share: number) => whole.subarray(0, Math.floor(whole.length * share));
    await expect(prepareTarget(upTo(0.95))).resolves.toMatchObject({ width: 320, height: 320 });
    await expect(prepareTarget(upTo(0.8))).rejects.toMatchObject({ code: 'image.truncated' });
  });

  it('keeps a smooth lower part although its last bytes are missing', async () => {
    const sky = await quarters(320, 320).jpeg({ quality: 95 }).toBuffer();
    await expect(prepareTarget(sky.subarray(0, -6))).resolves.toBeDefined();
  });
});

describe('a refusal', () => {
  const refused = photoKinds.filter(({ refused }) => refused !== undefined);

  it.each(refused)('names the cause: $name', async ({ make, refused: code }) => {
    await expect(prepareTarget(await make())).rejects.toMatchObject({ code });
  });

  it.each(refused)('says nothing in the words of a decoder: $name', async ({ make }) => {
    const error: unknown = await prepareTarget(await make()).catch((caught: unknown) => caught);
    expect(String(error)).not.toMatch(/vips|jfif|corrupt|header|unknown|libpng|premature/i);
    expect(String(error)).toMatch(/;/);
  });

  it('does not name a harmless warning that came before the cause', async () => {
    const bytes = await noise(200, 200).jpeg().toBuffer();
    bytes[11] = 7; // an unknown revision of JFIF
    await expect(prepareTarget(bytes.subarray(0, bytes.length / 2))).rejects.toThrow(
      'The picture is cut short: its end is missing; send it again.',
    );
  });
});

describe('the square of a tile', () => {
  /** Grey, with a lively patch at the right end. */
  async function subjectAtTheEnd(): Promise<Buffer> {
    const patch = await noise(60, 60).png().toBuffer();
    return sharp({ create: { width: 400, height: 100, channels: 3, background: '#808080' } })
      .composite([{ input: patch, left: 330, top: 20 }])
      .png()
      .toBuffer();
  }
  const contrast = async (jpeg: Uint8Array) => {
    const { data } = await readPixels(jpeg, 32, 32);
    return Math.max(...data) - Math.min(...data);
  };

  it('holds what draws the eye', async () => {
    const { jpegs } = await makeTile(await subjectAtTheEnd());
    expect(await contrast(jpegs[128])).toBeGreaterThan(60);
  });

  it('is the middle when that is asked for', async () => {
    const { jpegs } = await makeTile(await subjectAtTheEnd(), undefined, { crop: 'centre' });
    expect(await contrast(jpegs[128])).toBeLessThan(10);
  });

  it('is cut from the middle of a photo longer than 16 to 1', async () => {
    const ribbon = await quarters(64 * 40, 64)
      .png()
      .toBuffer();
    await expect(makeTile(ribbon)).resolves.toBeDefined();
  });
});
