import { html, type Html } from '../html/html';
import { mosaicPath, thumbnailPath, type ApiMosaic } from '../mosaics/present';
import { ratioClass } from './ratio';

/** A photo of this device and what became of it. */
export interface OwnPhoto {
  readonly id: string;
  readonly preview?: string;
  readonly state: 'published' | 'waiting' | 'failed';
  readonly mosaic?: ApiMosaic;
}

const words: Readonly<Record<OwnPhoto['state'], string>> = {
  published: 'Your mosaic',
  waiting: 'In the making',
  failed: 'No mosaic this time',
};

/** The photos that were sent from this device; rendered in the browser, which alone knows of them. */
export const ownPhotos = (photos: readonly OwnPhoto[]): Html =>
  html`<div>
    <h2>Your photos</h2>
    <ul class="grid small">
      ${photos.map(
        ({ id, preview, state, mosaic }) =>
          html`<li class="card ${mosaic ? ratioClass(mosaic.size) : 'r100'}">
            <a href="${mosaicPath(id)}">
              ${
                mosaic
                  ? html`<img src="${thumbnailPath(mosaic)}" alt="" data-retry />`
                  : preview !== undefined
                    ? html`<img src="${preview}" alt="" />`
                    : html`<span class="blank" aria-hidden="true"></span>`
              }
              <span class="caption"><span class="who">${words[state]}</span></span>
            </a>
          </li>`,
      )}
    </ul>
    <p class="meta">
      Only this device knows them.
      <button type="button" class="link" data-forget>Forget them here</button>
    </p>
  </div>`;
