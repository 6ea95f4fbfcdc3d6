/** CIE L*a*b*: L from 0 to 100, a and b about -128 to 127. */
export type Lab = readonly [number, number, number];

const toLinear = Float64Array.from({ length: 256 }, (_, byte) => {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

/** Converts sRGB bytes (D65 white) to CIE L*a*b*. */
export function srgbToLab(red: number, green: number, blue: number): Lab {
  const r = toLinear[red] ?? 0;
  const g = toLinear[green] ?? 0;
  const b = toLinear[blue] ?? 0;
  const curve = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : (t * 24389) / 27 / 116 + 16 / 116);
  const x = curve((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = curve(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = curve((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
