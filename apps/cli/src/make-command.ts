import { defaultMatchOptions, pictureSize, type GridOptions } from '@mosaicme/mosaic';
import type { Relaxation } from '@mosaicme/rendering';
import { tileSizes, type TileSize } from '@mosaicme/tile-pack';
import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import { stat } from 'node:fs/promises';
import { openFolderIndex, type IndexReport } from './index-folder';
import {
  addLibraryOptions,
  asJson,
  limitsFrom,
  refreshIndex,
  reportSkipped,
  secondsSince,
  summaryOf,
  tileOptionsFrom,
  type LibraryOptions,
  type OpenDecoder,
} from './library-options';
import { checkPlace, checkSize, makeMosaic, readPhoto, type Made } from './make';
import { positive, whole } from './options';
import { outputEndings, outputFormat, type OutputFormat } from './outputs/formats';
import { createProgress } from './progress';

interface MakeFlags extends LibraryOptions {
  readonly library: string;
  readonly out: string;
  readonly cells: number;
  readonly grid?: GridOptions;
  readonly printWidth?: number;
  readonly printHeight?: number;
  readonly dpi: number;
  readonly tile: TileSize;
  readonly adaptive: boolean;
  readonly shift: number;
  readonly distance: number;
  readonly maxUses?: number;
  readonly useAll?: true;
  readonly optimal?: true;
  readonly mirror?: true;
  readonly seed: number;
  readonly recipe?: string;
  readonly json?: true;
}

/** Adds `mosaicme make`. */
export function addMakeCommand(program: Command, openDecoder?: OpenDecoder): void {
  addLibraryOptions(
    program
      .command('make')
      .description('make a mosaic of a photo, with no services at all')
      .addArgument(new Argument('PHOTO', 'the photo to rebuild'))
      .requiredOption('--library <folder>', 'folder of the small photos')
      .requiredOption('--out <file>', `the file to write; its ending is one of ${outputEndings}`)
      .option(
        '--cells <n>',
        'cells along the longer side, if they were of one size',
        whole(1, 4096),
        72,
      )
      .option('--grid <columns>x<rows>', 'exactly so many cells', gridOf)
      .option('--print-width <mm>', 'width on paper in millimetres', positive)
      .option('--print-height <mm>', 'height on paper in millimetres', positive)
      .option('--dpi <n>', 'dots an inch on paper', positive, 300)
      .addOption(
        new Option('--tile <px>', 'side of a tile in pixels, the mean one of several sizes')
          .choices(tileSizes.map(String))
          .default(64)
          .argParser(tileSizeOf),
      )
      .option(
        '--no-adaptive',
        'cells of one size, instead of small ones where the photo has detail',
      )
      .option(
        '--shift <levels>',
        'most levels by which the colour of a tile is moved; 0 leaves it',
        whole(0, 127),
        defaultMatchOptions.colourShift,
      )
      .option(
        '--distance <cells>',
        'no second use of a tile within so many cells',
        whole(0, 4096),
        defaultMatchOptions.repeatDistance,
      )
      .option('--max-uses <n>', 'most uses of a tile', whole(1, 2 ** 31))
      .option('--use-all', 'use every tile at least once')
      .option('--optimal', 'choose all tiles together: better and much slower, for few tiles')
      .option('--mirror', 'also use tiles turned left to right')
      .option('--seed <n>', 'chooses among equally good mosaics', whole(0, 2 ** 32 - 1), 1)
      .option('--recipe <file>', 'also write the recipe, which `mosaicme print` reads'),
  )
    .option('--json', 'print the result as one JSON object')
    .action((photo: string, flags: MakeFlags) => make(photo, flags, openDecoder));
}

async function make(photo: string, flags: MakeFlags, openDecoder?: OpenDecoder): Promise<void> {
  const startedAt = performance.now();
  // Whatever is wrong with the photo or the file to write is said before the long work.
  await checkPlace(flags.out, 'mosaic', '--out');
  if (flags.recipe !== undefined) await checkPlace(flags.recipe, 'recipe', '--recipe');
  const format = outputFormat(flags.out);
  const options = makeOptions(flags, format);
  const target = await readPhoto(photo, limitsFrom(flags), { background: flags.background });
  checkSize(target, options);

  const index = await openFolderIndex(flags.library, flags.index, tileOptionsFrom(flags));
  const progress = createProgress();
  let report: IndexReport | undefined;
  try {
    report = await refreshIndex(flags.library, index, flags, progress, openDecoder);
    const made = await makeMosaic(target, index, { ...options, progress });
    progress.end();
    reportSkipped(report);
    console.error(summaryOf(report));
    const seconds = secondsSince(startedAt);
    console.error(describe(made, seconds));
    const result = async () =>
      JSON.stringify({
        ...(await resultOf(made, flags, format)),
        library: asJson(report!),
        seconds,
      });
    console.log(flags.json ? await result() : flags.out);
  } catch (error) {
    progress.end();
    // Why photos were skipped may be why the mosaic cannot be made.
    if (report) reportSkipped(report);
    throw error;
  } finally {
    await index.store.close();
  }
}

const makeOptions = (flags: MakeFlags, format: OutputFormat) => ({
  grid: gridFrom(flags),
  tileSize: flags.tile,
  adaptive: flags.adaptive,
  match: {
    colourShift: flags.shift,
    repeatDistance: flags.distance,
    ...(flags.maxUses !== undefined && { maxUses: flags.maxUses }),
    useAll: flags.useAll ?? false,
    mirror: flags.mirror ?? false,
    seed: flags.seed,
  },
  optimal: flags.optimal,
  out: flags.out,
  format,
  dpi: flags.dpi,
  recipeOut: flags.recipe,
});

function describe({ recipe: { layout }, statistics, relaxed }: Made, seconds: number): string {
  const { width, height } = pictureSize(layout);
  return [
    ...relaxed.map(describeRelaxation),
    `${layout.count} cells, ${width} x ${height} px, ` +
      `${statistics.distinctTiles} different tiles, repetition ${statistics.repetition.toFixed(3)}, in ${seconds.toFixed(1)} s.`,
  ].join('\n');
}

/** By the flag that asked for it. */
function describeRelaxation(relaxation: Relaxation): string {
  switch (relaxation.option) {
    case 'repeatDistance':
      return `Too few photos for --distance ${relaxation.wanted}; made with --distance ${relaxation.kept}.`;
    case 'useAll':
      return 'Too many photos for --use-all; made without it.';
    case 'optimal':
      return 'Too many photos and cells for --optimal; made without it.';
  }
}

/** What `--json` prints of a mosaic. */
async function resultOf(
  { recipe: { layout }, tiles, statistics, optimal, relaxed }: Made,
  { out, recipe }: MakeFlags,
  format: OutputFormat,
) {
  return {
    out,
    format,
    bytes: (await stat(out)).size,
    ...(recipe !== undefined && { recipe }),
    ...pictureSize(layout),
    grid: { columns: layout.columns, rows: layout.rows, unit: layout.unit },
    cells: layout.count,
    tiles,
    distinct: statistics.distinctTiles,
    maxUses: statistics.maxUses,
    repetition: statistics.repetition,
    optimal,
    relaxed,
  };
}

function gridFrom({ grid, printWidth, printHeight, dpi, cells }: MakeFlags): GridOptions {
  if (grid) return grid;
  if (printWidth !== undefined) return { print: { widthMm: printWidth, dpi } };
  if (printHeight !== undefined) return { print: { heightMm: printHeight, dpi } };
  return { cells };
}

function tileSizeOf(text: string): TileSize {
  const size = tileSizes.find((side) => String(side) === text);
  if (size !== undefined) return size;
  throw new InvalidArgumentError(`Expected one of ${tileSizes.join(', ')}.`);
}

function gridOf(text: string): GridOptions {
  const [, columns, rows] = /^(\d{1,4})x(\d{1,4})$/.exec(text) ?? [];
  if (columns && rows) return { columns: Number(columns), rows: Number(rows) };
  throw new InvalidArgumentError('Expected columns and rows, for example 100x80.');
}
