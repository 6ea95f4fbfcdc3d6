import { isPermanent, PermanentError } from '@mosaicme/errors';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { photoKinds, pngBomb, quarters } from '../testing/photos';
import { createDecoderPool, type DecoderPool, type DecoderPoolOptions } from './decoder-pool';
import { defaultImageLimits } from './limits';
import { makeTile } from './tile';

const root = resolve(__dirname, '../../..');
let folder: string;
let program: string;

beforeAll(() => {
  // Within the repository, so that the bundle finds the packages.
  folder = mkdtempSync(join(root, 'tmp-decoder-'));
  program = join(folder, 'decoder.mjs');
  const script = `import { bundleDecoder } from './tools/build/bundle.mjs'; await bundleDecoder(${JSON.stringify(program)});`;
  execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: root });
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pools: DecoderPool[] = [];
function openPool(options: Partial<DecoderPoolOptions> = {}): DecoderPool {
  const pool = createDecoderPool({ program, processes: 1, ...options });
  pools.push(pool);
  return pool;
}
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())));

/** Takes some seconds to decode. */
const slow = {
  limits: { ...defaultImageLimits, maxPixels: 2 ** 31 },
  bytes: pngBomb(40_000, 40_000),
};

/** Sends a signal to the decoder once it is at work. */
async function signalDecoder(pool: DecoderPool, signal: NodeJS.Signals): Promise<number> {
  for (;;) {
    const [pid] = pool.pids();
    if (pid !== undefined) {
      // A process that has not got its photo yet would be asked again without one.
      await sleep(1_500);
      process.kill(pid, signal);
      return pid;
    }
    await sleep(10);
  }
}

jest.setTimeout(60_000);

describe('a pool of decoder processes', () => {
  it('decodes as this process does', async () => {
    const bytes = await quarters().jpeg().toBuffer();
    const pool = openPool();
    const { hash, jpegs } = await pool.makeTile(bytes);
    const here = await makeTile(bytes);
    expect(hash).toBe(here.hash);
    expect(Buffer.from(jpegs[64]).equals(Buffer.from(here.jpegs[64]))).toBe(true);
    const target = await pool.prepareTarget(bytes);
    expect(await sharp(target.jpeg).metadata()).toMatchObject({ width: 96, height: 64 });
  });

  it.each(photoKinds.filter(({ name }) => /HEIC|half|TIFF|empty/.test(name)))(
    'gives the same answer as this process: $name',
    async ({ make, refused }) => {
      const answer = openPool().makeTile(await make());
      if (refused === undefined) expect(await answer).toHaveProperty('jpegs');
      else await expect(answer).rejects.toMatchObject({ code: refused, name: 'PermanentError' });
    },
  );

  it('keeps a process for the next photo and starts no more than are needed', async () => {
    const bytes = await quarters().jpeg().toBuffer();
    const pool = openPool({ processes: 4 });
    await pool.makeTile(bytes);
    const before = pool.pids();
    await pool.makeTile(bytes);
    expect(before).toHaveLength(1);
    expect(pool.pids()).toEqual(before);
  });

  it('tries a photo once more when its decoder crashes, and takes it', async () => {
    const crashes: string[] = [];
    const pool = openPool({ onCrash: (how) => crashes.push(how) });
    const tile = pool.makeTile(slow.bytes, slow.limits);
    await signalDecoder(pool, 'SIGSEGV');
    await expect(tile).resolves.toHaveProperty('jpegs');
    expect(crashes).toEqual(['SIGSEGV']);
  });

  it('refuses for good a photo on which it crashes twice, and goes on with the others', async () => {
    const pool = openPool();
    const crashing = pool.makeTile(slow.bytes, slow.limits).catch((error: unknown) => error);
    const neighbour = pool.makeTile(await quarters().png().toBuffer());
    const first = await signalDecoder(pool, 'SIGSEGV');
    while (pool.pids().includes(first) || pool.pids().length === 0) await sleep(10);
    await signalDecoder(pool, 'SIGSEGV');
    expect(await crashing).toMatchObject({
      code: 'decode.crashed',
      message: expect.stringContaining('SIGSEGV') as string,
    });
    expect(await crashing).toBeInstanceOf(PermanentError);
    await expect(neighbour).resolves.toHaveProperty('jpegs');
  });

  it('kills a decoder that was stopped, and goes on with the others', async () => {
    const pool = openPool();
    const limits = { ...slow.limits, maxSeconds: 3 };
    const stopped = pool.makeTile(slow.bytes, limits).catch((error: unknown) => error);
    const neighbour = pool.makeTile(await quarters().png().toBuffer());
    const pid = await signalDecoder(pool, 'SIGSTOP');
    expect(await stopped).toMatchObject({ code: 'image.too-slow' });
    await expect(neighbour).resolves.toHaveProperty('jpegs');
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('kills a decoder that takes too long', async () => {
    const pool = openPool();
    const limits = { ...slow.limits, maxSeconds: 1 };
    await expect(pool.makeTile(slow.bytes, limits)).rejects.toMatchObject({
      code: 'image.too-slow',
    });
    await sleep(500);
    expect(pool.pids()).toEqual([]);
  });

  it('may be tried again later when somebody else killed it twice', async () => {
    const pool = openPool();
    const killed = pool.makeTile(slow.bytes, slow.limits).catch((error: unknown) => error);
    const first = await signalDecoder(pool, 'SIGKILL');
    while (pool.pids().includes(first) || pool.pids().length === 0) await sleep(10);
    await signalDecoder(pool, 'SIGKILL');
    expect(await killed).toMatchObject({ code: 'decode.killed' });
    expect(isPermanent(await killed)).toBe(false);
  });

  it('does not let a photo have more memory than it may', async () => {
    // A progressive JPEG of 24 megapixels, of which the decoder keeps all coefficients.
    const hungry = await sharp({
      create: { width: 6_000, height: 4_000, channels: 3, background: '#336699' },
    })
      .jpeg({ progressive: true, chromaSubsampling: '4:4:4' })
      .toBuffer();
    await expect(openPool({ memoryBytes: 130_000_000 }).makeTile(hungry)).rejects.toMatchObject({
      code: 'image.too-much-memory',
    });
    await expect(openPool().makeTile(hungry)).resolves.toHaveProperty('jpegs');
  });

  it('fails the photos at work as transient when it is closed', async () => {
    const pool = openPool();
    const tile = pool.makeTile(slow.bytes, slow.limits).catch((error: unknown) => error);
    while (pool.pids().length === 0) await sleep(10);
    await pool.close();
    expect(await tile).toMatchObject({ code: 'decode.closed' });
  });

  it('says that the decoder is missing when it cannot be started', async () => {
    const pool = openPool({ program: join(folder, 'none.mjs') });
    await expect(pool.makeTile(await quarters().png().toBuffer())).rejects.toThrow(/decoder/);
  });
});
