import {
  crops,
  localDecoder,
  type Crop,
  type ImageLimits,
  type PhotoDecoder,
  type TileOptions,
} from '@mosaicme/imaging';
import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import {
  folderImageLimits,
  indexFolder,
  openFolderIndex,
  type FolderIndex,
  type IndexReport,
} from './index-folder';
import { positive, whole } from './options';
import { createProgress, type Progress } from './progress';

/** The options of every command that reads a folder of small photos. */
export interface LibraryOptions {
  readonly index?: string;
  readonly nearDuplicates: number;
  readonly crop: Crop;
  readonly background: string;
  readonly minSide: number;
  readonly maxMegapixels: number;
}

export function addLibraryOptions(command: Command): Command {
  return command
    .option('--index <folder>', 'where the index lies (default: .mosaicme in the folder)')
    .option(
      '--near-duplicates <bits>',
      'photos whose perceptual hashes differ in at most so many of 64 bits count as one',
      whole(0, 32),
      4,
    )
    .addOption(
      new Option('--crop <how>', 'the square of a photo that becomes its tile')
        .choices(crops)
        .default(crops[0]),
    )
    .option(
      '--background <colour>',
      'what lies under transparent pictures: auto (white or black, by contrast) or a colour such as #ffcc00',
      backgroundOf,
      'auto',
    )
    .option(
      '--min-side <px>',
      'smaller photos are not used',
      whole(1, 10_000),
      folderImageLimits.minSide,
    )
    .option(
      '--max-megapixels <n>',
      'larger photos are not used; a baseline JPEG may have eight times as many',
      positive,
      folderImageLimits.maxPixels / 1e6,
    );
}

/** What a photo may cost, by the options. */
export const limitsFrom = ({ minSide, maxMegapixels }: LibraryOptions): ImageLimits => ({
  ...folderImageLimits,
  minSide,
  maxPixels: Math.floor(maxMegapixels * 1e6),
});

/** How tiles are made, by the options. */
export const tileOptionsFrom = ({ crop, background }: LibraryOptions): TileOptions => ({
  crop,
  background,
});

function backgroundOf(text: string): string {
  if (text === 'auto' || /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(text)) return text;
  throw new InvalidArgumentError('Expected auto or a colour such as #ffcc00.');
}

/** Adds `mosaicme index`. */
export function addIndexCommand(program: Command, openDecoder?: OpenDecoder): void {
  addLibraryOptions(
    program
      .command('index')
      .description('make or refresh the index of a folder of small photos')
      .addArgument(new Argument('FOLDER', 'folder of the small photos')),
  )
    .option('--json', 'print the result as one JSON object')
    .action(async (folder: string, options: LibraryOptions & { readonly json?: true }) => {
      const startedAt = performance.now();
      const index = await openFolderIndex(folder, options.index, tileOptionsFrom(options));
      const progress = createProgress();
      try {
        const report = await refreshIndex(folder, index, options, progress, openDecoder);
        reportSkipped(report);
        console.error(summaryOf(report));
        const seconds = secondsSince(startedAt);
        if (options.json) console.log(JSON.stringify({ folder, ...asJson(report), seconds }));
      } finally {
        progress.end();
        await index.store.close();
      }
    });
}

/** Opens what decodes the photos of a folder. */
export type OpenDecoder = () => PhotoDecoder;

/** Brings the index up to date, with a progress bar. */
export async function refreshIndex(
  folder: string,
  index: FolderIndex,
  options: LibraryOptions,
  progress: Progress,
  openDecoder: OpenDecoder = () => localDecoder,
): Promise<IndexReport> {
  const decoder = openDecoder();
  try {
    return await indexFolder(folder, index, {
      nearDuplicateBits: options.nearDuplicates,
      limits: limitsFrom(options),
      tile: tileOptionsFrom(options),
      decoder,
      onProgress: (done, of) => progress.step('Reading photos', done, of),
    });
  } finally {
    await decoder.close();
  }
}

/** Names each file that was skipped, with its reason, on standard error. */
export function reportSkipped({ refused }: IndexReport): void {
  for (const { file, reason } of refused) console.error(`skipped: ${file}: ${reason}`);
}

export const summaryOf = ({ photos, added, nearDuplicates, removed, refused }: IndexReport) =>
  `${photos} photos: ${added} new, ${nearDuplicates} near-duplicates left out, ` +
  `${removed} gone, ${refused.length} skipped.`;

/** The report as it stands in the result for programs. */
export const asJson = ({ refused, ...counts }: IndexReport) => ({ ...counts, skipped: refused });

/** Seconds since a time of `performance.now()`, to the millisecond. */
export const secondsSince = (startedAt: number): number =>
  Math.round(performance.now() - startedAt) / 1_000;
