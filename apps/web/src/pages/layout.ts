import { html, type Html, type Slot } from '../html/html';
import type { Settings } from '../ports';

/** What every page knows of the site. */
export type Site = Pick<
  Settings,
  'title' | 'hashtag' | 'botHandle' | 'uploadEnabled' | 'uploadMaxBytes' | 'publicUrl'
>;

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
}

/** A whole HTML document. */
export function page(site: Site, parts: PageParts): Html {
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
        <meta name="theme-color" content="#0e0f12" />
        <meta name="color-scheme" content="dark" />
        <link rel="icon" href="/assets/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/style.css" />
        <script type="module" src="/assets/client.js"></script>
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
          <a class="brand" href="/">
            <img src="/assets/favicon.svg" alt="" width="28" height="28" />
            <span>${site.title}</span>
          </a>
          <nav aria-label="Main">
            ${link('gallery', '/', 'Gallery')}
            ${site.uploadEnabled && link('upload', '/upload', 'Add a photo')}
          </nav>
        </header>
        <main id="main" tabindex="-1">${parts.main}</main>
        <footer class="bottom">
          <p>Every mosaic is made of photos that people shared. Tap one to see whose it is.</p>
          <p>${link('status', '/status', 'System status')}</p>
        </footer>
      </body>
    </html>`;
}
