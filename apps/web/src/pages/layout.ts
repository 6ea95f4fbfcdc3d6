import { defaultCampaign } from '@mosaicme/contracts';
import { campaignPath, uploadPath, type CampaignView } from '../campaigns/view';
import { html, type Html, type Slot } from '../html/html';
import type { Settings } from '../ports';

/** What a page knows of the site, and of the campaign that it belongs to. */
export interface Site extends Pick<Settings, 'botHandle' | 'uploadMaxBytes' | 'publicUrl'> {
  readonly title: string;
  /** The address of a script, a style or a picture of the site itself; it holds the hash of its bytes. */
  readonly asset: (name: string) => string;
  /** Of requests, without #. */
  readonly hashtags: readonly string[];
  /** Path of the gallery. */
  readonly home: string;
  /** Path of the upload page; absent where no photos are taken. */
  readonly uploadPath?: string;
}

/** The site as the pages of a campaign know it; without one, as the pages that belong to none do. */
export function siteOf(settings: Settings, campaign?: CampaignView): Site {
  const { botHandle, uploadMaxBytes, publicUrl, title, uploadEnabled, asset } = settings;
  const slug = campaign?.slug ?? defaultCampaign;
  return {
    ...(botHandle !== undefined && { botHandle }),
    uploadMaxBytes,
    publicUrl,
    asset,
    title: campaign?.title ?? title,
    hashtags: campaign?.hashtags ?? [],
    home: slug === defaultCampaign ? '/' : campaignPath(slug),
    ...(uploadEnabled &&
      (campaign === undefined || campaign.state === 'open') && { uploadPath: uploadPath(slug) }),
  };
}

export interface PageParts {
  /** Title of the page; the site's own where absent. */
  readonly title?: string;
  readonly description: string;
  /** Path of the page, for the canonical address; absent for pages that are not to be found. */
  readonly path?: string;
  /** Further elements of the head. */
  readonly head?: Slot;
  /** Marks the link of the navigation that leads here. */
  readonly current?: 'gallery' | 'upload' | 'status';
  readonly main: Slot;
  /** As wide as the screen, for walls of pictures. */
  readonly wide?: boolean;
}

/** A whole HTML document. */
export function page(site: Site, parts: PageParts): Html {
  const { asset } = site;
  const title = parts.title === undefined ? site.title : `${parts.title} · ${site.title}`;
  const link = (name: PageParts['current'], href: string, text: string): Html =>
    html`<a href="${href}" ${parts.current === name && html`aria-current="page"`}>${text}</a>`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <title>${title}</title>
        <meta name="description" content="${parts.description}" />
        <meta name="theme-color" content="#0e0f12" media="(prefers-color-scheme: dark)" />
        <meta name="theme-color" content="#fbfaf7" media="(prefers-color-scheme: light)" />
        <meta name="color-scheme" content="dark light" />
        <link rel="icon" href="${asset('favicon.svg')}" type="image/svg+xml" />
        <link rel="stylesheet" href="${asset('style.css')}" />
        <script type="module" src="${asset('client.js')}"></script>
        ${
          parts.path === undefined
            ? html`<meta name="robots" content="noindex" />`
            : html`<link rel="canonical" href="${site.publicUrl + parts.path}" />`
        }
        ${parts.head}
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <header class="top">
          <a class="brand" href="${site.home}">
            <img src="${asset('favicon.svg')}" alt="" width="28" height="28" />
            <span>${site.title}</span>
          </a>
          <nav aria-label="Main">
            ${link('gallery', site.home, 'Gallery')}
            ${site.uploadPath !== undefined && link('upload', site.uploadPath, 'Add a photo')}
          </nav>
        </header>
        <p class="offline" role="status" data-offline hidden>
          No connection at the moment. This page goes on by itself as soon as there is one.
        </p>
        <main id="main" tabindex="-1" ${parts.wide === true && html`class="wide"`}>
          ${parts.main}
        </main>
        <footer class="bottom">
          <p>Every mosaic is made of photos that people shared. Tap one to see whose it is.</p>
          <p>${link('status', '/status', 'System status')}</p>
        </footer>
      </body>
    </html>`;
}
