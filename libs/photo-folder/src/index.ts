/** Folders of photos: what lies in them, told by its bytes, and which photo each file is. */
export { listFiles, type FolderListing, type ListedFile, type SkippedFile } from './list-files';
export { sniffFile } from './sniff-file';
export { spoolPhoto } from './spool-photo';
