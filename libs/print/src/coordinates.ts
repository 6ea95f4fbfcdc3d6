import { PermanentError } from '@mosaicme/errors';

/** A place on the wall in units, counted from 0. */
export interface Place {
  readonly column: number;
  readonly row: number;
}

const letters = 26;

/** The name of a place, as on a map: letters for the column, a number for the row; the first is A1. */
export function placeName({ column, row }: Place): string {
  let name = '';
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / letters)) {
    name = String.fromCharCode(65 + ((rest - 1) % letters)) + name;
  }
  return `${name}${row + 1}`;
}

/**
 * The place of a name, in capitals or not.
 * @throws PermanentError `print.place`
 */
export function placeOf(name: string): Place {
  const [, column, row] = /^([a-z]{1,4})([1-9]\d{0,4})$/i.exec(name) ?? [];
  if (column && row) {
    const number = [...column.toUpperCase()].reduce(
      (sum, letter) => sum * letters + letter.charCodeAt(0) - 64,
      0,
    );
    return { column: number - 1, row: Number(row) - 1 };
  }
  throw new PermanentError(
    'print.place',
    `'${name}' is no place of a sticker: give letters for the column and a number for the row, such as C12.`,
  );
}
