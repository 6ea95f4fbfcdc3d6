import { cellsOf } from '@mosaicme/contracts';
import { formatCount, formatTime } from '../html/format';
import { html, type Html, type Slot } from '../html/html';
import {
  deepZoomPath,
  mosaicPath,
  picturePath,
  recipePath,
  thumbnailPath,
  type ApiMosaic,
} from '../mosaics/present';
import { altText } from './card';
import { creditLine, shownHandle } from './credit';
import { page, type Site } from './layout';

/** The page of a finished mosaic. */
export function mosaicPage(site: Site, mosaic: ApiMosaic): Html {
  const title = `A mosaic for ${shownHandle(mosaic.credit)}`;
  const description = `${formatCount(cellsOf(mosaic.grid))} small photos make one picture. Zoom in to see every single one.`;
  return page(site, {
    title,
    description,
    path: mosaicPath(mosaic.id),
    head: shareMeta(site, mosaic, title, description),
    main: html`<article
      class="detail"
      data-detail="${mosaic.id}"
      data-revision="${mosaic.revision}"
    >
      <h1 class="hidden">${title}</h1>
      ${viewer(mosaic)}
      <div class="facts">
        <div>
          <p class="by">Photo by ${creditLine(mosaic.credit)}</p>
          ${mosaic.text !== undefined && html`<blockquote class="words">${mosaic.text}</blockquote>`}
          <p class="meta">
            ${formatCount(cellsOf(mosaic.grid))} cells · ${formatCount(mosaic.distinctTiles)}
            different photos ·
            <time datetime="${mosaic.publishedAt}">${formatTime(mosaic.publishedAt)}</time>
          </p>
          ${
            mosaic.answer?.link !== undefined &&
            html`<p class="meta">
              <a href="${mosaic.answer.link}" rel="noopener nofollow">See our answer to the post</a>
            </p>`
          }
        </div>
        <p class="actions">
          <a
            class="button"
            href="${picturePath(mosaic)}"
            download="mosaic-${mosaic.id.slice(0, 8)}.jpg"
            >Download</a
          >
          <button class="button quiet" type="button" data-share data-title="${title}" hidden>
            Share
          </button>
        </p>
      </div>
      <p class="hidden" role="status" aria-live="polite" data-announce></p>
    </article>`,
  });
}

const viewer = (mosaic: ApiMosaic): Html =>
  html`<div
    class="viewer"
    data-viewer
    data-recipe="${recipePath(mosaic)}"
    data-tiles="${deepZoomPath(mosaic)}"
    data-columns="${mosaic.grid.columns}"
    data-rows="${mosaic.grid.rows}"
  >
    <img
      class="picture"
      src="${thumbnailPath(mosaic)}"
      alt="${altText(mosaic)}"
      width="${mosaic.size.width}"
      height="${mosaic.size.height}"
      fetchpriority="high"
      draggable="false"
    />
    <div class="stage" data-stage></div>
    <div class="controls" data-controls hidden>
      <button type="button" data-zoom="in" aria-label="Zoom in">+</button>
      <button type="button" data-zoom="out" aria-label="Zoom out">−</button>
      <button type="button" data-zoom="fit">Fit</button>
      <button type="button" data-zoom="screen" aria-label="Full screen">Full</button>
    </div>
    <p class="loading" aria-hidden="true"></p>
    <p class="hint" data-hint hidden></p>
    <div class="trouble" data-trouble role="alert" hidden>
      <p>Some photos did not load.</p>
      <button type="button">Try again</button>
    </div>
    <div class="tile-credit" data-tile-credit hidden></div>
  </div>`;

function shareMeta(site: Site, mosaic: ApiMosaic, title: string, description: string): Slot {
  return html`<meta property="og:type" content="article" />
    <meta property="og:site_name" content="${site.title}" />
    <meta property="og:title" content="${title}" />
    <meta property="og:description" content="${description}" />
    <meta property="og:url" content="${mosaic.url}" />
    <meta property="og:image" content="${mosaic.thumbnailUrl}" />
    <meta property="og:image:type" content="image/jpeg" />
    <meta property="og:image:alt" content="${altText(mosaic)}" />
    <meta name="twitter:card" content="summary_large_image" />
    <meta name="twitter:title" content="${title}" />
    <meta name="twitter:description" content="${description}" />
    <meta name="twitter:image" content="${mosaic.thumbnailUrl}" />
    <meta name="twitter:image:alt" content="${altText(mosaic)}" />`;
}
