import { orient, paperOf } from './paper';

it.each([
  ['A4', 210, 297],
  ['a0', 841, 1189],
  ['Letter', 215.9, 279.4],
  ['tabloid', 279.4, 431.8],
  ['500x700', 500, 700],
  ['500x700mm', 500, 700],
  ['50x70.5cm', 500, 705],
  ['20x30in', 508, 762],
])('reads the paper %s', (text, width, height) => {
  const paper = paperOf(text);
  expect(paper.width).toBeCloseTo(width, 6);
  expect(paper.height).toBeCloseTo(height, 6);
});

it.each(['A9', '', '500', '0x10', '5x7', '6000x100', '10x10ft', '1e9x1e9', '-5x10'])(
  "refuses the paper '%s' and names those that there are",
  (text) => {
    expect(() => paperOf(text)).toThrow(/is no paper: use A0, .*5080 mm/);
  },
);

it.each([
  ['portrait', 210, 297],
  ['landscape', 297, 210],
] as const)('turns a paper to %s, however it lay', (orientation, width, height) => {
  expect(orient(paperOf('A4'), orientation)).toEqual({ width, height });
  expect(orient(paperOf('297x210'), orientation)).toEqual({ width, height });
});
