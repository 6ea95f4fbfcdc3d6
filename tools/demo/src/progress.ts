/** Tells a person in a terminal how far things are. Goes to standard error. */
export interface Progress {
  /** The line that is being counted; it replaces the one before on a terminal. */
  count(what: string, done: number, of: number): void;
  /** A line that stays. */
  say(line: string): void;
}

/** Not on a terminal, a count is printed at most this often, in milliseconds. */
const plainEveryMs = 2_000;

export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  let open = false;
  let printedAt = -Infinity;
  const bar = (done: number, of: number): string => {
    const filled = of === 0 ? 0 : Math.round((24 * done) / of);
    return `${'█'.repeat(filled)}${'░'.repeat(24 - filled)}`;
  };
  return {
    count(what, done, of) {
      if (stream.isTTY) {
        stream.write(`\r\x1b[K${bar(done, of)} ${what}: ${done} of ${of}`);
        open = done < of;
        if (!open) stream.write('\n');
      } else if (done === of || performance.now() - printedAt > plainEveryMs) {
        printedAt = performance.now();
        stream.write(`${what}: ${done} of ${of}\n`);
      }
    },
    say(line) {
      stream.write(`${open ? '\n' : ''}${line}\n`);
      open = false;
    },
  };
}
