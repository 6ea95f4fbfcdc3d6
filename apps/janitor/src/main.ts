import { appSchemas, readConfig } from '@mosaicme/config';
import { runProgram } from '@mosaicme/service';

const app = 'janitor';
const { service } = appSchemas.janitor;

await runProgram({
  app,
  settings: () => readConfig(app, { service }, process.env).service,
  start: async () => {
    const { startJanitor } = await import('./service');
    return startJanitor(readConfig(app, appSchemas.janitor, process.env));
  },
});
