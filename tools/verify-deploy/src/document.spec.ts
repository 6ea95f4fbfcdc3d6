import { readBlocks, setVariables } from './document';

it('reads blocks with their names', () => {
  const text = 'Text\n\n```sh start\ndocker run a\ndocker run b\n```\n\n```ini .env\nA=1\n```\n';
  expect(readBlocks(text)).toEqual([
    { language: 'sh', name: 'start', text: 'docker run a\ndocker run b\n' },
    { language: 'ini', name: '.env', text: 'A=1\n' },
  ]);
});

it('refuses a block without a name, because nothing would run it', () => {
  expect(() => readBlocks('```sh\nrm -rf x\n```\n')).toThrow(/no name.*rm -rf x/s);
});

it('sets variables and leaves the rest', () => {
  expect(setVariables('# A=0\nA=1\nB=2\n', { A: 'x' })).toBe('# A=0\nA=x\nB=2\n');
});

it('refuses to set a variable that has no line', () => {
  expect(() => setVariables('A=1', { B: '2' })).toThrow(/no line for B/);
});
