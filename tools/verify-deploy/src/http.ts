/** Seconds that an answer may take. */
const patienceMs = 15_000;

/**
 * Like `fetch`, with a limit in time: a container's port accepts connections before anybody listens
 * behind it, and drops them without a word.
 */
export const ask = (url: string, init: RequestInit = {}): Promise<Response> =>
  fetch(url, { ...init, signal: AbortSignal.timeout(patienceMs) });

/** The JSON at an address. @throws Error for any status but those from 200 to 299. */
export async function askJson(url: string): Promise<unknown> {
  const response = await ask(url);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answers ${response.status}: ${text.slice(0, 300)}`);
  return JSON.parse(text);
}

/** Resolves when a page answers well. */
export async function askPage(url: string): Promise<string> {
  const response = await ask(url);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answers ${response.status}.`);
  return text;
}
