import { tileSizes, type TileSize } from '@mosaicme/tile-pack';
import { parseArgs } from 'node:util';

/** What can be run, in the order of the table. */
export const runNames = [
  'index-mosaicme',
  'index-metapixel',
  'mosaicme',
  'mosaicme-mirror',
  'mosaicme-shift',
  'metapixel-0',
  'metapixel-30',
  'sharp-encode',
  'flat',
  'adaptive',
  'default',
  'scale-tiles',
  'scale-growth',
  'scale-gigapixel',
] as const;
export type RunName = (typeof runNames)[number];

export interface BenchOptions {
  /** Folder of photos; without it, crops of the demo photographs. */
  readonly library?: string;
  readonly target?: string;
  readonly columns: number;
  readonly rows: number;
  readonly tile: TileSize;
  /** How often each thing is done; the median counts. */
  readonly times: number;
  readonly only: readonly RunName[];
  /** File for the figures. */
  readonly json?: string;
  /** Folder to work in, kept; otherwise a temporary one. */
  readonly work?: string;
  /** Tiles of the large library of the scale rows. */
  readonly manyTiles: number;
}

export const usage = `usage: npm run bench:engine -- [options]
  --library FOLDER   photos to make tiles of (2,048 crops of the demo photographs)
  --target FILE      photo to rebuild (a demo photograph)
  --cells WxH        columns and rows (100x100)
  --tile PX          side of a tile: ${tileSizes.join(', ')} (128)
  --only A,B         run only these: ${runNames.join(', ')}
  --quick            once instead of five times, without the scale rows
  --json FILE        write the figures to a file
  --work FOLDER      work in this folder and keep it, with mosaics and libraries (a temporary one)`;

/** Reads the command line; undefined when help is asked for. @throws Error that says what is wrong. */
export function readBenchOptions(parameters: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      library: { type: 'string' },
      target: { type: 'string' },
      cells: { type: 'string', default: '100x100' },
      tile: { type: 'string', default: '128' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      work: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const [, columns, rows] = /^([1-9]\d{0,3})x([1-9]\d{0,3})$/.exec(values.cells) ?? [];
  if (!columns || !rows) throw new Error(`--cells is '${values.cells}'; expected e.g. 100x100.`);
  const tile = tileSizes.find((size) => String(size) === values.tile);
  if (!tile) throw new Error(`--tile is '${values.tile}'; expected ${tileSizes.join(', ')}.`);
  return {
    ...(values.library !== undefined && { library: values.library }),
    ...(values.target !== undefined && { target: values.target }),
    ...(values.json !== undefined && { json: values.json }),
    ...(values.work !== undefined && { work: values.work }),
    columns: Number(columns),
    rows: Number(rows),
    tile,
    times: values.quick ? 1 : 5,
    only: runsNamed(values.only, values.quick),
    manyTiles: 100_000,
  };
}

function runsNamed(list: string | undefined, quick: boolean): readonly RunName[] {
  if (list === undefined) {
    return quick ? runNames.filter((name) => !name.startsWith('scale-')) : runNames;
  }
  const wanted = list.split(',');
  const unknown = wanted.find((name) => !runNames.some((known) => known === name));
  if (unknown !== undefined) {
    throw new Error(`--only names '${unknown}'; there are ${runNames.join(', ')}.`);
  }
  return runNames.filter((name) => wanted.includes(name));
}
