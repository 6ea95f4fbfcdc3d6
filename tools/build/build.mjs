// usage: node tools/build/build.mjs [PROGRAM…]   bundles these programs, or all of them, into dist/apps
import { bundleProgram, programNames } from './bundle.mjs';

const names = process.argv.slice(2);
await Promise.all((names.length > 0 ? names : programNames).map(bundleProgram));
