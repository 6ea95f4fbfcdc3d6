import { PermanentError } from '@mosaicme/errors';
import { paperNames, paperOf, type Orientation, type Paper } from '@mosaicme/print';
import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import { writeFile } from 'node:fs/promises';
import { basename, extname, parse } from 'node:path';
import { openFolderIndex } from '../index-folder';
import {
  addLibraryOptions,
  refreshIndex,
  reportSkipped,
  secondsSince,
  tileOptionsFrom,
  type LibraryOptions,
  type OpenDecoder,
} from '../library-options';
import { checkPlace } from '../make';
import { positive } from '../options';
import { writeWhole } from '../outputs/write';
import { createProgress, type Progress } from '../progress';
import { createDrawer, type RecipeDrawer } from './drawer';
import { openFolderTiles } from './folder-tiles';
import { printPicture, printPoster, printStickers, type Printed } from './print';
import { openMosaicStore, readPublished } from './published';
import { readPrintSource, type PrintSource } from './source';

interface PrintFlags extends LibraryOptions {
  readonly library?: string;
  readonly data?: string;
  readonly out: string;
  readonly paper?: Paper;
  readonly orientation?: Orientation;
  readonly margin?: number;
  readonly bleed: number;
  readonly fill?: true;
  readonly cutMarks?: true;
  readonly dpi: number;
  readonly sheets?: true | readonly number[];
  readonly cells?: readonly string[];
  readonly sticker: number;
  readonly gap: number;
  readonly title?: string;
  readonly json?: true;
}

const examples = `
A poster:            mosaicme print wall.recipe --library FOLDER --paper A2 --bleed 3 --cut-marks --out poster.pdf
Stickers for a wall: mosaicme print wall.recipe --library FOLDER --sheets --sticker 50 --out wall.pdf
Two of them again:   mosaicme print wall.recipe --library FOLDER --cells C12 D4 --sticker 50 --out again.pdf

A published mosaic:  mosaicme print 5f3b… --paper A1 --out poster.pdf

All lengths are millimetres. For a published mosaic the variables of the apps are read (S3_*, BUCKET_*), or
the folder of standalone with --data. docs/printing.md tells more.`;

/** Printers leave a border of a few millimetres white. */
const sheetMargin = 8;

/** Adds `mosaicme print`. */
export function addPrintCommand(program: Command, openDecoder?: OpenDecoder): void {
  addLibraryOptions(
    program
      .command('print')
      .description('a PDF for printing: a poster, or sheets of stickers for a wall')
      .addArgument(
        new Argument(
          'SOURCE',
          'a recipe (make --recipe), the id of a published mosaic, or for a poster also a mosaic as JPEG',
        ),
      )
      .requiredOption('--out <file>', 'the PDF to write')
      .option('--library <folder>', 'folder of the small photos of the recipe')
      .option(
        '--data <folder>',
        'the data folder of standalone, in which the published mosaic lies',
      )
      .option(
        '--paper <paper>',
        `${paperNames.join(', ')}, or width x height such as 500x700, 50x70cm, 20x30in (default: as large as the picture; A4 for stickers)`,
        paperOption,
      )
      .addOption(
        new Option('--orientation <way>', 'how the paper lies (default: as it fits best)').choices([
          'portrait',
          'landscape',
        ]),
      )
      .option(
        '--margin <mm>',
        `white border of the paper (default: 0; ${sheetMargin} for stickers)`,
        notNegative,
      )
      .option('--bleed <mm>', 'picture beyond the cut', notNegative, 0)
      .option('--fill', 'cover the paper and cut edges of the picture off')
      .option('--cut-marks', 'marks around a poster that show where to cut')
      .option('--dpi <n>', 'dots an inch that the picture should have', positive, 300)
      .option(
        '--sheets [numbers]',
        'stickers on numbered sheets with cut marks: all, or such as 3,7-9',
        sheetNumbers,
      )
      .option('--cells <names...>', 'single stickers for reprint, such as C12 D4')
      .option('--sticker <mm>', 'side of the smallest sticker', positive, 40)
      .option('--gap <mm>', 'space between stickers, in which their names stand', notNegative, 6)
      .option('--title <text>', 'stands on each sheet (default: the name of the source)'),
  )
    .option('--json', 'print the result as one JSON object')
    .addHelpText('after', examples)
    .action((source: string, flags: PrintFlags) => print(source, flags, openDecoder));
}

async function print(file: string, flags: PrintFlags, openDecoder?: OpenDecoder): Promise<void> {
  const startedAt = performance.now();
  await checkPlace(flags.out, 'PDF', '--out');
  if (extname(flags.out).toLowerCase() !== '.pdf') {
    throw new PermanentError(
      'print.out',
      `A print is a PDF, but ${flags.out} does not end with .pdf; give such a file with --out FILE.`,
    );
  }
  const source = await readPrintSource(file);
  const title = flags.title ?? parse(basename(file)).name;
  const progress = createProgress();
  let printed;
  try {
    printed = await printSource(source, { ...flags, title, openDecoder }, progress);
    await writeWhole(flags.out, (partial) => writeFile(partial, printed!.pdf));
  } finally {
    progress.end();
  }
  const { pages, stickers, pdf } = printed;
  const dpi = Math.round(printed.dpi);
  const seconds = secondsSince(startedAt);
  console.error(describe(printed, seconds));
  if (dpi < flags.dpi) {
    console.error(`The pictures have ${dpi} dots an inch, not ${flags.dpi}: ${wayOut(flags)}`);
  }
  const lost = Math.round((1 - (printed.shown ?? 1)) * 100);
  if (lost > fewPercent) {
    console.error(
      `The paper cuts off ${lost} % of the picture; without --fill and --bleed all of it is shown.`,
    );
  }
  console.log(
    flags.json
      ? JSON.stringify({
          out: flags.out,
          bytes: pdf.length,
          ...{ pages, stickers, dpi, shown: printed.shown, seconds },
        })
      : flags.out,
  );
}

/** Cut off with every bleed, and not worth a word. */
const fewPercent = 3;

type TitledFlags = PrintFlags & {
  readonly title: string;
  readonly openDecoder: OpenDecoder | undefined;
};

async function printSource(
  source: PrintSource,
  flags: TitledFlags,
  progress: Progress,
): Promise<Printed> {
  const { library, sheets, cells } = flags;
  if (source.kind === 'picture') {
    if (sheets ?? cells) {
      throw new PermanentError(
        'print.needs-recipe',
        'A JPEG does not know its small photos; give the recipe (`mosaicme make --recipe FILE`) to print stickers.',
      );
    }
    return printPicture(source, posterRequest(flags));
  }
  if (source.kind === 'mosaic') {
    const opened = openMosaicStore(process.env, flags.data);
    try {
      const { recipe, tiles } = await readPublished(source.id, opened);
      return await printRecipe(createDrawer(recipe, tiles), flags, progress);
    } finally {
      await opened.store.close();
    }
  }
  if (library === undefined) {
    throw new PermanentError(
      'print.needs-library',
      'A recipe names its small photos but does not hold them; give their folder with --library FOLDER.',
    );
  }
  const index = await openFolderIndex(library, flags.index, tileOptionsFrom(flags));
  try {
    const { tiles, close } = await openFolderTiles(source.recipe, index, async () =>
      reportSkipped(await refreshIndex(library, index, flags, progress, flags.openDecoder)),
    );
    try {
      return await printRecipe(createDrawer(source.recipe, tiles), flags, progress);
    } finally {
      await close();
    }
  } finally {
    await index.store.close();
  }
}

function printRecipe(
  drawer: RecipeDrawer,
  flags: TitledFlags,
  progress: Progress,
): Promise<Printed> {
  const { sheets, cells, margin = sheetMargin, paper = paperOf('A4') } = flags;
  if (sheets === undefined && cells === undefined) {
    progress.begin('Drawing the poster');
    return printPoster(drawer, posterRequest(flags));
  }
  return printStickers(
    drawer,
    {
      ...flags,
      margin,
      paper,
      sheets: sheets === true ? undefined : sheets,
      places: cells?.flatMap((names) => names.split(',')).filter((name) => name !== ''),
    },
    progress,
  );
}

const posterRequest = (flags: TitledFlags) => ({
  ...flags,
  cutMarks: flags.cutMarks ?? false,
  margin: flags.margin ?? 0,
  // Bleed is of use only where the picture reaches the cut.
  fit: flags.fill || flags.bleed > 0 ? ('fill' as const) : ('whole' as const),
});

function describe({ pages, stickers, pdf }: Printed, seconds: number): string {
  const what = stickers === undefined ? '' : `${stickers} stickers, `;
  const size = (pdf.length / 1e6).toFixed(1);
  return `${pages} ${pages === 1 ? 'page' : 'pages'}, ${what}${size} MB, in ${seconds.toFixed(1)} s.`;
}

const wayOut = ({ sheets, cells }: PrintFlags) =>
  sheets === undefined && cells === undefined
    ? 'use a smaller --paper, or make the mosaic of more --cells.'
    : 'small photos are kept at 128 px; use a smaller --sticker.';

function notNegative(text: string): number {
  const value = Number(text);
  if (text !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError('Expected a number of millimetres.');
}

function paperOption(text: string): Paper {
  try {
    return paperOf(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

/** `3,7-9` as [3, 7, 8, 9]. */
function sheetNumbers(text: string): readonly number[] {
  return text.split(',').flatMap((part) => {
    const [, from, to = from] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part) ?? [];
    const [first, last] = [Number(from), Number(to)];
    if (from === undefined || first > last) {
      throw new InvalidArgumentError('Expected numbers of sheets, for example 3,7-9.');
    }
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
