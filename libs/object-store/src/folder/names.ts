/**
 * How keys become paths. Each `/` of a key opens a folder; the parts between are escaped so that every
 * key has a path of its own on every file system: also on those that ignore case, change Unicode
 * forms, or limit a name to 255 bytes.
 *
 * - `a-z 0-9 - _ .` stand for themselves; every other byte of UTF-8, and a dot at either end of a
 *   part, is `%` and two lower-case hexadecimal digits. So `..` can never be a name.
 * - The empty part (`a//b`, `a/`) is `%`.
 * - A folder for parts ends in `+`, so the keys `a` and `a/b` can both exist.
 * - A part that is too long for a name is cut; the folder for the rest ends in `~`.
 */

/** Escaped characters in a name. With the mark, and on any file system, well below 255. */
const chunkLength = 180;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const folderMark = '+';
const continuationMark = '~';
const emptyPart = '%';

/** The names from the bucket's folder down to the object's file. */
export function keyToNames(key: string): string[] {
  const parts = key.split('/');
  return parts.flatMap((part, index) => {
    const chunks = escapePart(part);
    const last = chunks.length - 1;
    return chunks.map((chunk, at) => {
      if (at < last) return chunk + continuationMark;
      return index < parts.length - 1 ? chunk + folderMark : chunk;
    });
  });
}

/** What a name in a bucket stands for; undefined when no key leads to it. */
export type NameMeaning =
  { readonly kind: 'object' | 'folder' | 'continuation'; readonly bytes: Uint8Array } | undefined;

/** Reads one name. `bytes` are those of the part, or of a piece of it. */
export function readName(name: string): NameMeaning {
  const kind = name.endsWith(folderMark)
    ? 'folder'
    : name.endsWith(continuationMark)
      ? 'continuation'
      : 'object';
  const escaped = kind === 'object' ? name : name.slice(0, -1);
  if (escaped === emptyPart) return { kind, bytes: new Uint8Array() };
  if (!/^(?:[a-z0-9._-]|%[0-9a-f]{2})+$/.test(escaped)) return undefined;
  const text = escaped.replace(/%(..)/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return { kind, bytes: Uint8Array.from(text, (character) => character.charCodeAt(0)) };
}

/** The text of a part, or of a key. */
export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes);

function escapePart(part: string): string[] {
  if (part === '') return [emptyPart];
  const units = Array.from(encoder.encode(part), escapeByte);
  for (const end of [0, units.length - 1]) if (units[end] === '.') units[end] = '%2e';
  const chunks = [''];
  for (const unit of units) {
    const chunk = chunks[chunks.length - 1] ?? '';
    if (chunk.length + unit.length <= chunkLength) chunks[chunks.length - 1] = chunk + unit;
    else chunks.push(unit);
  }
  return chunks;
}

function escapeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  return /[a-z0-9._-]/.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
}
