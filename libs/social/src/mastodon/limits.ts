import type { mastodon } from 'masto';
import type { NetworkLimits } from '../port';

/** What Mastodon counts a link as, however long it is. */
const defaultUrlLength = 23;
const url = /https?:\/\/\S+/giu;
/** Of a remote account only the name before the second @ counts. */
const remoteMention = /(?<![\w/])(@\w+(?:[\w.-]+\w)?)@[\w.-]+\w/gu;

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The length of a status as Mastodon counts it: in graphemes, links and remote mentions shortened. */
export function statusLength(text: string, urlLength = defaultUrlLength): number {
  const counted = text.replace(url, 'x'.repeat(urlLength)).replace(remoteMention, '$1');
  return [...segmenter.segment(counted)].length;
}

/** What a Mastodon server takes as long as it did not say otherwise. */
export const defaultMastodonLimits: NetworkLimits = {
  length: (text) => statusLength(text),
  maxText: 500,
  pictureBytes: 16 * 1024 * 1024,
  picturePixels: 33_177_600,
  altText: 1_500,
};

/** What this server takes; what it does not name stays as usual. */
export function limitsOf(
  configuration: mastodon.v2.Instance['configuration'] | undefined,
): NetworkLimits {
  const usual = defaultMastodonLimits;
  const { statuses, mediaAttachments } = configuration ?? {};
  const urlLength = statuses?.charactersReservedPerUrl ?? defaultUrlLength;
  return {
    length: (text) => statusLength(text, urlLength),
    maxText: statuses?.maxCharacters ?? usual.maxText,
    pictureBytes: mediaAttachments?.imageSizeLimit ?? usual.pictureBytes,
    picturePixels: mediaAttachments?.imageMatrixLimit ?? usual.picturePixels,
    altText: usual.altText,
  };
}
