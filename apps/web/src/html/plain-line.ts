/**
 * What a name may not hold: control characters, lone surrogates, unassigned and private characters, and
 * the invisible ones that turn the direction of the text around them (bidirectional controls). The
 * joiners ZWJ and ZWNJ stay: families and Persian words are written with them. So do the tags that make
 * flags.
 */
const unwanted =
  /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]+/gu;

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * One line of what somebody wrote, cut between characters as people see them.
 *
 * @param maxLength UTF-16 code units at most.
 */
export function plainLine(text: string, maxLength: number): string {
  const line = text.replace(unwanted, ' ').replace(/\s+/gu, ' ').trim();
  if (line.length <= maxLength) return line;
  let end = 0;
  for (const { index, segment } of segmenter.segment(line)) {
    if (index + segment.length > maxLength) break;
    end = index + segment.length;
  }
  return line.slice(0, end).trim();
}
