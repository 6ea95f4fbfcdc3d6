import { ConfigError } from '@mosaicme/config';
import { messageOf } from '@mosaicme/errors';
import { defaultMatchOptions, pictureSize, type GridOptions } from '@mosaicme/mosaic';
import { version } from '@mosaicme/service';
import { tileSizes, type TileSize } from '@mosaicme/tile-pack';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { indexFolder, openFolderIndex, type FolderIndex, type IndexReport } from './index-folder';
import { checkOut, makeMosaic, readPhoto } from './make';
import { addOperatorCommands } from './operator/commands';
import { createProgressBar } from './progress-bar';
import { reindexCatalogue } from './reindex';

interface LibraryOptions {
  readonly index?: string;
  readonly nearDuplicates: number;
}

interface MakeFlags extends LibraryOptions {
  readonly library: string;
  readonly out: string;
  readonly cells: number;
  readonly grid?: GridOptions;
  readonly printWidth?: number;
  readonly printHeight?: number;
  readonly dpi: number;
  readonly tile: TileSize;
  readonly shift: number;
  readonly distance: number;
  readonly maxUses?: number;
  readonly useAll: boolean;
  readonly optimal: boolean;
  readonly mirror: boolean;
  readonly seed: number;
  readonly recipe?: string;
}

/** The command line `mosaicme`. Messages go to standard error, results to standard output. */
export function createProgram(): Command {
  const program = new Command('mosaicme')
    .description('Photo mosaics out of thousands of small photos.')
    .version(version)
    .showHelpAfterError();

  libraryOptions(
    program
      .command('make')
      .description('make a mosaic of a photo, with no services at all')
      .addArgument(new Argument('PHOTO', 'the photo to rebuild'))
      .requiredOption('--library <folder>', 'folder of the small photos')
      .requiredOption('--out <file>', 'the JPEG to write')
      .option('--cells <n>', 'cells along the longer side', whole(1, 4096), 64)
      .option('--grid <columns>x<rows>', 'exactly so many cells', gridOf)
      .option('--print-width <mm>', 'width on paper in millimetres', positive)
      .option('--print-height <mm>', 'height on paper in millimetres', positive)
      .option('--dpi <n>', 'dots an inch on paper', positive, 300)
      .addOption(
        new Option('--tile <px>', 'side of a tile in pixels')
          .choices(tileSizes.map(String))
          .default(64)
          .argParser(tileSizeOf),
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
      .option('--use-all', 'use every tile at least once', false)
      .option(
        '--optimal',
        'choose all tiles together: better and much slower, for few tiles',
        false,
      )
      .option('--mirror', 'also use tiles turned left to right', false)
      .option('--seed <n>', 'chooses among equally good mosaics', whole(0, 2 ** 32 - 1), 1)
      .option('--recipe <file>', 'also write the recipe'),
  ).action(make);

  libraryOptions(
    program
      .command('index')
      .description('make or refresh the index of a folder of small photos')
      .addArgument(new Argument('FOLDER', 'folder of the small photos')),
  ).action(async (folder: string, options: LibraryOptions) => {
    const index = await openFolderIndex(folder, options.index);
    try {
      report(await indexWithBar(folder, index, options));
    } finally {
      await index.store.close();
    }
  });

  program
    .command('reindex')
    .description('rebuild the catalogue from the buckets; reads the variables of the cacher')
    .action(async () => {
      const { count, seconds } = await reindexCatalogue(process.env);
      console.log(`${count} mosaics in the catalogue, in ${seconds.toFixed(1)} s.`);
    });

  addOperatorCommands(program, process.env, (text) => console.log(text));
  return program;
}

function libraryOptions(command: Command): Command {
  return command
    .option('--index <folder>', 'where the index lies (default: .mosaicme in the folder)')
    .option(
      '--near-duplicates <bits>',
      'photos whose perceptual hashes differ in at most so many of 64 bits count as one',
      whole(0, 32),
      4,
    );
}

async function make(photo: string, flags: MakeFlags): Promise<void> {
  const startedAt = performance.now();
  // Whatever is wrong with the photo or the file to write is said before the long work.
  await checkOut(flags.out);
  const target = await readPhoto(photo);
  const index = await openFolderIndex(flags.library, flags.index);
  try {
    report(await indexWithBar(flags.library, index, flags));
    const { recipe, statistics } = await makeMosaic(target, index, {
      grid: gridFrom(flags),
      tileSize: flags.tile,
      match: {
        colourShift: flags.shift,
        repeatDistance: flags.distance,
        ...(flags.maxUses !== undefined && { maxUses: flags.maxUses }),
        useAll: flags.useAll,
        mirror: flags.mirror,
        seed: flags.seed,
      },
      optimal: flags.optimal,
      out: flags.out,
      recipeOut: flags.recipe,
    });
    const { width, height } = pictureSize(recipe.layout);
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    console.error(
      `${recipe.layout.count} cells, ${width} x ${height} px, ` +
        `${statistics.distinctTiles} different tiles, in ${seconds} s.`,
    );
    console.log(flags.out);
  } finally {
    await index.store.close();
  }
}

async function indexWithBar(
  folder: string,
  index: FolderIndex,
  { nearDuplicates }: LibraryOptions,
): Promise<IndexReport> {
  const bar = createProgressBar('photos');
  try {
    return await indexFolder(folder, index, {
      nearDuplicateBits: nearDuplicates,
      onProgress: bar.show,
    });
  } finally {
    bar.end();
  }
}

function report({ photos, added, nearDuplicates, removed, refused }: IndexReport): void {
  for (const { file, reason } of refused) console.error(`not used: ${file}: ${reason}`);
  console.error(
    `${photos} photos: ${added} new, ${nearDuplicates} near-duplicates left out, ` +
      `${removed} gone, ${refused.length} not usable.`,
  );
}

function gridFrom({ grid, printWidth, printHeight, dpi, cells }: MakeFlags): GridOptions {
  if (grid) return grid;
  if (printWidth !== undefined) return { print: { widthMm: printWidth, dpi } };
  if (printHeight !== undefined) return { print: { heightMm: printHeight, dpi } };
  return { cells };
}

function whole(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number, ${min} to ${max}.`);
  };
}

function positive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('Expected a number above 0.');
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

/** For a wrong configuration (EX_CONFIG of sysexits.h), as the services have it. */
const exitConfiguration = 78;

/**
 * Runs the command line.
 *
 * @returns The exit code: 0, or after a message on standard error 78 for a wrong configuration and 1
 *   for everything else.
 */
export async function runProgram(parameters: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(parameters, { from: 'user' });
    return 0;
  } catch (error) {
    console.error(messageOf(error));
    return error instanceof ConfigError ? exitConfiguration : 1;
  }
}
