import { PermanentError } from '@mosaicme/errors';
import { maxPostWeight, weightedLength } from './weighted-length';

const longestHandle = 'x'.repeat(15);
const anyLink = 'https://example.org/';

/**
 * Checks the template of an answer once, at start-up.
 *
 * @param template Text with two `%s`: first the author's handle, then the link, for example
 *   `Hi @%s Here is your Mosaic:%s.More info at our booth!`.
 * @throws PermanentError `config.answer-template` when it has not exactly two placeholders, or when
 *   what must be kept (all up to the link) is longer than a post may be.
 */
export function checkAnswerTemplate(template: string): void {
  const placeholders = template.split('%s').length - 1;
  if (placeholders !== 2) {
    throw new PermanentError(
      'config.answer-template',
      `The text of the answer has ${placeholders} placeholders '%s' and needs exactly two: ` +
        `the first becomes the author's handle, the second the link. ` +
        `For example: 'Hi @%s Here is your Mosaic:%s.More info at our booth!'.`,
    );
  }
  const weight = weightedLength(fill(template, longestHandle, anyLink).needed);
  if (weight > maxPostWeight) {
    throw new PermanentError(
      'config.answer-template',
      `The text of the answer needs ${weight} characters up to the link and a post holds ` +
        `${maxPostWeight}: shorten what stands before the second '%s'.`,
    );
  }
}

/**
 * The text of an answer. Text after the link is dropped when the post would become too long; handle
 * and link always stay.
 *
 * A link ends where X's link finder ends it, and that takes `…/id.More` for one link. So a space is put
 * after the punctuation that follows the link.
 *
 * @param template See `checkAnswerTemplate`.
 * @param values.handle Without the leading @.
 */
export function answerText(
  template: string,
  values: { readonly handle: string; readonly link: string },
): string {
  checkAnswerTemplate(template);
  const { needed, rest } = fill(template, values.handle, values.link);
  return (
    [needed + rest, needed].find((text) => weightedLength(text) <= maxPostWeight) ??
    `@${values.handle} ${values.link}`
  );
}

function fill(template: string, handle: string, link: string): { needed: string; rest: string } {
  const [beforeHandle = '', beforeLink = '', afterLink = ''] = template.split('%s');
  return {
    needed: `${beforeHandle}${handle}${beforeLink}${link}`,
    rest: afterLink.replace(/^([.,;:!?)\]'"…]*)(?=[^\s.,;:!?)\]'"…])/u, '$1 '),
  };
}
