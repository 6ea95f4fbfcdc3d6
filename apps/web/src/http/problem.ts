/** A request that cannot be fulfilled, in words for the visitor. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';

  /**
   * @param status HTTP status, 400 to 599.
   * @param code Stable machine-readable name, dotted.
   * @param message Names the thing, the limit and the way out; shown as it is.
   * @param headers Sent with the answer.
   */
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

export const notFound = (message: string): HttpProblem =>
  new HttpProblem(404, 'not-found', message);
