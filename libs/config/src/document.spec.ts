import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationDocument } from './document';

it('docs/configuration.md is up to date (npm run docs makes it)', () => {
  const file = join(__dirname, '../../../docs/configuration.md');
  expect(readFileSync(file, 'utf8')).toBe(configurationDocument());
});
