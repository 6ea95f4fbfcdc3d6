/** A rectangle in pixels. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The rectangle of a GIF's first picture when it leaves parts of the canvas uncovered; undefined when it
 * covers all, reaches beyond it, or the file is not in order.
 *
 * @see https://www.w3.org/Graphics/GIF/spec-gif89a.txt
 */
export function uncoveredFrame(gif: Uint8Array): Frame | undefined {
  const uint16 = (at: number) => (gif[at] ?? 0) | ((gif[at + 1] ?? 0) << 8);
  const colourTableBytes = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  const canvas = { width: uint16(6), height: uint16(8) };
  let at = 13 + colourTableBytes(gif[10] ?? 0);
  while (at < gif.length) {
    if (gif[at] === imageSeparator) {
      const frame = {
        left: uint16(at + 1),
        top: uint16(at + 3),
        width: uint16(at + 5),
        height: uint16(at + 7),
      };
      const isInside =
        frame.left + frame.width <= canvas.width && frame.top + frame.height <= canvas.height;
      const covers = frame.width === canvas.width && frame.height === canvas.height;
      return isInside && !covers && frame.width > 0 && frame.height > 0 ? frame : undefined;
    }
    if (gif[at] !== extensionIntroducer) return undefined;
    at += 2;
    for (let length = gif[at] ?? 0; length > 0; length = gif[at] ?? 0) at += length + 1;
    at++;
  }
  return undefined;
}

const imageSeparator = 0x2c;
const extensionIntroducer = 0x21;
