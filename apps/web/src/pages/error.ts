import { html, type Html } from '../html/html';
import type { HttpProblem } from '../http/problem';
import { page, type Site } from './layout';

const headings: Readonly<Record<number, string>> = {
  403: 'Not possible here',
  404: 'Nothing here',
  405: 'That does not work here',
  413: 'That photo is too large',
  415: 'That is not a photo',
  429: 'One moment, please',
  503: 'Back in a moment',
};

/** What a guest reads in place of words that speak of parameters. */
const guestTexts: Readonly<Record<string, string>> = {
  'after.invalid':
    'This page of the list does not exist any more. Begin with the newest mosaics, and go on from there.',
  'limit.invalid': 'The list has no page of that length. Begin with the newest mosaics.',
};

/** The page for a request that cannot be fulfilled. */
export function errorPage(site: Site, problem: HttpProblem): Html {
  const heading =
    headings[problem.status] ?? (problem.status < 500 ? 'That did not work' : 'Something broke');
  const text = guestTexts[problem.code] ?? problem.message;
  const isUpload = problem.code.startsWith('upload.');
  return page(site, {
    title: heading,
    description: text,
    // What is away comes back by itself; a form that was sent is not sent again.
    head:
      problem.status === 503 &&
      !isUpload &&
      html`<meta http-equiv="refresh" content="${problem.headers['Retry-After'] ?? '30'}" />`,
    main: html`<section class="message">
      <p class="eyebrow">${problem.status}</p>
      <h1>${heading}</h1>
      <p>${text}</p>
      ${problem.status === 503 && !isUpload && html`<p>This page tries again by itself.</p>`}
      <p class="actions">
        <a class="button" href="${site.home}">To the gallery</a>
        ${
          isUpload &&
          site.uploadPath !== undefined &&
          html`<a class="button quiet" href="${site.uploadPath}">Try another photo</a>`
        }
      </p>
    </section>`,
  });
}
