// usage: npm test   everything: format, lint, types, unit, conformance and end-to-end on real servers
import { ensurePackages } from '../build/packages.mjs';

ensurePackages();
const { runEverything } = await import('./everything.mjs');
process.exitCode = await runEverything();
