import { Presets, SingleBar } from 'cli-progress';

/** What a person sees of the work while it goes on. */
export interface Progress {
  /** So much of a stage is done. A new name begins a new stage. */
  step(this: void, stage: string, done: number, of: number): void;
  /** A stage begins whose end cannot be foreseen. */
  begin(this: void, stage: string): void;
  /** Clears the line. */
  end(this: void): void;
}

type Terminal = Pick<NodeJS.WriteStream, 'isTTY' | 'write'> & NodeJS.WritableStream;

const clearLine = '\r\x1b[2K';

/** A progress bar with the time left on a terminal; nothing where the stream is no terminal. */
export function createProgress(stream: Terminal = process.stderr): Progress {
  if (!stream.isTTY) return { step() {}, begin() {}, end() {} };
  let bar: SingleBar | undefined;
  let current: string | undefined;

  const end = () => {
    bar?.stop();
    if (!bar && current !== undefined) stream.write(clearLine);
    bar = undefined;
    current = undefined;
  };
  return {
    step(stage, done, of) {
      if (stage !== current) {
        end();
        current = stage;
        bar = new SingleBar(
          {
            stream,
            format: '{stage} {bar} {value} of {total}, {eta_formatted} left',
            clearOnComplete: true,
            hideCursor: true,
          },
          Presets.shades_classic,
        );
        bar.start(of, done, { stage });
      }
      bar?.update(done);
    },
    begin(stage) {
      end();
      current = stage;
      stream.write(`${stage} …`);
    },
    end,
  };
}
