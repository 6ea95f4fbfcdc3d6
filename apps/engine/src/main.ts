import { appSchemas, readConfig } from '@mosaicme/config';
import { runProgram } from '@mosaicme/service';

const app = 'engine';
const { service } = appSchemas.engine;

await runProgram({
  app,
  settings: () => readConfig(app, { service }, process.env).service,
  start: async () => {
    const { startEngine } = await import('./service');
    return startEngine(readConfig(app, appSchemas.engine, process.env));
  },
});
