import { appSchemas, readConfig } from '@mosaicme/config';
import { runProgram } from '@mosaicme/service';
import { join } from 'node:path';

const app = 'sync-downloader';
const { service } = appSchemas['sync-downloader'];

await runProgram({
  app,
  settings: () => readConfig(app, { service }, process.env).service,
  start: async () => {
    const { startSyncDownloader } = await import('./service');
    return startSyncDownloader(readConfig(app, appSchemas['sync-downloader'], process.env), {
      decoderProgram: join(import.meta.dirname, 'decoder.js'),
    });
  },
  formerCommands: ['/bin/startsyncdownload.sh', '/bin/startsyncemc.sh'],
});
