import { sleep } from '@mosaicme/async';
import { TransientError } from '@mosaicme/errors';
import type { TwitterApi } from 'twitter-api-v2';
import { PostRefused } from '../port';

/** Bytes of one part of an upload. */
const partBytes = 1024 * 1024;
/** X's pause between two looks where it names none, in milliseconds. */
const defaultCheckMs = 1_000;

interface MediaStatus {
  readonly data: {
    readonly id: string;
    readonly expires_after_secs?: number;
    readonly processing_info?: {
      readonly state: 'pending' | 'in_progress' | 'succeeded' | 'failed';
      readonly check_after_secs?: number;
      readonly error?: { readonly message?: string };
    };
  };
}

/** A picture that X has and a post may take. */
export interface UploadedMedia {
  readonly id: string;
  /** X forgets it then. */
  readonly expiresAt: number;
}

/**
 * Uploads a picture in parts and waits until X has processed it. Not the library's `uploadMedia`: that one
 * takes media that is still being processed for ready when X names no time to look again.
 *
 * @param deadlineMs Limit for the processing.
 * @throws PostRefused when X cannot use the picture; TransientError when it takes too long; the library's
 *   errors.
 */
export async function uploadPicture(
  user: TwitterApi,
  picture: { readonly bytes: Uint8Array; readonly contentType: string },
  { signal, deadlineMs }: { readonly signal: AbortSignal; readonly deadlineMs: number },
): Promise<UploadedMedia> {
  const { v2 } = user;
  const { bytes, contentType } = picture;
  const { data: upload } = await v2.post<MediaStatus>('media/upload/initialize', {
    media_type: contentType,
    total_bytes: bytes.length,
    media_category: 'tweet_image',
  });
  for (let index = 0; index * partBytes < bytes.length; index++) {
    const media = Buffer.from(bytes.slice(index * partBytes, (index + 1) * partBytes));
    await v2.post(
      `media/upload/${upload.id}/append`,
      { segment_index: index, media },
      { forceBodyMode: 'form-data' },
    );
  }
  let { data: status } = await v2.post<MediaStatus>(`media/upload/${upload.id}/finalize`);
  const startedAt = Date.now();
  for (let info = status.processing_info; info; info = status.processing_info) {
    if (info.state === 'succeeded') break;
    if (info.state === 'failed') {
      throw new PostRefused(
        'x.picture-refused',
        `X cannot use the picture: ${info.error?.message ?? 'it does not say why'}.`,
      );
    }
    if (Date.now() - startedAt > deadlineMs) {
      throw new TransientError(
        'x.picture-not-ready',
        `X did not finish with the picture within ${deadlineMs} ms.`,
      );
    }
    const seconds = info.check_after_secs;
    await sleep(seconds && seconds > 0 ? seconds * 1000 : defaultCheckMs, signal);
    ({ data: status } = await v2.get<MediaStatus>('media/upload', {
      command: 'STATUS',
      media_id: upload.id,
    }));
  }
  const seconds = status.expires_after_secs ?? 0;
  return { id: upload.id, expiresAt: Date.now() + seconds * 1000 };
}
