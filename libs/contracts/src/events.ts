import { z } from 'zod';
import { objectRefSchema, photoIdSchema, photoSchema, sizeSchema } from './photo';

/**
 * Every event of the system, by its type name. The version is part of the name: within a version only
 * optional fields are added, a breaking change is a new version beside the old one.
 */

/** A request for a mosaic. Its id is the id of the photo, from post to answer. */
export const mosaicRequestSchema = z.looseObject({
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

/** A published mosaic: what the gallery shows, and the record from which the catalogue is rebuilt. */
export const publishedMosaicSchema = z.looseObject({
  id: photoIdSchema,
  photo: photoSchema,
  picture: objectRefSchema,
  thumbnail: objectRefSchema,
  recipe: objectRefSchema,
  size: sizeSchema,
  grid: gridSchema,
  /** Different tiles used. */
  distinctTiles: z.int().min(1),
  requestedAt: z.iso.datetime(),
  publishedAt: z.iso.datetime(),
});
export type PublishedMosaic = z.infer<typeof publishedMosaicSchema>;

/** What became of the answer to the post. */
export const answerSchema = z.discriminatedUnion('status', [
  z.looseObject({
    status: z.literal('answered'),
    /** Absent when the network accepted the answer but its word was lost on the way. */
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
    z.looseObject({ photo: photoSchema, object: objectRefSchema }),
  ),
  'mosaic.requested.v1': work(
    'A photo to be rebuilt lies in the request bucket.',
    z.looseObject({ request: mosaicRequestSchema, object: objectRefSchema }),
  ),
  'mosaic.prepared.v1': work(
    'The photo was decoded, checked and normalised; the engine may read it.',
    z.looseObject({ request: mosaicRequestSchema, target: objectRefSchema, size: sizeSchema }),
  ),
  'mosaic.rendered.v1': work(
    'Picture, thumbnail and recipe lie in the work bucket.',
    z.looseObject({
      request: mosaicRequestSchema,
      picture: objectRefSchema,
      thumbnail: objectRefSchema,
      recipe: objectRefSchema,
      size: sizeSchema,
      grid: gridSchema,
      distinctTiles: z.int().min(1),
    }),
  ),
  'mosaic.published.v1': work(
    'The mosaic lies in the public buckets and may be shown.',
    z.looseObject({ mosaic: publishedMosaicSchema }),
  ),
  'mosaic.answered.v1': work(
    'What became of the answer to the post is settled.',
    z.looseObject({ id: photoIdSchema, answer: answerSchema }),
  ),
  'mosaic.failed.v1': work(
    'A message was given up; it lies in the dead-letter queue of `queue`.',
    z.looseObject({
      /** Absent when the message could not be read at all. */
      id: photoIdSchema.optional(),
      photo: photoSchema.optional(),
      queue: z.string().min(1),
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
