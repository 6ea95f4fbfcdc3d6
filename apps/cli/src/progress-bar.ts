import { Presets, SingleBar } from 'cli-progress';

export interface ProgressBar {
  show(this: void, done: number, of: number): void;
  end(): void;
}

/** A progress bar on standard error; silent where that is no terminal. */
export function createProgressBar(what: string): ProgressBar {
  if (!process.stderr.isTTY) return { show() {}, end() {} };
  const bar = new SingleBar(
    {
      stream: process.stderr,
      format: `{bar} {value} of {total} ${what}, {eta_formatted} left`,
      clearOnComplete: true,
    },
    Presets.shades_classic,
  );
  let started = false;
  return {
    show(done, of) {
      if (!started) bar.start(of, 0);
      started = true;
      bar.update(done);
    },
    end() {
      if (started) bar.stop();
    },
  };
}
