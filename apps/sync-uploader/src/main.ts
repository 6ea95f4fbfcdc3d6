import { appSchemas, readConfig } from '@mosaicme/config';
import { runMain } from '@mosaicme/service';
import { startSyncUploader } from './service';

await runMain(() =>
  startSyncUploader(readConfig('sync-uploader', appSchemas['sync-uploader'], process.env)),
);
