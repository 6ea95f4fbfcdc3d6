import { campaignSlugSchema, networkSchema, objectRefSchema } from '@mosaicme/contracts';
import { z } from 'zod';

/** A hashtag without its #. */
const hashtagSchema = z.string().min(1).max(100);
const hashtagsSchema = z.array(hashtagSchema).max(32);

/** How the mosaics of a campaign are made; what is absent is as the variables of engine say. */
export const styleSchema = z.strictObject({
  /** Cells along the longer side of the unit grid. */
  cells: z.int().min(4).max(4_096).optional(),
  /** Side of a cell of the unit grid in pixels. */
  tileSize: z.literal([16, 32, 64, 128]).optional(),
  /** Cells of several sizes, small where there is detail. */
  adaptive: z.boolean().optional(),
  /** Levels, 0 leaves tiles as they are. */
  colourShift: z.int().min(0).max(64).optional(),
  /** Cells. */
  repeatDistance: z.int().min(0).max(64).optional(),
  maxUses: z.int().min(1).max(1_000_000).optional(),
  useAll: z.boolean().optional(),
  mirror: z.boolean().optional(),
  /** Tiles that the library must have before mosaics are made. */
  minTiles: z.int().min(1).max(1_000_000).optional(),
});
export type CampaignStyle = z.infer<typeof styleSchema>;

/** An IANA time zone, such as `Europe/Berlin`. */
const timeZoneSchema = z.string().refine(
  (zone) => {
    try {
      new Intl.DateTimeFormat('en', { timeZone: zone });
      return true;
    } catch {
      return false;
    }
  },
  { error: 'expected an IANA time zone such as Europe/Berlin' },
);

export const campaignStates = ['draft', 'scheduled', 'open', 'closed', 'archived'] as const;

/** A campaign: an event or community. Absent fields are as the variables of the apps say. */
export const campaignSchema = z
  .strictObject({
    slug: campaignSlugSchema,
    title: z.string().min(1).max(200).optional(),
    state: z.enum(campaignStates).default('draft'),
    /** When a scheduled campaign opens, and when it closes by itself. */
    opensAt: z.iso.datetime({ offset: true }).optional(),
    closesAt: z.iso.datetime({ offset: true }).optional(),
    /** In which people read its times. */
    timeZone: timeZoneSchema.default('UTC'),
    /** Hashtags by network: of posts that shall become mosaics, and of photos for its tiles. */
    hashtags: z
      .partialRecord(
        networkSchema,
        z.strictObject({
          requests: hashtagsSchema.default([]),
          tiles: hashtagsSchema.default([]),
        }),
      )
      .default({}),
    /** `own`: only photos gathered for it; `shared`: the library of the campaign `default`. */
    library: z.enum(['own', 'shared']).default('shared'),
    style: styleSchema.default({}),
    answer: z
      .strictObject({
        enabled: z.boolean().optional(),
        /** With two %s: author, link. */
        text: z.string().min(1).max(1_000).optional(),
      })
      .default({}),
    moderation: z.enum(['open', 'approve-first']).default('open'),
    limits: z
      .strictObject({
        /** Unfinished requests of one author. */
        unfinishedPerAuthor: z.int().min(1).max(1_000).optional(),
        requestsPerDay: z.int().min(1).max(10_000_000).optional(),
      })
      .default({}),
    /** The picture that the live wall fills. */
    wallTarget: objectRefSchema.optional(),
  })
  .refine(
    ({ opensAt, closesAt }) =>
      opensAt === undefined || closesAt === undefined || Date.parse(opensAt) < Date.parse(closesAt),
    { error: 'the campaign closes before it opens', path: ['closesAt'] },
  )
  .refine(({ state, opensAt }) => state !== 'scheduled' || opensAt !== undefined, {
    error: 'a scheduled campaign needs opensAt',
    path: ['opensAt'],
  });
export type Campaign = z.infer<typeof campaignSchema>;
export type CampaignState = Campaign['state'];
