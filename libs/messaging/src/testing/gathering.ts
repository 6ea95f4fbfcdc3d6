import { sleep } from '@mosaicme/async';

/** Collects what comes, and lets a test wait for a number of it. */
export class Gathering<Item> {
  readonly items: Item[] = [];
  private readonly waiting: { count: number; resolve: () => void }[] = [];

  add(item: Item): void {
    this.items.push(item);
    for (const { count, resolve } of this.waiting) if (this.items.length >= count) resolve();
  }

  /** Resolves with everything so far once there are at least `count`. */
  async atLeast(count: number): Promise<readonly Item[]> {
    if (this.items.length < count) {
      await new Promise<void>((resolve) => this.waiting.push({ count, resolve }));
    }
    return this.items;
  }
}

/** A door that is closed until a test opens it. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  let open: () => void = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}

/**
 * Asks until the answer is yes; for what no event tells, such as the depth of a queue on a server. The
 * test's own time-out ends it.
 */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(10);
}
