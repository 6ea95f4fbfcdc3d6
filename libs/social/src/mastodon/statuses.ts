import { maxNameLength, maxPostKeyLength } from '@mosaicme/contracts';
import { z } from 'zod';
import { clipPost } from '../clip';
import type { NetworkId, Post, PostMedia } from '../port';
import { textOfHtml } from './html';

const account = z.looseObject({
  id: z.string(),
  acct: z.string().min(1),
  displayName: z.string().optional(),
  url: z.string(),
});

/** The fields of a status that matter here, as the client library spells them. */
export const statusSchema = z.looseObject({
  id: z.string().regex(/^\w{1,64}$/),
  uri: z.string().min(1).max(maxPostKeyLength),
  url: z.string().nullish(),
  createdAt: z.string(),
  editedAt: z.string().nullish(),
  visibility: z.string(),
  sensitive: z.boolean(),
  content: z.string(),
  account,
  reblog: z.unknown().optional(),
  mentions: z.array(z.looseObject({ id: z.string() })),
  tags: z.array(z.looseObject({ name: z.string() })),
  mediaAttachments: z.array(
    z.looseObject({
      type: z.string(),
      url: z.string().nullish(),
      remoteUrl: z.string().nullish(),
      description: z.string().nullish(),
    }),
  ),
});
export type Status = z.infer<typeof statusSchema>;

/** The fields of an event in the spelling of the client library: `media_attachments` -> `mediaAttachments`. */
export function camelKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/_([a-z0-9])/g, (_whole, letter: string) => letter.toUpperCase()),
      camelKeys(inner),
    ]),
  );
}

export interface StatusContext {
  readonly network: NetworkId;
  readonly botId: string;
  /** Without the leading #. */
  readonly hashtags: readonly string[];
  /** Posts that do not mention the bot may be answered, too. */
  readonly answerAll: boolean;
}

/** A status as a post; undefined when it is none of ours to take. */
export function toPost(status: Status, context: StatusContext): Post | undefined {
  const { hashtags, network, botId } = context;
  if (status.reblog || status.account.id === botId) return undefined;
  // Whatever was said to few is not for a gallery.
  if (status.visibility !== 'public' && status.visibility !== 'unlisted') return undefined;
  const wanted = hashtags.map((tag) => tag.toLowerCase());
  if (!status.tags.some(({ name }) => wanted.includes(name.toLowerCase()))) return undefined;
  const media = status.mediaAttachments.flatMap((attachment, mediaIndex): PostMedia[] => {
    const { type, url, remoteUrl, description } = attachment;
    const address = url ?? remoteUrl;
    if (type !== 'image' || !address) return [];
    return [{ mediaIndex, url: address, ...(description && { altText: description }) }];
  });
  if (media.length === 0) return undefined;
  const { acct, displayName, url } = status.account;
  return clipPost({
    network,
    id: status.uri,
    replyTo: status.id,
    author: {
      id: url.slice(0, maxNameLength),
      handle: acct.includes('@') ? acct : `${acct}@${network.instance}`,
      ...(displayName && { name: displayName }),
    },
    link: status.url ?? status.uri,
    text: textOfHtml(status.content),
    tags: status.tags.map(({ name }) => name),
    postedAt: new Date(status.createdAt),
    media,
    answerable: context.answerAll || status.mentions.some(({ id }) => id === botId),
    ...(status.sensitive && { restricted: 'sensitive' as const }),
  });
}
