import { appSchemas, readConfig } from '@mosaicme/config';
import { runProgram } from '@mosaicme/service';

const app = 'cacher';
const { service } = appSchemas.cacher;

await runProgram({
  app,
  settings: () => readConfig(app, { service }, process.env).service,
  start: async () => {
    const { startCacher } = await import('./service');
    return startCacher(readConfig(app, appSchemas.cacher, process.env));
  },
});
