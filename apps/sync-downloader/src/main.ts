import { appSchemas, readConfig } from '@mosaicme/config';
import { runMain } from '@mosaicme/service';
import { startSyncDownloader } from './service';

await runMain(() =>
  startSyncDownloader(readConfig('sync-downloader', appSchemas['sync-downloader'], process.env)),
);
