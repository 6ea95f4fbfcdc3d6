import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLineDocument } from './document';
import { createProgram } from './program';

it('docs/cli.md is up to date (npm run docs makes it)', () => {
  const file = join(__dirname, '../../../docs/cli.md');
  expect(readFileSync(file, 'utf8')).toBe(commandLineDocument(createProgram()));
});
