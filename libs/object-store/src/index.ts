/** A place for objects: the port, and its adapters for a folder and for S3. */
export * from './conditional-writes';
export { createFolderStore, type FolderStoreOptions } from './folder/folder-store';
export * from './key-prefix';
export * from './lease';
export * from './port';
export * from './records';
export { createS3Store, type S3StoreOptions } from './s3/s3-store';
