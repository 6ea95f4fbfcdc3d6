import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventsDocument } from './document';

it('docs/events.md is up to date (npm run docs makes it)', () => {
  const file = join(__dirname, '../../../docs/events.md');
  expect(readFileSync(file, 'utf8')).toBe(eventsDocument());
});
