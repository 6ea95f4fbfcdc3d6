import { formatTime } from '../html/format';
import { html, type Html } from '../html/html';
import { mosaicPath, thumbnailPath, type ApiMosaic } from '../mosaics/present';
import { shownHandle } from './credit';

/** What a screen reader says in place of the picture. */
export const altText = ({ credit }: Pick<ApiMosaic, 'credit'>): string =>
  `Mosaic of a photo by ${shownHandle(credit)}`;

/** A mosaic in the gallery's grid. Rendered by the server, and by the browser for those that come live. */
export function card(mosaic: ApiMosaic): Html {
  return html`<li class="card" data-mosaic="${mosaic.id}">
    <a href="${mosaicPath(mosaic.id)}">
      <img
        src="${thumbnailPath(mosaic)}"
        alt="${altText(mosaic)}"
        width="${mosaic.size.width}"
        height="${mosaic.size.height}"
        loading="lazy"
        decoding="async"
      />
      <span class="caption">
        <span class="who">${shownHandle(mosaic.credit)}</span>
        <time datetime="${mosaic.publishedAt}">${formatTime(mosaic.publishedAt)}</time>
      </span>
    </a>
  </li>`;
}
