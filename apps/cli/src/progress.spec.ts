import { Writable } from 'node:stream';
import { createProgress } from './progress';

function terminal(isTTY: boolean) {
  const written: string[] = [];
  const stream = Object.assign(
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        written.push(chunk.toString());
        done();
      },
    }),
    { isTTY, columns: 100, cursorTo: () => true, clearLine: () => true },
  );
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => written.join('') };
}

it('shows a bar with the time left on a terminal', () => {
  const { stream, text } = terminal(true);
  const progress = createProgress(stream);
  progress.step('Reading photos', 1, 4);
  progress.step('Reading photos', 4, 4);
  progress.end();
  expect(text()).toMatch(/Reading photos .*1 of 4, .* left/);
});

it('names a stage whose end cannot be foreseen, and clears it', () => {
  const { stream, text } = terminal(true);
  const progress = createProgress(stream);
  progress.begin('Choosing tiles');
  progress.end();
  expect(text()).toBe('Choosing tiles …\r\x1b[2K');
});

it('is silent where the output is no terminal', () => {
  const { stream, text } = terminal(false);
  const progress = createProgress(stream);
  progress.step('Reading photos', 1, 4);
  progress.begin('Choosing tiles');
  progress.end();
  expect(text()).toBe('');
});
