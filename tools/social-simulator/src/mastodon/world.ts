import { randomBytes } from 'node:crypto';

/** An account as this server knows it. */
export interface Account {
  readonly id: string;
  /** `alice`, or `alice@elsewhere.example` for one of another server. */
  readonly acct: string;
  readonly displayName: string;
  suspended: boolean;
}

export interface Attachment {
  readonly id: string;
  readonly type: 'image' | 'video';
  readonly bytes: Uint8Array;
  readonly contentType: string;
  description: string | undefined;
  /** Looks until it is processed. */
  looks: number;
}

export interface Status {
  readonly id: string;
  readonly account: Account;
  text: string;
  readonly createdAt: Date;
  editedAt: Date | undefined;
  readonly attachments: readonly Attachment[];
  readonly inReplyToId: string | undefined;
  readonly visibility: 'public' | 'unlisted' | 'private' | 'direct';
  readonly sensitive: boolean;
}

export interface NewStatus {
  readonly account: Account;
  readonly text: string;
  readonly attachments: readonly Attachment[];
  readonly inReplyToId?: string;
  readonly visibility?: Status['visibility'];
  readonly sensitive?: boolean;
  /** When it was written on another server: its id is of that time, though it comes now. */
  readonly writtenAt?: Date;
}

/** What the streams carry. */
export type WorldEvent =
  | { readonly event: 'update' | 'status.update'; readonly status: Status }
  | { readonly event: 'delete'; readonly status: Status };

/** Tags of a text, lower case. Mastodon's are like X's, and a tag ends where a word does. */
export const tagsOf = (text: string): string[] =>
  [
    ...text.matchAll(/(?<![\p{L}\p{M}\p{N}_/&])#([\p{L}\p{M}\p{N}_·]*\p{L}[\p{L}\p{M}\p{N}_·]*)/gu),
  ].map(([, tag = '']) => tag.toLowerCase());

/** Mentioned accounts, as written behind the @. */
export const mentionsOf = (text: string): string[] =>
  [...text.matchAll(/(?<![\w/])@(\w+(?:@[\w.-]*[\w-])?)/g)].map(([, acct = '']) =>
    acct.toLowerCase(),
  );

/** Accounts and statuses of one server, in memory. */
export function createWorld(domain: () => string) {
  const accounts = new Map<string, Account>();
  const statuses = new Map<string, Status>();
  const attachments = new Map<string, Attachment>();
  const listeners = new Set<(event: WorldEvent) => void>();
  let lastId = 0n;
  let lastMedia = 0;

  /** As Mastodon's: milliseconds in the upper bits, 16 bits below. */
  const idAt = (time: Date): string => {
    const earliest = BigInt(time.getTime()) << 16n;
    if (earliest + 65_536n < lastId)
      return (earliest + BigInt(randomBytes(2).readUInt16BE())).toString();
    lastId = earliest > lastId ? earliest : lastId + 1n;
    return lastId.toString();
  };
  const tell = (event: WorldEvent) => {
    for (const listener of listeners) listener(event);
  };
  const account = (acct: string, displayName = acct): Account => {
    const local = acct.toLowerCase().replace(new RegExp(`@${domain()}$`), '');
    const known = accounts.get(local);
    if (known) return known;
    const made = { id: String(1_000 + accounts.size), acct: local, displayName, suspended: false };
    accounts.set(local, made);
    return made;
  };

  return {
    account,
    findAccount: (acct: string) => accounts.get(acct.toLowerCase().replace(`@${domain()}`, '')),
    attach(media: Pick<Attachment, 'type' | 'bytes' | 'contentType' | 'description'>, looks = 0) {
      const attachment: Attachment = { ...media, id: String(++lastMedia), looks };
      attachments.set(attachment.id, attachment);
      return attachment;
    },
    attachment: (id: string) => attachments.get(id),
    post({ writtenAt, ...status }: NewStatus): Status {
      const createdAt = writtenAt ?? new Date();
      const made: Status = {
        ...status,
        inReplyToId: status.inReplyToId,
        visibility: status.visibility ?? 'public',
        sensitive: status.sensitive ?? false,
        id: idAt(createdAt),
        createdAt,
        editedAt: undefined,
      };
      statuses.set(made.id, made);
      tell({ event: 'update', status: made });
      return made;
    },
    edit(id: string, text: string): void {
      const status = statuses.get(id);
      if (!status) return;
      status.text = text;
      status.editedAt = new Date();
      tell({ event: 'status.update', status });
    },
    repeat(id: string): void {
      const status = statuses.get(id);
      if (status) tell({ event: 'update', status });
    },
    remove(id: string): boolean {
      const status = statuses.get(id);
      if (!status || !statuses.delete(id)) return false;
      tell({ event: 'delete', status });
      return true;
    },
    get: (id: string) => {
      const status = statuses.get(id);
      return status?.account.suspended ? undefined : status;
    },
    /** The newest first, by id. */
    all: (): Status[] =>
      [...statuses.values()]
        .filter(({ account: { suspended } }) => !suspended)
        .sort((one, other) => (BigInt(one.id) < BigInt(other.id) ? 1 : -1)),
    listen(listener: (event: WorldEvent) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
export type World = ReturnType<typeof createWorld>;
