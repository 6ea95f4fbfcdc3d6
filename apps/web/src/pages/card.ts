import { formatTime } from '../html/format';
import { html, type Html } from '../html/html';
import { mosaicPath, thumbnailPath, type ApiMosaic } from '../mosaics/present';
import { shownHandle } from './credit';
import { ratioClass } from './ratio';

/** What a screen reader says in place of the picture. */
export const altText = ({ credit }: Pick<ApiMosaic, 'credit'>): string =>
  `Mosaic of a photo by ${shownHandle(credit)}`;

/** A mosaic in the gallery's rows. Rendered by the server, and by the browser for those that come live. */
export function card(mosaic: ApiMosaic): Html {
  return html`<li
    class="card ${ratioClass(mosaic.size)}"
    data-mosaic="${mosaic.id}"
    data-revision="${mosaic.revision}"
  >
    <a href="${mosaicPath(mosaic.id)}">
      <img
        src="${thumbnailPath(mosaic)}"
        alt="${altText(mosaic)}"
        width="${mosaic.size.width}"
        height="${mosaic.size.height}"
        loading="lazy"
        decoding="async"
        data-retry
      />
      <span class="caption">
        <span class="who" dir="auto">${shownHandle(mosaic.credit)}</span>
        <time datetime="${mosaic.publishedAt}">${formatTime(mosaic.publishedAt)}</time>
      </span>
    </a>
  </li>`;
}
