import { comparisons, noQuality, noUses, reportTable, type Run } from './report';

const run = (name: string, more: Partial<Run> = {}): Run => ({
  name,
  seconds: 1,
  cpuSeconds: null,
  peakMemoryMB: null,
  ...noQuality,
  ...noUses,
  bytes: null,
  ...more,
});

describe('the report', () => {
  it('compares what was run, and only that', () => {
    const mosaicme = run('mosaicme', { seconds: 0.2, psnrY4: 24, ssimY4: 0.5, deltaE4: 9 });
    const metapixel = run('metapixel-0', { seconds: 6, psnrY4: 23, ssimY4: 0.4, deltaE4: 10 });
    expect(comparisons([mosaicme, metapixel])).toEqual([
      ['no shift against metapixel', '30.0 times faster'],
      ['no shift against metapixel, 4x', 'psnrY4 +1.000, ssimY4 +0.100, deltaE4 -1.000'],
    ]);
    expect(comparisons([mosaicme])).toEqual([]);
  });

  it('shows a dash where nothing was measured', () => {
    const report = {
      cells: [4, 3],
      tile: 16,
      tiles: 7,
      runs: [run('mosaicme')],
      scale: [],
    } as const;
    const [title, , line] = reportTable(report).split('\n');
    expect(title).toBe('4 x 3 cells of 16 px, 7 tiles');
    expect(line?.split(/\s+/)).toEqual(['mosaicme', '1.000', ...Array<string>(12).fill('-')]);
  });
});
