import { html, type Html } from '../html/html';
import type { Credit } from '../ports';

const networkNames: Readonly<Record<Credit['network'], string>> = {
  x: 'X',
  mastodon: 'Mastodon',
  bluesky: 'Bluesky',
  web: 'the upload page',
  spool: 'the photo folder',
};

const isSocial = ({ network }: Credit): boolean =>
  network === 'x' || network === 'mastodon' || network === 'bluesky';

/** `@ada` on a network; the plain name of somebody who used the upload page. */
export const shownHandle = (credit: Credit): string =>
  isSocial(credit) ? `@${credit.handle}` : (credit.name ?? credit.handle);

/** Name and handle, linked to the post where there is one. */
export function creditLine(credit: Credit): Html {
  const handle = shownHandle(credit);
  const name = isSocial(credit) && credit.name ? html`${credit.name} ` : undefined;
  return credit.link
    ? html`${name}<a href="${credit.link}" rel="noopener nofollow">${handle}</a> on
        ${networkNames[credit.network]}`
    : html`${name}<span>${handle}</span>`;
}
