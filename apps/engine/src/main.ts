import { appSchemas, readConfig } from '@mosaicme/config';
import { runMain } from '@mosaicme/service';
import { startEngine } from './service';

await runMain(() => startEngine(readConfig('engine', appSchemas.engine, process.env)));
