import { Argument, type Command } from 'commander';
import { indexFolder, openFolderIndex, type FolderIndex, type IndexReport } from './index-folder';
import { whole } from './options';
import { createProgress, type Progress } from './progress';

/** The options of every command that reads a folder of small photos. */
export interface LibraryOptions {
  readonly index?: string;
  readonly nearDuplicates: number;
}

export function addLibraryOptions(command: Command): Command {
  return command
    .option('--index <folder>', 'where the index lies (default: .mosaicme in the folder)')
    .option(
      '--near-duplicates <bits>',
      'photos whose perceptual hashes differ in at most so many of 64 bits count as one',
      whole(0, 32),
      4,
    );
}

/** Adds `mosaicme index`. */
export function addIndexCommand(program: Command): void {
  addLibraryOptions(
    program
      .command('index')
      .description('make or refresh the index of a folder of small photos')
      .addArgument(new Argument('FOLDER', 'folder of the small photos')),
  )
    .option('--json', 'print the result as one JSON object', false)
    .action(async (folder: string, options: LibraryOptions & { readonly json: boolean }) => {
      const startedAt = performance.now();
      const index = await openFolderIndex(folder, options.index);
      const progress = createProgress();
      try {
        const report = await refreshIndex(folder, index, options, progress);
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

/** Brings the index up to date, with a progress bar. */
export function refreshIndex(
  folder: string,
  index: FolderIndex,
  { nearDuplicates }: LibraryOptions,
  progress: Progress,
): Promise<IndexReport> {
  return indexFolder(folder, index, {
    nearDuplicateBits: nearDuplicates,
    onProgress: (done, of) => progress.step('Reading photos', done, of),
  });
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
