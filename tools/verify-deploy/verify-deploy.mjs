// usage: npm run verify:deploy [-- --json FILE] [--only compose|all-in-one|guide]
import { ensurePackages } from '../build/packages.mjs';

ensurePackages();
const { loadModule, root, version } = await import('../build/bundle.mjs');
const { verifyDeploy } = await loadModule('tools/verify-deploy/src/verify.ts');
process.exitCode = await verifyDeploy({ parameters: process.argv.slice(2), root, version });
