import { appSchemas, readConfig } from '@mosaicme/config';
import { runMain } from '@mosaicme/service';
import { startCollector } from './service';

await runMain(() => startCollector(readConfig('collector', appSchemas.collector, process.env)));
