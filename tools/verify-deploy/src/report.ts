import type { Memory } from './docker';
import type { ImageSize } from './images';
import type { ScenarioResult } from './verification';

export interface Results {
  readonly images: ImageSize[];
  readonly scenarios: ScenarioResult[];
  /** Seconds from the start to the first published mosaic, by way of deployment. */
  readonly startToFirstMosaic: Record<string, number>;
  /** Most memory seen, in MB, by way of deployment and container. */
  readonly memory: Record<string, Record<'idle' | 'load', Record<string, number>>>;
}

export const emptyResults = (): Results => ({
  images: [],
  scenarios: [],
  startToFirstMosaic: {},
  memory: {},
});

/** Remembers the most that was seen of each container. */
export function addMemory(
  { memory }: Results,
  way: string,
  state: 'idle' | 'load',
  seen: Memory,
): void {
  const known = (memory[way] ??= { idle: {}, load: {} })[state];
  for (const [name, megabytes] of Object.entries(seen)) {
    known[name] = Math.max(known[name] ?? 0, megabytes);
  }
}

/** Was any request lost? */
export const isComplete = ({ scenarios }: Results): boolean =>
  scenarios.length > 0 &&
  scenarios.every(
    ({ requests, published, answered }) => requests === published && requests === answered,
  );

/** The results as tables for people. */
export function formatResults(results: Results): string {
  const { images, scenarios, startToFirstMosaic, memory } = results;
  return [
    formatTable(
      ['image', 'MB', 'MB over base'],
      images.map(({ name, sizeMB, overBaseMB }) => [name, sizeMB, overBaseMB]),
    ),
    formatTable(
      ['scenario', 'requests', 'published', 'answered', 'seconds'],
      scenarios.map(({ name, requests, published, answered, seconds }) => [
        name,
        requests,
        published,
        answered,
        seconds,
      ]),
    ),
    formatTable(
      ['start to first published mosaic', 'seconds'],
      Object.entries(startToFirstMosaic).map(([way, seconds]) => [way, seconds]),
    ),
    ...Object.entries(memory).map(([way, { idle, load }]) =>
      formatTable(
        [`memory of ${way}`, 'idle MB', 'load MB'],
        [...new Set([...Object.keys(idle), ...Object.keys(load)])]
          .sort()
          .map((name) => [name, idle[name] ?? '', load[name] ?? '']),
      ),
    ),
  ].join('\n\n');
}

/** Columns of equal width; numbers stand to the right. */
export function formatTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) =>
    Math.max(...all.map((row) => String(row[column] ?? '').length)),
  );
  return all
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0
            ? String(cell).padEnd(widths[column] ?? 0)
            : String(cell).padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
