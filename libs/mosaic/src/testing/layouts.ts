import fc from 'fast-check';
import { cellSpans, divideIntoCells, type CellArea, type CellLayout } from '../cells';

/** For tests: small pictures to be divided into cells. */
export const areas: fc.Arbitrary<CellArea> = fc.record({
  columns: fc.integer({ min: 1, max: 20 }),
  rows: fc.integer({ min: 1, max: 20 }),
  unit: fc.constantFrom(16, 32, 64, 128),
  largestSpan: fc.constantFrom(...cellSpans),
});

/** For tests: small pictures divided into cells of any sizes. */
export const layouts: fc.Arbitrary<CellLayout> = fc
  .tuple(areas, fc.infiniteStream(fc.boolean()))
  .map(([area, choices]) => divideIntoCells(area, () => choices.next().value ?? false));
