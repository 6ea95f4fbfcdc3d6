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
  localiseTimes(template.content);
  return [...template.content.children];
}

/** Tells times in the visitor's own zone and language, the year only where it is not this one. */
export function localiseTimes(root: ParentNode): void {
  const minute = { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' } as const;
  const thisYear = new Intl.DateTimeFormat(undefined, minute);
  const otherYear = new Intl.DateTimeFormat(undefined, { ...minute, year: 'numeric' });
  const year = new Date().getFullYear();
  for (const element of root.querySelectorAll('time')) {
    const time = new Date(element.dateTime);
    const format = time.getFullYear() === year ? thisYear : otherYear;
    element.textContent = format.format(time);
  }
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
