import { photoId, type Photo } from '@mosaicme/contracts';

/** A photo of a post on X that nobody wrote, for work that goes past the collector. */
export function madeUpPhoto(postId: string, postedAt = new Date()): Photo {
  const source = { network: 'x', instance: 'x.com', postId, mediaIndex: 0 } as const;
  return {
    ...source,
    id: photoId(source),
    author: { id: '1', handle: 'guest' },
    link: `https://x.com/guest/status/${postId}`,
    text: 'made up',
    postedAt: postedAt.toISOString(),
  };
}
