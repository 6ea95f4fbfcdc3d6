import fc from 'fast-check';
import type { Box } from './page';
import { dotsPerInchIn, pageOfPicture, planPoster, type PosterOptions } from './poster';

const picture = { width: 3_000, height: 2_000 };
const plain: PosterOptions = {
  paper: { width: 300, height: 100 },
  margin: 0,
  bleed: 0,
  fit: 'whole',
  cutMarks: false,
};

const boxOf = ({ pictures: [first] }: ReturnType<typeof planPoster>) => first!.box;
const close = (box: Box, [x, y, width, height]: readonly number[]) => {
  expect(box.x).toBeCloseTo(x!);
  expect(box.y).toBeCloseTo(y!);
  expect(box.width).toBeCloseTo(width!);
  expect(box.height).toBeCloseTo(height!);
};

it('shows the whole picture in the middle of the paper', () => {
  const page = planPoster(picture, plain);
  expect(page).toMatchObject({ width: 300, height: 100, lines: [] });
  close(boxOf(page), [75, 0, 150, 100]);
});

it('fills the paper and its bleed, and cuts off what reaches beyond', () => {
  const page = planPoster(picture, { ...plain, fit: 'fill', bleed: 3 });
  expect(page).toMatchObject({
    width: 306,
    height: 106,
    trim: { x: 3, y: 3, width: 300, height: 100 },
  });
  close(boxOf(page), [0, -49, 306, 204]);
  close(page.pictures[0]!.clip!, [0, 0, 306, 106]);
  close(page.bleed, [0, 0, 306, 106]);
});

it('leaves the margin white', () => {
  close(boxOf(planPoster(picture, { ...plain, margin: 20 })), [105, 20, 90, 60]);
});

it('has eight cut marks outside of the bleed', () => {
  const { lines, bleed, width, height } = planPoster(picture, {
    ...plain,
    fit: 'fill',
    bleed: 3,
    cutMarks: true,
  });
  expect(lines).toHaveLength(8);
  for (const [x, y] of lines.flatMap(({ from, to }) => [from, to])) {
    const insideBleed =
      x > bleed.x && x < bleed.x + bleed.width && y > bleed.y && y < bleed.y + bleed.height;
    expect(insideBleed).toBe(false);
    expect(x >= 0 && x <= width && y >= 0 && y <= height).toBe(true);
  }
});

it.each([
  [{ margin: 5, bleed: 3 }, /either --margin or --bleed/],
  [{ margin: 50 }, /no room on 300 x 100 mm/],
  [{ paper: { width: 5_080, height: 100 }, bleed: 3 }, /5086 x 106 mm.*at most 5080/],
])('refuses %j', (options, message) => {
  expect(() => planPoster(picture, { ...plain, ...options })).toThrow(message);
});

it('keeps the aspect ratio, and either covers the room or lies within it', () => {
  const side = fc.integer({ min: 16, max: 65_500 });
  const length = fc.double({ min: 20, max: 5_000, noNaN: true });
  fc.assert(
    fc.property(
      fc.record({ width: side, height: side }),
      fc.record({ width: length, height: length }),
      fc.constantFrom('whole', 'fill'),
      (size, paper, fit) => {
        const { x, y, width, height } = boxOf(planPoster(size, { ...plain, paper, fit }));
        expect(width / height / (size.width / size.height)).toBeCloseTo(1, 6);
        const covers = x <= 1e-6 && y <= 1e-6 && x + width >= paper.width - 1e-6;
        const within = x >= -1e-6 && y >= -1e-6 && x + width <= paper.width + 1e-6;
        expect(fit === 'fill' ? covers : within).toBe(true);
      },
    ),
  );
});

it('makes a page as large as the picture at its resolution', () => {
  const { page, dpi } = pageOfPicture(picture, 300);
  expect(dpi).toBe(300);
  expect(page.width).toBeCloseTo(254);
  expect(dotsPerInchIn(boxOf(page), picture)).toBeCloseTo(300);
});

it('takes a higher resolution where the page would be larger than a PDF has pages', () => {
  const { page, dpi } = pageOfPicture({ width: 65_500, height: 100 }, 72);
  expect(page.width).toBeCloseTo(5_080);
  expect(dpi).toBeCloseTo(327.5);
});
