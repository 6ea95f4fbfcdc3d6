import { campaignPath, type CampaignView } from '../campaigns/view';
import { html, type Html } from '../html/html';
import type { ApiMosaic } from '../mosaics/present';
import { card } from './card';
import { countText } from './gallery-count';
import { page, type Site } from './layout';

export interface GalleryView {
  /** Path of this gallery: `/`, or that of a campaign. */
  readonly path: string;
  /** Whose mosaics it shows. */
  readonly campaigns: readonly CampaignView[];
  readonly mosaics: readonly ApiMosaic[];
  /** Cursor of the next page. */
  readonly next?: string | undefined;
  /** Mosaics in the whole gallery. */
  readonly count: number;
  readonly isFirstPage: boolean;
  readonly isRebuilding: boolean;
}

/** A gallery: how to take part, and all mosaics, newest first. */
export function galleryPage(site: Site, view: GalleryView): Html {
  const slugs = view.campaigns.map(({ slug }) => slug);
  const description = `A photo comes back as a mosaic of thousands of small photos${
    site.hashtags.length > 0 ? `: post yours with ${tags(site)}` : ''
  }.`;
  return page(site, {
    description,
    path: view.path,
    current: 'gallery',
    head: html`${shareMeta(site, view, description)}
    ${view.isRebuilding && html`<noscript><meta http-equiv="refresh" content="10" /></noscript>`}`,
    main: html`${intro(site, view)} ${view.isRebuilding && rebuilding}
      <section class="mine" data-mine hidden></section>
      <section aria-labelledby="mosaics">
        <div class="bar">
          <h2 id="mosaics">${view.isFirstPage ? 'Latest mosaics' : 'Older mosaics'}</h2>
          <p class="count" data-count="${view.count}">${countText(view.count)}</p>
        </div>
        <p class="hidden" role="status" aria-live="polite" data-announce></p>
        <ul
          class="grid"
          data-gallery="${slugs.join(' ')}"
          data-path="${view.path}"
          ${view.isFirstPage && html`data-live`}
        >
          ${view.mosaics.map(card)}
        </ul>
        ${view.mosaics.length === 0 && empty(site, view)}
        ${
          view.next !== undefined &&
          html`<p class="more">
            <a
              class="button quiet"
              href="${view.path}?after=${encodeURIComponent(view.next)}"
              data-load-more="${view.next}"
              >Load more</a
            >
          </p>`
        }
        ${
          !view.isFirstPage &&
          html`<p class="more"><a href="${view.path}">Back to the newest</a></p>`
        }
      </section>`,
    wide: true,
  });
}

/** `#a`, `#a or #b`. */
export const tags = ({ hashtags }: Pick<Site, 'hashtags'>): string =>
  hashtags.map((hashtag) => `#${hashtag}`).join(' or ');

const intro = (site: Site, view: GalleryView): Html =>
  html`<section class="intro">
    <h1>Your photo, made of thousands</h1>
    ${view.campaigns.length > 1 ? events(view.campaigns) : howTo(site, view.campaigns[0])}
  </section>`;

function howTo(site: Site, campaign: CampaignView | undefined): Html {
  if (campaign && campaign.state !== 'open') {
    return html`<p>
      ${
        campaign.state === 'scheduled'
          ? 'This event has not begun yet. Its mosaics will appear here.'
          : 'This event is over. These are its mosaics.'
      }
    </p>`;
  }
  return html`${
    site.hashtags.length > 0 &&
    html`<p>
      Post a photo with <strong>${tags(site)}</strong>${
        site.botHandle !== undefined && html` and mention <strong>@${site.botHandle}</strong>`
      }.
      It comes back as a mosaic of thousands of small photos that others shared.
    </p>`
  }
  ${
    site.uploadPath !== undefined &&
    html`<p class="actions"><a class="button" href="${site.uploadPath}">Add a photo here</a></p>`
  }`;
}

const events = (campaigns: readonly CampaignView[]): Html =>
  html`<p>A photo comes back as a mosaic of thousands of small photos. Choose your event:</p>
    <ul class="events">
      ${campaigns.map(
        ({ slug, title }) =>
          html`<li><a class="button quiet" href="${campaignPath(slug)}">${title}</a></li>`,
      )}
    </ul>`;

const rebuilding = html`<p class="banner" role="status" data-rebuilding>
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
            : site.hashtags.length > 0
              ? `No mosaics yet. Be the first: post a photo with ${tags(site)}.`
              : 'No mosaics yet. Be the first: add a photo.'
      }
    </p>
  </div>`;

function shareMeta(site: Site, view: GalleryView, description: string): Html {
  const [newest] = view.mosaics;
  return html`<meta property="og:type" content="website" />
    <meta property="og:site_name" content="${site.title}" />
    <meta property="og:title" content="${site.title}" />
    <meta property="og:description" content="${description}" />
    <meta property="og:url" content="${site.publicUrl}${view.path}" />
    ${newest && html`<meta property="og:image" content="${newest.thumbnailUrl}" />`}`;
}
