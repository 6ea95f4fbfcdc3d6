import { runMain } from '@mosaicme/service';
import { join } from 'node:path';
import { readStandaloneConfig } from './config';
import { startStandalone } from './service';

await runMain(() =>
  startStandalone(readStandaloneConfig(process.env), {
    assetsFolder: join(import.meta.dirname, 'public'),
  }),
);
