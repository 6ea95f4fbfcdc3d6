import { html, type Html } from '../html/html';
import type { HttpProblem } from '../http/problem';
import { page, type Site } from './layout';

export type { Site };

const headings: Readonly<Record<number, string>> = {
  404: 'Nothing here',
  413: 'That photo is too large',
  415: 'That is not a photo',
  429: 'One moment, please',
  503: 'Back in a moment',
};

/** The page for a request that cannot be fulfilled. */
export function errorPage(site: Site, problem: HttpProblem): Html {
  const heading =
    headings[problem.status] ?? (problem.status < 500 ? 'That did not work' : 'Something broke');
  return page(site, {
    title: heading,
    description: problem.message,
    main: html`<section class="message">
      <p class="eyebrow">${problem.status}</p>
      <h1>${heading}</h1>
      <p>${problem.message}</p>
      <p class="actions">
        <a class="button" href="/">To the gallery</a>
        ${
          problem.code.startsWith('upload.') &&
          html`<a class="button quiet" href="/upload">Try another photo</a>`
        }
      </p>
    </section>`,
  });
}
