import {
  createEvent,
  drawingRefs,
  type BucketNames,
  type EventOf,
  type PublishedMosaic,
} from '@mosaicme/contracts';
import { TransientError } from '@mosaicme/errors';
import { PreconditionFailed, readRecord, writeRecord } from '@mosaicme/object-store';
import type { HandlerContext, PipelineContext } from '@mosaicme/pipeline';
import {
  heldRecordSchema,
  mayPublish,
  mosaicRecordSchema,
  readDecisions,
  standingOf,
  type AuthorStandings,
  type ModerationMode,
} from '@mosaicme/requests';

export interface PublishPorts extends Pick<
  PipelineContext,
  'app' | 'store' | 'keys' | 'messaging'
> {
  readonly buckets: BucketNames;
  readonly authors: AuthorStandings;
  /** How the mosaics of a campaign are moderated. */
  readonly moderationOf: (campaign: string) => Promise<ModerationMode>;
}

/**
 * Publishes a rendered mosaic by writing its record, which names the revision that the engine drew, then
 * announces it. The gate stands here: what is held is put aside, what was rejected or withdrawn is
 * dropped. Of two drawings of one request the first one stays, unless the second was drawn to take its
 * place; a drawing that no record names is swept by the janitor.
 */
export function createPublish(ports: PublishPorts) {
  const { app, store, keys, messaging } = ports;

  return async (
    event: EventOf<'mosaic.rendered.v1'>,
    { logger }: Pick<HandlerContext, 'logger'>,
  ): Promise<void> => {
    const { request } = event.data;
    const verdict = await judge(event);
    if (!verdict.allowed) {
      if (verdict.because === 'held') await putAside(event);
      // Nobody has named it, and nobody ever will.
      if (verdict.because === 'withdrawn') await removeDrawing(event, event.data.revision);
      logger.info({ because: verdict.because }, 'not published');
      return;
    }
    const mosaic = await writeOnce(event);
    logger.info({ revision: mosaic.revision }, 'published');
    await messaging.publish(
      createEvent(
        'mosaic.published.v1',
        { mosaic },
        { app, subject: request.id, key: mosaic.revision, cause: event },
      ),
    );
    const { replaces } = event.data;
    // It was replaced because it must not be seen any more.
    if (replaces !== undefined && replaces !== mosaic.revision)
      await removeDrawing(event, replaces);
  };

  async function removeDrawing(
    { data: { request } }: EventOf<'mosaic.rendered.v1'>,
    revision: string,
  ): Promise<void> {
    const { id, campaign } = request;
    await store.deleteMany(Object.values(drawingRefs(ports.buckets, { campaign, id, revision })));
  }

  async function judge({ data: { request } }: EventOf<'mosaic.rendered.v1'>) {
    const [decisions, author, moderation] = await Promise.all([
      readDecisions(ports, request.id),
      ports.authors.of(request.photo),
      ports.moderationOf(request.campaign),
    ]);
    return mayPublish({ standing: standingOf(decisions), author, moderation });
  }

  async function putAside({ data }: EventOf<'mosaic.rendered.v1'>): Promise<void> {
    const { id } = data.request;
    await writeRecord(store, keys.heldRecord(id), heldRecordSchema, {
      id,
      rendered: data,
      heldAt: new Date().toISOString(),
    });
  }

  /** Writes the record, and gives the one that holds. */
  async function writeOnce(event: EventOf<'mosaic.rendered.v1'>): Promise<PublishedMosaic> {
    const { replaces } = event.data;
    const ref = keys.mosaicRecord(event.data.request.id);
    if (replaces === undefined) {
      const mosaic = mosaicOf(event);
      try {
        await writeRecord(store, ref, mosaicRecordSchema, mosaic, { only: { absent: true } });
        return mosaic;
      } catch (error) {
        if (!(error instanceof PreconditionFailed)) throw error;
      }
    }
    const found = await readRecord(store, ref, mosaicRecordSchema);
    if (!found) {
      if (replaces !== undefined) return writeFirst(event);
      throw new TransientError(
        'publish.record-lost',
        `The record '${ref.key}' was there and is gone; the next attempt writes it anew.`,
      );
    }
    if (replaces === undefined || found.record.revision !== replaces) return found.record;
    // The mosaic keeps its place in the gallery.
    const mosaic = { ...mosaicOf(event), publishedAt: found.record.publishedAt };
    await writeRecord(store, ref, mosaicRecordSchema, mosaic, { only: { etag: found.etag } });
    return mosaic;
  }

  /** What it should take the place of was withdrawn meanwhile, or lost: it is published like any other. */
  async function writeFirst(event: EventOf<'mosaic.rendered.v1'>): Promise<PublishedMosaic> {
    const mosaic = mosaicOf(event);
    const ref = keys.mosaicRecord(mosaic.id);
    await writeRecord(store, ref, mosaicRecordSchema, mosaic, { only: { absent: true } });
    return mosaic;
  }
}

function mosaicOf({ data }: EventOf<'mosaic.rendered.v1'>): PublishedMosaic {
  const { request, replaces: _, ...drawing } = data;
  const { id, campaign, photo, answerable, requestedAt } = request;
  const publishedAt = new Date().toISOString();
  return { id, campaign, photo, answerable, ...drawing, requestedAt, publishedAt };
}
