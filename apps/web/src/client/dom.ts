import type { Html } from '../html/html';

/** The first element that matches, of the kind that is expected there. */
export function find<Kind extends Element>(
  root: ParentNode,
  selector: string,
  kind: new () => Kind,
): Kind | undefined {
  const element = root.querySelector(selector);
  return element instanceof kind ? element : undefined;
}

/** The elements of a template. Safe, because `Html` has escaped whatever came from people. */
export function elementsOf(markup: Html): Element[] {
  const template = document.createElement('template');
  template.innerHTML = markup.toString();
  return [...template.content.children];
}

/** Says something to those who listen to the page. */
export function announce(text: string): void {
  const speaker = document.querySelector('[data-announce]');
  if (speaker) speaker.textContent = text;
}

export const prefersLessMotion = (): boolean =>
  matchMedia('(prefers-reduced-motion: reduce)').matches;

/** Fetches JSON. @throws with the server's own words when it refuses. */
export async function fetchJson<Body>(address: string): Promise<Body> {
  const response = await fetch(address, { headers: { Accept: 'application/json' } });
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(problemText(body));
  return body as Body;
}

/** The message of an error answer. */
export function problemText(body: unknown): string {
  const error = isRecord(body) ? body['error'] : undefined;
  const message = isRecord(error) ? error['message'] : error;
  return typeof message === 'string' ? message : 'That did not work. Please try again.';
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
