import {
  mentionsOf,
  tagsOf,
  type Account,
  type Attachment,
  type Status,
  type World,
} from './world';

export interface Addresses {
  /** Of this server, without a slash at the end. */
  readonly url: string;
  readonly domain: string;
}

export function accountJson({ id, acct, displayName }: Account, { url, domain }: Addresses) {
  const [username = '', host = domain] = acct.split('@');
  return {
    id,
    username,
    acct,
    display_name: displayName,
    url: host === domain ? `${url}/@${username}` : `https://${host}/@${username}`,
    bot: false,
  };
}

export const attachmentJson = (
  { id, type, description, looks }: Attachment,
  { url }: Addresses,
) => ({
  id,
  type,
  url: looks > 0 ? null : `${url}/media/${id}`,
  preview_url: `${url}/media/${id}`,
  remote_url: null,
  description: description ?? null,
});

/** A status as the REST API and the streams send it. */
export function statusJson(
  status: Status,
  addresses: Addresses,
  world: Pick<World, 'findAccount'>,
) {
  const { id, account, text, attachments, visibility, sensitive } = status;
  const author = accountJson(account, addresses);
  const mentioned = mentionsOf(text).flatMap((acct) => world.findAccount(acct) ?? []);
  const host = account.acct.split('@')[1];
  const base = host === undefined ? addresses.url : `https://${host}`;
  return {
    id,
    uri: `${base}/users/${author.username}/statuses/${id}`,
    url: `${base}/@${author.username}/${id}`,
    created_at: status.createdAt.toISOString(),
    edited_at: status.editedAt?.toISOString() ?? null,
    account: author,
    content: `<p>${htmlOf(text)}</p>`,
    visibility,
    sensitive,
    spoiler_text: '',
    reblog: null,
    in_reply_to_id: status.inReplyToId ?? null,
    media_attachments: attachments.map((attachment) => attachmentJson(attachment, addresses)),
    mentions: mentioned.map(({ id: mentionedId, acct }) => ({
      id: mentionedId,
      acct,
      username: acct,
    })),
    tags: [...new Set(tagsOf(text))].map((name) => ({
      name,
      url: `${addresses.url}/tags/${name}`,
    })),
  };
}

/** The text as Mastodon renders it: entities, line breaks, and links around tags. */
function htmlOf(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll("'", '&#39;')
    .replaceAll('\n', '<br />')
    .replace(
      /#([\p{L}\p{M}\p{N}_]+)/gu,
      '<a href="/tags/$1" class="mention hashtag" rel="tag">#<span>$1</span></a>',
    )
    .replace('&#<span>39</span></a>', '&#39');
}
