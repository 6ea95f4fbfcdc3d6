import type { PictureQuality } from './picture-quality';

/** One line of the comparison; what does not apply to it is null. */
export interface Run {
  readonly name: string;
  /** Median. */
  readonly seconds: number;
  /** Median of processor time, of those that were measured inside their process. */
  readonly cpuSeconds: number | null;
  readonly peakMemoryMB: number | null;
  readonly psnrY1: number | null;
  readonly psnrY4: number | null;
  readonly ssimY1: number | null;
  readonly ssimY4: number | null;
  readonly deltaE1: number | null;
  readonly deltaE4: number | null;
  readonly distinctTiles: number | null;
  readonly maxUses: number | null;
  readonly minDistance: number | null;
  /** Size of the JPEG. */
  readonly bytes: number | null;
}

export interface ScaleRow {
  readonly name: string;
  readonly seconds: number;
  readonly peakMemoryMB: number | null;
  readonly figures: Readonly<Record<string, number>>;
}

/** How near mosaics come to photos for whoever looks at the whole: means over photos. */
export interface Nearness {
  readonly psnrY512: number;
  readonly ssimY512: number;
}

/** What is measured beside the comparison, as far as it was run. */
export interface Looks {
  /** A flat target, for which the same few tiles fit nearly everywhere. */
  readonly flat?: { readonly repetition: number };
  /** Cells of several sizes against the same number of equal ones. */
  readonly adaptive?: {
    readonly cells: number;
    readonly uniform: Nearness;
    readonly adaptive: Nearness;
    /** Share of the area in cells of 64 px and more. */
    readonly areaOfLargeCells: number;
    /** Time of the adaptive mosaics over that of encoding their pixels. */
    readonly secondsAgainstEncode: number;
    readonly seconds: number;
    readonly uniformSeconds: number;
    readonly bytes: number;
    readonly uniformBytes: number;
  };
  /** What `make` and the apps do unless told otherwise. */
  readonly default?: Nearness & {
    readonly cells: number;
    readonly areaOfLargeCells: number;
    readonly repetition: number;
    readonly seconds: number;
    readonly bytes: number;
  };
}

export interface Report extends Looks {
  readonly cells: readonly [number, number];
  readonly tile: number;
  readonly tiles: number;
  readonly runs: readonly Run[];
  readonly scale: readonly ScaleRow[];
}

export const qualityFigures = ({ at1, at4 }: PictureQuality) => ({
  psnrY1: at1.psnrY,
  psnrY4: at4.psnrY,
  ssimY1: at1.ssimY,
  ssimY4: at4.ssimY,
  deltaE1: at1.deltaE,
  deltaE4: at4.deltaE,
});

export const noQuality = {
  psnrY1: null,
  psnrY4: null,
  ssimY1: null,
  ssimY4: null,
  deltaE1: null,
  deltaE4: null,
} as const;

export const noUses = { distinctTiles: null, maxUses: null, minDistance: null } as const;

const columns: readonly (readonly [title: string, key: keyof Run, digits: number])[] = [
  ['seconds', 'seconds', 3],
  ['cpu s', 'cpuSeconds', 3],
  ['peak MB', 'peakMemoryMB', 0],
  ['PSNR-Y 1x', 'psnrY1', 2],
  ['4x', 'psnrY4', 2],
  ['SSIM-Y 1x', 'ssimY1', 3],
  ['4x', 'ssimY4', 3],
  ['dE2000 1x', 'deltaE1', 2],
  ['4x', 'deltaE4', 2],
  ['tiles', 'distinctTiles', 0],
  ['max uses', 'maxUses', 0],
  ['min dist', 'minDistance', 0],
  ['bytes', 'bytes', 0],
];

/** The report as text. */
export function reportTable({ cells, tile, tiles, runs, scale, ...looks }: Report): string {
  const lines = [
    `${cells[0]} x ${cells[1]} cells of ${tile} px, ${tiles} tiles`,
    row(
      '',
      columns.map(([title]) => title),
    ),
    ...runs.map((run) =>
      row(
        run.name,
        columns.map(([, key, digits]) => {
          const value = run[key];
          return typeof value === 'number' ? value.toFixed(digits) : '-';
        }),
      ),
    ),
    '',
    ...comparisons(runs).map(([what, value]) => `${what.padEnd(64)}${value}`),
    ...scale.map(({ name, seconds, peakMemoryMB, figures }) => {
      const others = Object.entries(figures).map(([key, value]) => `${key} ${round(value)}`);
      return `${name}: ${round(seconds)} s, ${peakMemoryMB?.toFixed(0) ?? '-'} MB, ${others.join(', ')}`;
    }),
    ...Object.entries(looks).map(([name, figures]) => `${name}: ${inWords(figures)}`),
  ];
  return lines.join('\n');
}

const row = (name: string, cells: readonly string[]): string =>
  name.padEnd(17) + cells.map((cell) => cell.padStart(10)).join('');

/** Figures by name, those of a group in brackets. */
const inWords = (figures: object): string =>
  Object.entries(figures)
    .map(([key, value]: [string, number | object]) =>
      typeof value === 'number' ? `${key} ${round(value)}` : `${key} (${inWords(value)})`,
    )
    .join(', ');

const round = (value: number): string => String(Number(value.toPrecision(4)));

/** What the bars of the issue are about, as far as both sides were run. */
export function comparisons(runs: readonly Run[]): readonly (readonly [string, string])[] {
  const found = new Map(runs.map((run) => [run.name, run]));
  const lines: (readonly [string, string])[] = [];
  const compare = (
    what: string,
    one: string,
    other: string,
    text: (a: Run, b: Run) => string | undefined,
  ) => {
    const [a, b] = [found.get(one), found.get(other)];
    const value = a && b && text(a, b);
    if (value !== undefined) lines.push([what, value]);
  };
  const faster = (a: Run, b: Run) => `${(b.seconds / a.seconds).toFixed(1)} times faster`;
  const share = (a: Run, b: Run) =>
    `${(a.seconds / b.seconds).toFixed(3)} of its time` +
    (a.cpuSeconds && b.cpuSeconds
      ? `, ${(a.cpuSeconds / b.cpuSeconds).toFixed(3)} of its processor time`
      : '');
  const gains = (...keys: readonly (keyof Run)[]) => {
    return (a: Run, b: Run) =>
      keys.map((key) => `${key} ${signed(Number(a[key]) - Number(b[key]))}`).join(', ');
  };
  compare('no shift against metapixel', 'mosaicme', 'metapixel-0', faster);
  compare('no shift against bare encoding', 'mosaicme', 'sharp-encode', share);
  compare('default shift against bare encoding', 'mosaicme-shift', 'sharp-encode', share);
  compare('size against bare encoding', 'mosaicme', 'sharp-encode', (a, b) =>
    a.bytes && b.bytes ? (a.bytes / b.bytes).toFixed(4) : undefined,
  );
  const at4 = gains('psnrY4', 'ssimY4', 'deltaE4');
  compare('no shift against metapixel, 4x', 'mosaicme', 'metapixel-0', at4);
  compare('mirrored against metapixel, 4x', 'mosaicme-mirror', 'metapixel-0', at4);
  compare(
    'default shift against cheat 30',
    'mosaicme-shift',
    'metapixel-30',
    gains('psnrY1', 'psnrY4', 'deltaE1', 'deltaE4'),
  );
  compare('building packs against metapixel-prepare', 'index-mosaicme', 'index-metapixel', faster);
  return lines;
}

const signed = (value: number): string => (value < 0 ? '' : '+') + value.toFixed(3);
