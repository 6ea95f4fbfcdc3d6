import { appSchemas, readConfig } from '@mosaicme/config';
import { runProgram } from '@mosaicme/service';

const app = 'sync-uploader';
const { service } = appSchemas['sync-uploader'];

await runProgram({
  app,
  settings: () => readConfig(app, { service }, process.env).service,
  start: async () => {
    const { startSyncUploader } = await import('./service');
    return startSyncUploader(readConfig(app, appSchemas['sync-uploader'], process.env));
  },
  formerCommands: ['/bin/startsyncupload.sh'],
});
