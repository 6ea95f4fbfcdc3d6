import { z } from 'zod';

/** Where a photo can come from. */
export const networkSchema = z.enum(['x', 'mastodon', 'bluesky', 'web', 'spool']);
export type NetworkName = z.infer<typeof networkSchema>;

/** 32 lower-case hexadecimal digits, derived from what it names; see `photoId` and `requestId`. */
export const photoIdSchema = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'expected 32 lower-case hexadecimal digits');

/** Media of a post at most, on any network. */
export const maxMedia = 64;
/** Characters of a post's own key at most. */
export const maxPostKeyLength = 256;
/** Characters of a handle, a name or an account's id at most; adapters clip what is longer. */
export const maxNameLength = 256;
/** Characters of a post's text that travel with its photo; adapters clip what is longer. */
export const maxTextLength = 10_000;

/**
 * Identity of a photo, the same after edits and redeliveries: a post's key is unique on its instance
 * only, because two Mastodon servers count alike.
 */
export const sourceItemSchema = z.object({
  network: networkSchema,
  /** Server on which the post's key is unique: `x.com`, `mastodon.social`, `bsky.app`, `web`, `spool`. */
  instance: z.string().min(1).max(253),
  postId: z.string().min(1).max(maxPostKeyLength),
  /** Which of the post's pictures, counted from 0. */
  mediaIndex: z
    .int()
    .min(0)
    .max(maxMedia - 1),
});
export type SourceItem = z.infer<typeof sourceItemSchema>;

const nameSchema = z.string().max(maxNameLength);

/**
 * A photo and whom it belongs to. It travels from the first event to the last, so that credit and
 * removal stay possible. Unknown fields pass through: a newer producer may add optional ones.
 */
export const photoSchema = z.looseObject({
  id: photoIdSchema,
  ...sourceItemSchema.shape,
  /** By what the network takes an answer to the post, where that is not `postId`. */
  replyTo: z.string().min(1).max(256).optional(),
  author: z.looseObject({
    /** The network's own id of the account. Absent for a web upload. */
    id: nameSchema.min(1).optional(),
    /** Without the leading @. */
    handle: nameSchema.min(1),
    name: nameSchema.optional(),
  }),
  /** The post on the network, for the credit line. Absent for a web upload. */
  link: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .optional(),
  text: z.string().max(maxTextLength).optional(),
  postedAt: z.iso.datetime(),
});
export type Photo = z.infer<typeof photoSchema>;

/** Where an object lies. */
export const objectRefSchema = z.object({
  bucket: z.string().min(3).max(63),
  key: z.string().min(1).max(1024),
});
export type ObjectRef = z.infer<typeof objectRefSchema>;

/** Width and height in pixels. A JPEG side has 16 bits. */
export const sizeSchema = z.object({
  width: z.int().min(1).max(65_535),
  height: z.int().min(1).max(65_535),
});
export type Size = z.infer<typeof sizeSchema>;
