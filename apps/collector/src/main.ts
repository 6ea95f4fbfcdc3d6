import { appSchemas, readConfig } from '@mosaicme/config';
import { runProgram } from '@mosaicme/service';

const app = 'collector';
const { service } = appSchemas.collector;

await runProgram({
  app,
  settings: () => readConfig(app, { service }, process.env).service,
  start: async () => {
    const { startCollector } = await import('./service');
    return startCollector(readConfig(app, appSchemas.collector, process.env));
  },
  retiredCommands: {
    celery: 'There is no worker any more: every collector uploads and announces its photos itself.',
  },
});
