import { photoId, type Photo } from '@mosaicme/contracts';
import type { ListedFile } from './list-files';

/** The end of a long path tells files apart better than its beginning. */
const namedCharacters = 200;

/**
 * The photo that a file of a folder is. The same file is recognised by name, size and time of change,
 * without reading it; a changed file is another photo.
 *
 * @param handle Whom the photo is credited to.
 */
export function spoolPhoto(
  { file, info }: Pick<ListedFile, 'file' | 'info'>,
  handle: string,
): Photo {
  const name = file.slice(-namedCharacters);
  const postId = `${name}:${info.size}:${Math.trunc(info.mtimeMs)}`;
  return {
    id: photoId({ network: 'spool', instance: 'spool', postId, mediaIndex: 0 }),
    network: 'spool',
    instance: 'spool',
    postId,
    mediaIndex: 0,
    author: { handle },
    postedAt: info.mtime.toISOString(),
  };
}
