import { PermanentError } from '@mosaicme/errors';
import { decodeRecipe, type Recipe } from '@mosaicme/mosaic';
import { jpegSize, type PixelSize } from '@mosaicme/print';
import { readFile } from 'node:fs/promises';
import { fileProblem } from '../file-problem';

/** What a person can give to be printed. */
export type PrintSource =
  | { readonly kind: 'recipe'; readonly recipe: Recipe }
  | { readonly kind: 'picture'; readonly jpeg: Uint8Array; readonly size: PixelSize }
  | { readonly kind: 'mosaic'; readonly id: string };

const ways =
  'give a recipe that `mosaicme make --recipe` wrote, a mosaic as JPEG, or the id of a published mosaic.';

/**
 * Reads a recipe or a mosaic; the content tells which. What is no file but looks like an id is one.
 * @throws PermanentError `print.source`, `recipe.*` for a damaged recipe.
 */
export async function readPrintSource(file: string): Promise<PrintSource> {
  let bytes;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    if (/^[0-9a-f]{32}$/.test(file)) return { kind: 'mosaic', id: file };
    throw new PermanentError(
      'print.source',
      `The file ${file} cannot be read (${fileProblem(cause)}); ${ways}`,
      { cause },
    );
  }
  if (bytes.toString('latin1', 0, 4) === 'MMRC') {
    return { kind: 'recipe', recipe: decodeRecipe(bytes) };
  }
  const size = jpegSize(bytes);
  if (size) return { kind: 'picture', jpeg: bytes, size };
  throw new PermanentError(
    'print.source',
    `The file ${file} is neither a recipe nor a JPEG; ${ways}`,
  );
}
