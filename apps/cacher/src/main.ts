import { appSchemas, readConfig } from '@mosaicme/config';
import { runMain } from '@mosaicme/service';
import { startCacher } from './service';

await runMain(() => startCacher(readConfig('cacher', appSchemas.cacher, process.env)));
