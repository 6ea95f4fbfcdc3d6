import { mapConcurrently } from '@mosaicme/async';
import { listCampaigns } from '@mosaicme/campaigns';
import {
  createEvent,
  idInKey,
  maxMedia,
  networkSchema,
  photoId,
  photoIdSchema,
  prefixes,
  requestId,
  type BucketNames,
  type NetworkName,
  type ObjectRef,
  type Photo,
} from '@mosaicme/contracts';
import { isPermanent, PermanentError } from '@mosaicme/errors';
import { readRecord } from '@mosaicme/object-store';
import {
  authorDecisionLogSchema,
  mosaicRecordSchema,
  rawRecordSchema,
  recordAuthorDecision,
  recordDecision,
  requestRecordSchema,
  type Decision,
} from '@mosaicme/requests';
import pLimit from 'p-limit';
import type { z } from 'zod';
import type { SubmitPorts } from './submit';

export interface DecidePorts extends SubmitPorts {
  readonly buckets: BucketNames;
}

/** What a person names when something shall go. */
export type DecisionTarget =
  | { readonly kind: 'id'; readonly id: string }
  | {
      readonly kind: 'post';
      readonly network: NetworkName;
      readonly instance: string;
      readonly postId: string;
    }
  | { readonly kind: 'link'; readonly link: string }
  | { readonly kind: 'author'; readonly network: NetworkName; readonly handle: string };

/** What was found: ids of photos and of requests, and whose they are. */
export interface Subjects {
  readonly ids: readonly string[];
  /** Only where an author was named; one for each account that used the handle. */
  readonly authors: readonly Pick<Photo, 'network' | 'instance' | 'author'>[];
}

const readsAtOnce = 16;

/**
 * Understands what a person named: an id, `network:@handle`, `network:instance:post`, or the link of a post.
 *
 * @throws PermanentError `decision.target`
 */
export function parseTarget(text: string): DecisionTarget {
  if (photoIdSchema.safeParse(text).success) return { kind: 'id', id: text };
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return targetOfLink(new URL(text));
  const [, name, rest = ''] = /^([a-z]+):(.+)$/.exec(text) ?? [];
  const network = networkSchema.safeParse(name);
  if (network.success) {
    if (rest.startsWith('@') && rest.length > 1) {
      return { kind: 'author', network: network.data, handle: rest.slice(1) };
    }
    const [, instance, postId] = /^([^:]+):(.+)$/.exec(rest) ?? [];
    if (instance !== undefined && postId !== undefined) {
      return { kind: 'post', network: network.data, instance, postId };
    }
  }
  throw new PermanentError(
    'decision.target',
    `'${text}' names nothing. Give an id of 32 hexadecimal digits, the link of a post, network:instance:post ` +
      `such as x:x.com:123, or network:@handle such as x:@ada.`,
  );
}

/** The post of a link, where the link says it; else photos are searched for the link. */
function targetOfLink(link: URL): DecisionTarget {
  const host = link.hostname.replace(/^(?:www|mobile)\./, '');
  const x = /^\/[^/]+\/status\/(\d+)/.exec(link.pathname)?.[1];
  if ((host === 'x.com' || host === 'twitter.com') && x !== undefined) {
    return { kind: 'post', network: 'x', instance: 'x.com', postId: x };
  }
  return { kind: 'link', link: link.href };
}

/**
 * Finds what a target stands for. Where it names a post or an id, it looks at the keys that follow from it; a
 * link and an author are searched for in all records.
 */
export async function findSubjects(ports: DecidePorts, target: DecisionTarget): Promise<Subjects> {
  switch (target.kind) {
    case 'id':
      return { ids: await idsOfId(ports, target.id), authors: [] };
    case 'post': {
      const { network, instance, postId } = target;
      const photos = Array.from({ length: maxMedia }, (_, mediaIndex) =>
        photoId({ network, instance, postId, mediaIndex }),
      );
      return { ids: await idsOfPhotos(ports, photos), authors: [] };
    }
    case 'link': {
      const wanted = plainLink(target.link);
      const photos = await searchPhotos(
        ports,
        ({ link }) => link !== undefined && plainLink(link) === wanted,
      );
      return { ids: await idsOfPhotos(ports, [...photos.keys()]), authors: [] };
    }
    case 'author': {
      const handle = target.handle.toLowerCase();
      const photos = await searchPhotos(
        ports,
        ({ network, author }) =>
          network === target.network && author.handle.toLowerCase() === handle,
      );
      const authors = new Map(
        [...photos.values()].map(({ network, instance, author }) => [
          JSON.stringify([instance, author.id ?? handle]),
          { network, instance, author },
        ]),
      );
      return {
        ids: await idsOfPhotos(ports, [...photos.keys()]),
        authors: [...authors.values()],
      };
    }
  }
}

/**
 * Withdraws what a target stands for: records the decision about each photo and request, and announces it
 * to the janitor, which deletes them everywhere. Doing it twice adds nothing.
 *
 * @throws PermanentError `decision.unknown` where nothing is known of the target.
 */
export async function withdraw(
  ports: DecidePorts,
  target: DecisionTarget,
  decision: Pick<Decision, 'by' | 'at' | 'why'>,
): Promise<Subjects> {
  const found = await findSubjects(ports, target);
  if (found.ids.length === 0) {
    if (target.kind === 'author' && (await wasWithdrawn(ports, target.handle))) return found;
    throw unknown(target);
  }
  for (const author of found.authors) {
    await recordAuthorDecision(ports, author, { ...decision, verb: 'withdraw' });
  }
  await decideAll(ports, found.ids, { ...decision, verb: 'withdraw' });
  return found;
}

/**
 * Records a decision about one request or raw photo, and announces it.
 *
 * @throws PermanentError `decision.unknown` where nothing is known of the id.
 */
export async function decide(ports: DecidePorts, id: string, decision: Decision): Promise<void> {
  const isKnown = (await idsOfId(ports, id)).includes(id);
  if (!isKnown) throw unknown({ kind: 'id', id });
  await decideAll(ports, [id], decision);
}

/** Was somebody of this handle withdrawn before, so that nothing of him is left to be found? */
async function wasWithdrawn({ store, keys }: DecidePorts, handle: string): Promise<boolean> {
  const log = await readRecord(store, keys.authorDecisions(), authorDecisionLogSchema);
  return (log?.record.decisions ?? []).some(
    (decision) =>
      decision.verb === 'withdraw' && decision.handle.toLowerCase() === handle.toLowerCase(),
  );
}

async function decideAll(
  ports: DecidePorts,
  ids: readonly string[],
  decision: Decision,
): Promise<void> {
  const { app, messaging } = ports;
  // All of it stands before the first is carried out, so that nothing comes back in between.
  await pLimit(readsAtOnce).map([...ids], (id) => recordDecision(ports, id, decision));
  await pLimit(readsAtOnce).map([...ids], (subject) =>
    messaging.publish(
      createEvent('decision.recorded.v1', { subject }, { app, subject, key: decision.at }),
    ),
  );
}

/** The id itself where anything is known of it, its photo, and all requests of that. */
async function idsOfId(ports: DecidePorts, id: string): Promise<string[]> {
  const { store, keys } = ports;
  const request = await readIfSound(ports, keys.requestRecord(id), requestRecordSchema);
  const photo =
    request?.request.photo ??
    (await readIfSound(ports, keys.mosaicRecord(id), mosaicRecordSchema))?.photo;
  const ids = new Set(await idsOfPhotos(ports, [photo?.id ?? id]));
  const isThere =
    photo !== undefined ||
    (await store.head(keys.requestRecord(id))) !== undefined ||
    (await store.head(keys.decisions(id))) !== undefined;
  if (isThere) ids.add(id);
  return [...ids];
}

/** Of these photos those that are known, with their requests in all campaigns. */
async function idsOfPhotos(ports: DecidePorts, photos: readonly string[]): Promise<string[]> {
  const { store, keys } = ports;
  const slugs = (await listCampaigns(ports)).map(({ slug }) => slug);
  const limit = pLimit(readsAtOnce);
  const isAnyThere = async (refs: readonly ObjectRef[]): Promise<boolean> =>
    (await Promise.all(refs.map((ref) => limit(() => store.head(ref))))).some(Boolean);
  const found = await Promise.all(
    photos.map(async (photo) => {
      const requests = await Promise.all(
        slugs.map(async (slug) => {
          const id = requestId(slug, photo);
          const refs = [keys.requestRecord(id), keys.mosaicRecord(id), keys.decisions(id)];
          return (await isAnyThere(refs)) ? [id] : [];
        }),
      );
      const ids = requests.flat();
      const isThere =
        ids.length > 0 || (await isAnyThere([keys.rawRecord(photo), keys.decisions(photo)]));
      return isThere ? [photo, ...ids] : [];
    }),
  );
  return found.flat();
}

/** Every photo that fits, by its id, from the records of requests and of raw photos. */
async function searchPhotos(
  ports: DecidePorts,
  fits: (photo: Photo) => boolean,
): Promise<Map<string, Photo>> {
  const { store, keys, buckets } = ports;
  const photos = async function* () {
    for await (const { key } of store.list(buckets.in, { prefix: prefixes.requests })) {
      const id = key.endsWith('/request.json') ? idInKey(prefixes.requests, key) : undefined;
      if (id !== undefined) {
        yield async () =>
          (await readIfSound(ports, keys.requestRecord(id), requestRecordSchema))?.request.photo;
      }
    }
    for await (const { key } of store.list(buckets.raw, { prefix: prefixes.photos })) {
      const id = key.endsWith('/photo.json') ? idInKey(prefixes.photos, key) : undefined;
      if (id !== undefined) {
        yield async () => (await readIfSound(ports, keys.rawRecord(id), rawRecordSchema))?.photo;
      }
    }
  };
  const found = new Map<string, Photo>();
  for await (const photo of mapConcurrently(photos(), readsAtOnce, (read) => read())) {
    if (photo && fits(photo)) found.set(photo.id, photo);
  }
  return found;
}

async function readIfSound<Schema extends z.ZodType>(
  { store }: DecidePorts,
  ref: ObjectRef,
  schema: Schema,
): Promise<z.output<Schema> | undefined> {
  try {
    return (await readRecord(store, ref, schema))?.record;
  } catch (error) {
    if (!isPermanent(error)) throw error;
    return undefined;
  }
}

/** Links that differ only in what does not name the post. */
function plainLink(link: string): string {
  const { host, pathname } = new URL(link);
  return `${host.toLowerCase()}${pathname.replace(/\/+$/, '')}`;
}

function unknown(target: DecisionTarget): PermanentError {
  return new PermanentError(
    'decision.unknown',
    `Nothing is known of ${nameOf(target)}: no request, no raw photo and no decision. ` +
      `'mosaicme requests' lists the requests.`,
  );
}

function nameOf(target: DecisionTarget): string {
  switch (target.kind) {
    case 'id':
      return `the id '${target.id}'`;
    case 'post':
      return `the post '${target.postId}'`;
    case 'link':
      return `the link ${target.link}`;
    case 'author':
      return `the author '@${target.handle}'`;
  }
}
