import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { targetPixelsPerCell } from './material';
import { runProgram, type ProgramRun } from './process';

/** Is the peer installed? On Debian: `apt-get install metapixel`. */
export function hasMetapixel(): boolean {
  try {
    execFileSync('metapixel', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const sizes = (tile: number) => [`--width=${tile}`, `--height=${tile}`];

/** Builds metapixel's library anew. */
export async function prepareMetapixel(
  photos: string,
  library: string,
  tile: number,
): Promise<ProgramRun> {
  await rm(library, { recursive: true, force: true });
  await mkdir(library);
  return runProgram('metapixel-prepare', [...sizes(tile), photos, library]);
}

/** A mosaic by metapixel, as the issue has it: subpixel metric, no second use within 5 cells. */
export function makeMetapixel(
  work: {
    readonly library: string;
    readonly target: string;
    readonly tile: number;
    readonly out: string;
  },
  cheat: number,
  protocol?: string,
): Promise<ProgramRun> {
  return runProgram('metapixel', [
    ...sizes(work.tile),
    `--library=${work.library}`,
    '--metric=subpixel',
    '--search=local',
    '--distance=5',
    `--cheat=${cheat}`,
    `--scale=${work.tile / targetPixelsPerCell}`,
    ...(protocol === undefined ? [] : [`--out=${protocol}`]),
    '--metapixel',
    work.target,
    work.out,
  ]);
}

/** How the tiles were used, by metapixel's own protocol. */
export async function metapixelUses(protocol: string): Promise<{
  readonly distinctTiles: number;
  readonly maxUses: number;
  readonly minDistance: number;
}> {
  const text = await readFile(protocol, 'utf8');
  const uses = new Map<string, (readonly [number, number])[]>();
  for (const [, x, y, file = ''] of text.matchAll(/\((\d+) (\d+) \d+ \d+ "([^"]*)"\)/g)) {
    const places = uses.get(file) ?? [];
    places.push([Number(x), Number(y)]);
    uses.set(file, places);
  }
  let minDistance = Infinity;
  for (const places of uses.values()) {
    places.forEach(([x, y], index) => {
      for (const [otherX, otherY] of places.slice(index + 1)) {
        minDistance = Math.min(minDistance, Math.max(Math.abs(x - otherX), Math.abs(y - otherY)));
      }
    });
  }
  return {
    distinctTiles: uses.size,
    maxUses: Math.max(...[...uses.values()].map(({ length }) => length)),
    minDistance,
  };
}
