import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A demo photograph and who made it. */
export interface DemoPhoto {
  /** File name without folder and ending. */
  readonly name: string;
  readonly path: string;
  readonly author: string;
}

/**
 * The demo photographs of a folder (`library` or `requests`), with the authors that ATTRIBUTION.tsv
 * names.
 */
export async function readDemoPhotos(
  photosFolder: string,
  kind: 'library' | 'requests',
): Promise<DemoPhoto[]> {
  const table = await readFile(join(photosFolder, 'ATTRIBUTION.tsv'), 'utf8');
  const authors = new Map(
    table
      .split('\n')
      .slice(1)
      .map((line) => line.split('\t'))
      .map(([file = '', , author = '']) => [file, author] as const),
  );
  const files = (await readdir(join(photosFolder, kind))).filter((file) => file.endsWith('.jpg'));
  return files.sort().map((file) => ({
    name: file.replace(/\.jpg$/, ''),
    path: join(photosFolder, kind, file),
    author: authors.get(`${kind}/${file}`) ?? 'unknown',
  }));
}

/** A handle as X allows it (1 to 15 letters, digits, underscores), made of a person's name. */
export function handleOf(author: string): string {
  const letters = author
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^A-Za-z0-9]+/g, '_');
  return letters.replace(/^_+|_+$/g, '').slice(0, 15) || 'photographer';
}
