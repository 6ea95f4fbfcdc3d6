import { readBenchOptions, runNames } from './options';

describe('the options of the benchmark', () => {
  it('are those of the issue by default', () => {
    expect(readBenchOptions([])).toMatchObject({
      columns: 100,
      rows: 100,
      tile: 128,
      times: 5,
      only: runNames,
    });
  });

  it('run chosen parts in the order of the table', () => {
    const { only } = readBenchOptions(['--only', 'sharp-encode,mosaicme'])!;
    expect(only).toEqual(['mosaicme', 'sharp-encode']);
  });

  it('leave the scale rows out when it has to be quick', () => {
    const { only, times } = readBenchOptions(['--quick'])!;
    expect([times, only.filter((name) => name.startsWith('scale-'))]).toEqual([1, []]);
  });

  it.each([
    [['--cells', '100'], /--cells is '100'; expected e\.g\. 100x100/],
    [['--tile', '100'], /--tile is '100'; expected 128, 64, 32, 16/],
    [['--only', 'fast'], /--only names 'fast'; there are index-mosaicme/],
    [['--librarry', 'x'], /librarry/],
  ])('refuse %j', (parameters, message) => {
    expect(() => readBenchOptions(parameters)).toThrow(message);
  });
});
