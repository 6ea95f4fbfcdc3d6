import { appSchemas, readConfig } from '@mosaicme/config';
import { runProgram } from '@mosaicme/service';
import { join } from 'node:path';

const app = 'web';
const { service } = appSchemas.web;

await runProgram({
  app,
  settings: () => readConfig(app, { service }, process.env).service,
  start: async () => {
    const { startWeb } = await import('./service');
    return startWeb(readConfig(app, appSchemas.web, process.env), {
      assetsFolder: join(import.meta.dirname, 'public'),
    });
  },
});
