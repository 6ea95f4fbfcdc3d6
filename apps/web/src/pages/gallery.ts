import { html, type Html } from '../html/html';
import type { ApiMosaic } from '../mosaics/present';
import { card } from './card';
import { countText } from './gallery-count';
import { page, type Site } from './layout';

export interface GalleryView {
  readonly mosaics: readonly ApiMosaic[];
  /** Cursor of the next page. */
  readonly next?: string | undefined;
  /** Mosaics in the whole gallery. */
  readonly count: number;
  readonly isFirstPage: boolean;
  readonly isRebuilding: boolean;
}

/** The gallery: how to take part, and all mosaics, newest first. */
export function galleryPage(site: Site, view: GalleryView): Html {
  return page(site, {
    description: `Post a photo with #${site.hashtag} and it comes back as a mosaic of thousands of small photos.`,
    path: '/',
    current: 'gallery',
    head: html`<meta property="og:title" content="${site.title}" />
      <meta property="og:type" content="website" />
      <meta property="og:url" content="${site.publicUrl}/" />`,
    main: html`${intro(site)} ${view.isRebuilding && rebuilding}
      <section aria-labelledby="mosaics">
        <div class="bar">
          <h2 id="mosaics">${view.isFirstPage ? 'Latest mosaics' : 'Older mosaics'}</h2>
          <p class="count" data-count="${view.count}">${countText(view.count)}</p>
        </div>
        <p class="hidden" role="status" aria-live="polite" data-announce></p>
        <ul class="grid" data-gallery ${view.isFirstPage && html`data-live`}>
          ${view.mosaics.map(card)}
        </ul>
        ${view.mosaics.length === 0 && empty(site, view)}
        ${
          view.next !== undefined &&
          html`<p class="more">
            <a
              class="button quiet"
              href="/?after=${encodeURIComponent(view.next)}"
              data-load-more="${view.next}"
              >Load more</a
            >
          </p>`
        }
        ${!view.isFirstPage && html`<p class="more"><a href="/">Back to the newest</a></p>`}
      </section>`,
  });
}

const intro = (site: Site): Html =>
  html`<section class="intro">
    <h1>Your photo, made of thousands</h1>
    <p>
      Post a photo with <strong>#${site.hashtag}</strong>${
        site.botHandle !== undefined && html` and mention <strong>@${site.botHandle}</strong>`
      }.
      It comes back as a mosaic of thousands of small photos that others shared.
    </p>
    ${
      site.uploadEnabled &&
      html`<p class="actions"><a class="button" href="/upload">Add a photo here</a></p>`
    }
  </section>`;

const rebuilding = html`<p class="banner" role="status">
  The list is being rebuilt. Some mosaics may be missing for a little while; none is lost.
</p>`;

const empty = (site: Site, view: GalleryView): Html =>
  html`<div class="empty" data-empty>
    <div class="tiles" aria-hidden="true">${Array.from({ length: 9 }, () => html`<i></i>`)}</div>
    <p>
      ${
        !view.isFirstPage
          ? 'There are no older mosaics.'
          : view.isRebuilding
            ? 'The mosaics will be back shortly.'
            : `No mosaics yet. Be the first: post a photo with #${site.hashtag}.`
      }
    </p>
  </div>`;
