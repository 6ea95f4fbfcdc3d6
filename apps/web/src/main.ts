import { appSchemas, readConfig } from '@mosaicme/config';
import { runMain } from '@mosaicme/service';
import { join } from 'node:path';
import { startWeb } from './service';

await runMain(() =>
  startWeb(readConfig('web', appSchemas.web, process.env), {
    assetsFolder: join(import.meta.dirname, 'public'),
  }),
);
