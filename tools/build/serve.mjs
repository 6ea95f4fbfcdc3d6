// usage: node tools/build/serve.mjs PROGRAM [ARGUMENTS]   bundles a program and runs it in this process
import { pathToFileURL } from 'node:url';
import { bundleProgram, programNames } from './bundle.mjs';

const [, self, name, ...rest] = process.argv;
if (!name) {
  console.error(`usage: npm run serve -- PROGRAM, one of ${programNames.join(', ')}`);
  process.exit(2);
}
const main = await bundleProgram(name);
process.argv = [process.argv[0], self, ...rest];
await import(pathToFileURL(main).href);
