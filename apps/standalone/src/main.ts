import { readConfig, standaloneSchema } from '@mosaicme/config';
import { runProgram } from '@mosaicme/service';
import { join } from 'node:path';

const app = 'standalone';
const { service } = standaloneSchema;

await runProgram({
  app,
  settings: () => readConfig(app, { service }, process.env).service,
  start: async () => {
    const { readStandaloneConfig, startStandalone } = await import('./index');
    return startStandalone(readStandaloneConfig(process.env), {
      assetsFolder: join(import.meta.dirname, 'public'),
      healthPage: true,
      decoderProgram: join(import.meta.dirname, 'decoder.js'),
    });
  },
});
