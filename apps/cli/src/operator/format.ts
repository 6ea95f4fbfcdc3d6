/**
 * Rows under their headings, each column as wide as its widest cell. Whatever the cells contain, every
 * row is one line: what strangers sent must not move the cursor of the terminal.
 */
export function formatTable(
  headings: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const lines = [headings, ...rows.map((row) => row.map((cell) => oneLine(String(cell))))];
  const widths = headings.map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? '').length)),
  );
  const isNumber = headings.map(
    (_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'),
  );
  return lines
    .map((line) =>
      line
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return isNumber[column] ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Without line ends, control characters and marks that turn the direction of writing. */
export const oneLine = (text: string): string => text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ');

/** At most so many characters, the last one an ellipsis when something is left out. */
export const clip = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;

const units: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** A time span in its largest unit that fits, such as `3 min`; `-` where it is not known. */
export function formatAge(from: Date | undefined, now: Date): string {
  if (!from) return '-';
  const seconds = Math.max(0, Math.floor((now.getTime() - from.getTime()) / 1_000));
  const [size, name] = units.find(([unit]) => seconds >= unit) ?? [1, 's'];
  return `${Math.floor(seconds / size)} ${name}`;
}

/** A pause such as `30 s` or `250 ms`. */
export const formatPause = (ms: number): string =>
  ms % 1_000 === 0 ? `${ms / 1_000} s` : `${ms} ms`;
