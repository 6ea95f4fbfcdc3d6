// usage: npm run docs   writes the documents that are made from code; a test fails when they are stale
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadModule, root } from '../build/bundle.mjs';

const { configurationDocument } = await loadModule('libs/config/src/index.ts');
await writeFile(join(root, 'docs/configuration.md'), configurationDocument());

const { eventsDocument } = await loadModule('libs/contracts/src/document.ts');
await writeFile(join(root, 'docs/events.md'), eventsDocument());

const { createProgram } = await loadModule('apps/cli/src/program.ts');
const { commandLineDocument } = await loadModule('apps/cli/src/document.ts');
await writeFile(join(root, 'docs/cli.md'), commandLineDocument(createProgram()));
