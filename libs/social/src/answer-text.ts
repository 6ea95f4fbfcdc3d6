import { PermanentError } from '@mosaicme/errors';
import type { NetworkLimits } from './port';

const anyHandle = 'x'.repeat(15);
const anyLink = 'https://example.org/';

/**
 * Checks the template of an answer once, at start-up.
 *
 * @param template Text with two `%s`: first the author's handle, then the link, for example
 *   `Hi @%s Here is your Mosaic:%s.More info at our booth!`.
 * @param limits Of each network that answers are given on.
 * @throws PermanentError `config.answer-template` when it has not exactly two placeholders, or when
 *   what must be kept (all up to the link) is longer than an answer may be.
 */
export function checkAnswerTemplate(template: string, limits: readonly NetworkLimits[]): void {
  const placeholders = template.split('%s').length - 1;
  if (placeholders !== 2) {
    throw new PermanentError(
      'config.answer-template',
      `The text of the answer has ${placeholders} placeholders '%s' and needs exactly two: ` +
        `the first becomes the author's handle, the second the link. ` +
        `For example: 'Hi @%s Here is your Mosaic:%s.More info at our booth!'.`,
    );
  }
  const { needed } = fill(template, anyHandle, anyLink);
  for (const { length, maxText } of limits) {
    if (length(needed) <= maxText) continue;
    throw new PermanentError(
      'config.answer-template',
      `The text of the answer needs ${length(needed)} characters up to the link and an answer holds ` +
        `${maxText}: shorten what stands before the second '%s'.`,
    );
  }
}

/**
 * The text of an answer. Text after the link is dropped when the answer would become too long; handle
 * and link always stay.
 *
 * A link ends where the networks' link finders end it, and those take `…/id.More` for one link. So a
 * space is put after the punctuation that follows the link.
 *
 * @param template See `checkAnswerTemplate`.
 * @param values.handle Without the leading @.
 * @param values.link Left out when undefined: some networks ask more money for a text with a link.
 */
export function answerText(
  template: string,
  values: { readonly handle: string; readonly link: string | undefined },
  limits: NetworkLimits,
): string {
  checkAnswerTemplate(template, []);
  const { needed, rest } = fill(template, values.handle, values.link);
  const shortest = `@${values.handle} ${values.link ?? ''}`.trim();
  return [needed + rest, needed].find((text) => limits.length(text) <= limits.maxText) ?? shortest;
}

function fill(
  template: string,
  handle: string,
  link: string | undefined,
): { needed: string; rest: string } {
  const [beforeHandle = '', beforeLink = '', afterLink = ''] = template.split('%s');
  const upToLink = `${beforeHandle}${handle}${beforeLink}`;
  const rest = afterLink.replace(/^([.,;:!?)\]'"…]*)(?=[^\s.,;:!?)\]'"…])/u, '$1 ');
  if (link !== undefined) return { needed: `${upToLink}${link}`, rest };
  // What led up to the link ends the sentence instead: 'Here is your Mosaic: …' becomes '… Mosaic.'
  const ended = upToLink.replace(/[\s:,;([]+$/u, '');
  return { needed: ended, rest: rest.replace(/^[)\]]+/u, '').replace(/^(?=[^\s.,;:!?])/u, ' ') };
}
