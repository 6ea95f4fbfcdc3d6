import { codeOf } from '@mosaicme/errors';
import fc from 'fast-check';
import {
  commonSpan,
  createCellFinder,
  decodeDivisions,
  divideIntoCells,
  encodeDivisions,
  uniformCells,
} from './cells';
import { areas, layouts } from './testing/layouts';

it('covers every unit of the picture with exactly one cell', () => {
  fc.assert(
    fc.property(layouts, ({ columns, rows, count, left, top, span }) => {
      const covered = new Uint8Array(columns * rows);
      for (let cell = 0; cell < count; cell++) {
        for (let y = 0; y < span[cell]!; y++) {
          for (let x = 0; x < span[cell]!; x++) {
            expect(left[cell]! + x).toBeLessThan(columns);
            covered[(top[cell]! + y) * columns + left[cell]! + x]! += 1;
          }
        }
      }
      expect(covered).toEqual(new Uint8Array(columns * rows).fill(1));
    }),
  );
});

it('finds the cell at each place, and none outside', () => {
  fc.assert(
    fc.property(
      layouts,
      fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
      (layout, random) => {
        const find = createCellFinder(layout);
        const { count, left, top, span, columns, rows } = layout;
        for (let cell = 0; cell < count; cell++) {
          const x = left[cell]! + random.next().value! * span[cell]!;
          const y = top[cell]! + random.next().value! * span[cell]!;
          expect(find(x, y)).toBe(cell);
        }
        for (const [x, y] of [
          [-0.1, 0],
          [columns, 0],
          [0, rows],
          [NaN, 0],
        ] as const) {
          expect(find(x, y)).toBe(-1);
        }
      },
    ),
  );
});

it('comes back from its encoded divisions', () => {
  fc.assert(
    fc.property(layouts, (layout) => {
      expect(decodeDivisions(layout, layout.count, encodeDivisions(layout))).toEqual(layout);
    }),
  );
});

it('accepts divisions only when they make the promised cells, bit for bit', () => {
  fc.assert(
    fc.property(areas, fc.uint8Array({ maxLength: 12 }), fc.nat(600), (area, bytes, count) => {
      const layout = decodeDivisions(area, count, bytes);
      if (layout) expect(encodeDivisions(layout)).toEqual(bytes);
      else expect(layout).toBeUndefined();
    }),
  );
});

it.each([
  ['too few cells', 63, []],
  ['too many', 65, []],
  ['bytes left over', 64, [0, 0]],
  ['bits left over', 64, [0x80]],
])('refuses divisions with %s', (_, count, bytes) => {
  const area = { columns: 8, rows: 8, unit: 16, largestSpan: 1 } as const;
  expect(decodeDivisions(area, 64, new Uint8Array())).toBeDefined();
  expect(decodeDivisions(area, count, Uint8Array.from(bytes))).toBeUndefined();
});

it('lays the cells of a uniform grid row by row, and needs no divisions for them', () => {
  const layout = uniformCells({ columns: 3, rows: 2, tileSize: 64 });
  expect(layout).toEqual({
    ...{ columns: 3, rows: 2, unit: 64, largestSpan: 1, count: 6 },
    left: Uint16Array.of(0, 1, 2, 0, 1, 2),
    top: Uint16Array.of(0, 0, 0, 1, 1, 1),
    span: new Uint8Array(6).fill(1),
  });
  expect(encodeDivisions(layout)).toHaveLength(0);
  expect(commonSpan(layout)).toBe(1);
});

it('divides blocks that reach beyond the picture without being told', () => {
  const layout = divideIntoCells({ columns: 5, rows: 4, unit: 16, largestSpan: 4 }, () => false);
  expect([...layout.span]).toEqual([4, 1, 1, 1, 1]);
  expect(encodeDivisions(layout)).toEqual(Uint8Array.of(0));
  expect(commonSpan(layout)).toBeUndefined();
});

it.each([
  [{ columns: 0, rows: 1, unit: 16, largestSpan: 1 }, '0 x 1 units of 16 px'],
  [{ columns: 1, rows: 65_536, unit: 16, largestSpan: 1 }, '1 x 65536 units'],
  [{ columns: 1, rows: 1, unit: 0.5, largestSpan: 1 }, 'units of 0.5 px'],
  [{ columns: 8, rows: 8, unit: 16, largestSpan: 3 }, 'blocks of 3 units, not 1, 2, 4, 8'],
])('refuses an impossible area: %j', (area, message) => {
  const run = () => divideIntoCells(area as Parameters<typeof divideIntoCells>[0], () => false);
  expect(run).toThrow(message);
  expect(() =>
    encodeDivisions({ ...uniformCells({ columns: 1, rows: 1, tileSize: 1 }), ...area } as never),
  ).toThrow(message);
});

it('refuses to encode cells that are no division', () => {
  const layout = uniformCells({ columns: 2, rows: 2, tileSize: 16 });
  for (const broken of [
    { ...layout, left: Uint16Array.of(0, 1, 1, 1) },
    { ...layout, count: 3 },
    { ...layout, span: Uint8Array.of(1, 1, 1, 2) },
  ]) {
    let code = '';
    try {
      encodeDivisions(broken);
    } catch (error) {
      code = codeOf(error);
    }
    expect(code).toBe('mosaic.bad-cells');
  }
});
