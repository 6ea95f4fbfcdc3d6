import { z } from 'zod';
import { campaignSlugSchema } from './campaign';
import { failureStepSchema } from './stages';
import { objectRefSchema, photoIdSchema, photoSchema, sizeSchema, sourceItemSchema } from './photo';

/**
 * Every event of the system, by its type name. The version is part of the name: within a version only
 * optional fields are added, a breaking change is a new version beside the old one.
 */

/** A photo that shall become a mosaic in a campaign. */
export const mosaicRequestSchema = z.looseObject({
  /** Derived from campaign and photo, see `requestId`; the same from post to answer. */
  id: photoIdSchema,
  campaign: campaignSlugSchema,
  photo: photoSchema,
  /** May this post be answered on its network? X allows it only when the post mentions the bot. */
  answerable: z.boolean(),
  requestedAt: z.iso.datetime(),
});
export type MosaicRequest = z.infer<typeof mosaicRequestSchema>;

/**
 * How the picture is cut: units in each direction, and the side of a unit in pixels. A cell is one unit,
 * or a square of several.
 */
export const gridSchema = z.object({
  columns: z.int().min(1).max(4096),
  rows: z.int().min(1).max(4096),
  tileSize: z.int().min(1).max(1024),
  /** How many cells there are; without it, as many as units. */
  cells: z.int().min(1).optional(),
});
export type Grid = z.infer<typeof gridSchema>;

/** How many cells a picture is cut into. */
export const cellsOf = ({ columns, rows, cells = columns * rows }: Grid): number => cells;

/**
 * Names one drawing of a mosaic: the hash of its recipe and of how it is drawn. Objects of a revision
 * never change, so their addresses hold it and may be cached for ever.
 */
export const revisionSchema = z.string().regex(/^[0-9a-f]{16}$/, 'expected 16 hexadecimal digits');

/** A drawing of a mosaic, lying where it will be read. */
const drawingShape = {
  revision: revisionSchema,
  picture: objectRefSchema,
  thumbnail: objectRefSchema,
  recipe: objectRefSchema,
  /** The tile library in which the tiles of the recipe lie. */
  library: campaignSlugSchema,
  size: sizeSchema,
  grid: gridSchema,
  /** Different tiles used. */
  distinctTiles: z.int().min(1),
} as const;

/** A published mosaic: what the gallery shows, and the record from which the catalogue is rebuilt. */
export const publishedMosaicSchema = z.looseObject({
  /** The id of its request. */
  id: photoIdSchema,
  campaign: campaignSlugSchema,
  photo: photoSchema,
  /** May its post be answered on its network? */
  answerable: z.boolean(),
  ...drawingShape,
  requestedAt: z.iso.datetime(),
  publishedAt: z.iso.datetime(),
});
export type PublishedMosaic = z.infer<typeof publishedMosaicSchema>;

/** What became of the answer to the post. */
export const answerSchema = z.discriminatedUnion('status', [
  z.looseObject({
    status: z.literal('answered'),
    /** Absent when the network accepted the answer but the response was lost on the way. */
    postId: z.string().min(1).optional(),
    link: z
      .url({ protocol: /^https?$/ })
      .max(2048)
      .optional(),
    answeredAt: z.iso.datetime(),
  }),
  /** The network does not let us answer this post, or there is nobody to answer. */
  z.looseObject({ status: z.literal('not-answerable'), reason: z.string().min(1) }),
  /** The network refused for good; the mosaic stays published. */
  z.looseObject({ status: z.literal('refused'), reason: z.string().min(1) }),
]);
export type Answer = z.infer<typeof answerSchema>;

/** Present when a published mosaic is drawn anew: the revision that the new one takes the place of. */
const redrawShape = { replaces: revisionSchema.optional() } as const;

const work = <Data extends z.ZodType>(summary: string, data: Data) =>
  ({ delivery: 'work', summary, data }) as const;
const broadcast = <Data extends z.ZodType>(summary: string, data: Data) =>
  ({ delivery: 'broadcast', summary, data }) as const;

/**
 * `work` events must reach a queue: an unroutable one is an error. `broadcast` events go to whoever
 * listens at that moment, possibly nobody.
 */
export const eventDefinitions = {
  'photo.collected.v1': work(
    'A raw photo for the tile library lies in the raw bucket.',
    z.looseObject({
      photo: photoSchema,
      object: objectRefSchema,
      /** The tile library that it is for. */
      library: campaignSlugSchema,
    }),
  ),
  'mosaic.requested.v1': work(
    'A photo to be rebuilt lies in the request bucket.',
    z.looseObject({
      request: mosaicRequestSchema,
      object: objectRefSchema,
      ...redrawShape,
    }),
  ),
  'mosaic.prepared.v1': work(
    'The photo was decoded, checked and normalised; the engine may read it.',
    z.looseObject({
      request: mosaicRequestSchema,
      target: objectRefSchema,
      size: sizeSchema,
      ...redrawShape,
    }),
  ),
  'mosaic.rendered.v1': work(
    'Picture, thumbnail and recipe lie under their revision where they will be read.',
    z.looseObject({ request: mosaicRequestSchema, ...drawingShape, ...redrawShape }),
  ),
  'mosaic.published.v1': work(
    'The record of the mosaic names its current revision; it may be shown.',
    z.looseObject({ mosaic: publishedMosaicSchema }),
  ),
  'mosaic.answered.v1': work(
    'What became of the answer to the post is settled.',
    z.looseObject({ id: photoIdSchema, answer: answerSchema }),
  ),
  'mosaic.withdrawn.v1': work(
    'The mosaic is not public any more; its answer, where there is one, goes too.',
    z.looseObject({
      id: photoIdSchema,
      campaign: campaignSlugSchema,
      /** The post that was answered; absent where it is not known any more. */
      post: sourceItemSchema
        .pick({ network: true, instance: true, postId: true })
        .extend({ replyTo: z.string().min(1).max(256).optional() })
        .optional(),
    }),
  ),
  'decision.recorded.v1': work(
    'Somebody decided about a photo, a request or an author; janitor carries it out.',
    z.looseObject({ subject: z.string().min(1).max(256) }),
  ),
  'mosaic.failed.v1': broadcast(
    'A message was dead-lettered; it lies in the dead-letter queue of `queue`.',
    z.looseObject({
      /** Of the request or the raw photo; absent when the message could not be read at all. */
      id: photoIdSchema.optional(),
      /** Absent for a raw photo. */
      campaign: campaignSlugSchema.optional(),
      photo: photoSchema.optional(),
      step: failureStepSchema,
      /** The queue by its name on the broker; absent for `ingest`. */
      queue: z.string().min(1).optional(),
      code: z.string().min(1),
      reason: z.string().min(1),
      attempts: z.int().min(1),
      failedAt: z.iso.datetime(),
    }),
  ),
  'service.heartbeat.v1': broadcast(
    'An instance of an app is alive.',
    z.looseObject({
      app: z.string().min(1).max(64),
      instance: z.string().min(1).max(128),
      version: z.string().min(1).max(64),
      state: z.enum(['waiting', 'ready', 'stopping']),
      startedAt: z.iso.datetime(),
      uptimeSeconds: z.number().min(0),
      /** Seconds until the next one; three missed ones count as lost. */
      intervalSeconds: z.number().positive(),
    }),
  ),
} as const;

export type EventType = keyof typeof eventDefinitions;
export type EventData<Type extends EventType> = z.infer<(typeof eventDefinitions)[Type]['data']>;

/** All event types, in the order of the flow. */
export const eventTypes = Object.keys(eventDefinitions) as EventType[];

export const isEventType = (type: string): type is EventType =>
  Object.hasOwn(eventDefinitions, type);
