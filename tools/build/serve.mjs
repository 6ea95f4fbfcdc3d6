// usage: node tools/build/serve.mjs PROGRAM [ARGUMENTS]   bundles a program and runs it in this process
import { pathToFileURL } from 'node:url';
import { ensurePackages } from './packages.mjs';

ensurePackages();
const { bundleProgram, programNames } = await import('./bundle.mjs');

const [, self, name, ...rest] = process.argv;
if (!name) {
  console.error(`usage: npm run serve -- PROGRAM, one of ${programNames.join(', ')}`);
  process.exit(2);
}
const main = await bundleProgram(name);
process.argv = [process.argv[0], self, ...rest];
// npm runs scripts in the repository; what a person names on the command line lies where they are.
if (name === 'cli' && process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
await import(pathToFileURL(main).href);
