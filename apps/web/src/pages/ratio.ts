/**
 * Aspect ratios for which style.css has a class, as width by height. A style attribute would need a
 * weaker content security policy.
 */
export const ratioClasses = [
  50, 56, 63, 67, 75, 80, 90, 100, 111, 125, 133, 150, 160, 178, 200, 240,
];

/** The class of the ratio that is nearest to that of a picture, by the factor between them: `r133`. */
export function ratioClass({ width, height }: { readonly width: number; readonly height: number }) {
  const ratio = width / height;
  const distance = (percent: number): number => Math.abs(Math.log(ratio / (percent / 100)));
  const [first = 100, ...others] = ratioClasses;
  return `r${others.reduce((best, each) => (distance(each) < distance(best) ? each : best), first)}`;
}
