// usage: node tools/build/build.mjs [--self-contained] [PROGRAM…]
// bundles these programs, or all of them, into dist/apps; --self-contained takes the packages in as well
import { parseArgs } from 'node:util';
import { bundleProgram, programNames } from './bundle.mjs';

const { values, positionals } = parseArgs({
  options: { 'self-contained': { type: 'boolean', default: false } },
  allowPositionals: true,
});
const names = positionals.length > 0 ? positionals : programNames;
const options = { selfContained: values['self-contained'] };
await Promise.all(names.map((name) => bundleProgram(name, options)));
