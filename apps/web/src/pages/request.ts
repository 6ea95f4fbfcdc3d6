import { formatTime } from '../html/format';
import { html, type Html } from '../html/html';
import type { Failure, WaitingStage } from '../mosaics/lookup';
import { failureText } from './failure';
import { page, type Site } from './layout';
import { progress } from './progress';

/** The pages of a request that has no mosaic: each says what happened and what to do. */

/** The page of a request whose mosaic is not finished. It turns into the mosaic by itself. */
export function waitingPage(site: Site, id: string, stage: WaitingStage): Html {
  return page(site, {
    title: 'In the making',
    description: 'A photo is being rebuilt out of thousands of small ones.',
    head: html`<noscript><meta http-equiv="refresh" content="5" /></noscript>`,
    main: html`<section class="message" data-waiting="${id}" data-stage="${stage}">
      <img class="own" alt="Your photo" data-own hidden />
      <div class="tiles busy" aria-hidden="true">
        ${Array.from({ length: 25 }, () => html`<i></i>`)}
      </div>
      <h1>Your mosaic is in the making</h1>
      ${progress(stage)}
      <p>
        This page shows the mosaic as soon as it is there. You may leave: it keeps this address, and
        this device finds it again under ‘Your photos’.
      </p>
      <p class="actions"><a class="button quiet" href="${site.home}">To the gallery</a></p>
    </section>`,
  });
}

/** The page of a request that failed. */
export function failedPage(site: Site, failure: Failure): Html {
  const { explanation, isPhoto, code } = failureText(failure);
  return page(site, {
    title: 'No mosaic this time',
    description: explanation,
    main: html`<section class="message" data-failed>
      <p class="eyebrow">
        <time datetime="${failure.failedAt}">${formatTime(failure.failedAt)}</time>
      </p>
      <h1>No mosaic this time</h1>
      <p>${explanation}</p>
      ${!isPhoto && html`<p class="meta">For the operator: <code>${code}</code></p>`}
      ${actions(site, 'Try another photo')}
    </section>`,
  });
}

/** The page of a photo that was withdrawn: by its author, an operator, or with its post. */
export function withdrawnPage(site: Site): Html {
  return page(site, {
    title: 'This photo was withdrawn',
    description: 'The photo and its mosaic were removed.',
    main: html`<section class="message" data-withdrawn>
      <h1>This photo was withdrawn</h1>
      <p>
        It was removed together with its mosaic, because its author, its network or the operator
        asked for that. It cannot be brought back.
      </p>
      ${actions(site, 'Add another photo')}
    </section>`,
  });
}

const actions = (site: Site, invitation: string): Html =>
  html`<p class="actions">
    ${
      site.uploadPath !== undefined &&
      html`<a class="button" href="${site.uploadPath}">${invitation}</a>`
    }
    <a class="button quiet" href="${site.home}">To the gallery</a>
  </p>`;
