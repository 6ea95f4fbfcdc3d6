import type { ObjectRef } from '@mosaicme/contracts';
import type { ObjectInfo, ObjectStore } from './port';

/**
 * A store in which the keys of one bucket begin with `prefix`, unseen: whoever keeps a whole bucket can
 * share it with others. Other buckets are untouched. Closing it does not close the store below.
 */
export function withKeyPrefix(store: ObjectStore, bucket: string, prefix: string): ObjectStore {
  if (prefix === '') return { ...store, close: async () => undefined };
  const below = (ref: ObjectRef): ObjectRef =>
    ref.bucket === bucket ? { bucket, key: prefix + ref.key } : ref;
  const above = <Found extends ObjectInfo>(found: Found): Found =>
    found.bucket === bucket ? { ...found, key: found.key.slice(prefix.length) } : found;
  // Every method is named, so that a new one of the port cannot slip through without its prefix.
  return {
    put: (ref, body, options) => store.put(below(ref), body, options),
    putStream: (ref, body, options) => store.putStream(below(ref), body, options),
    get: async (ref, range) => above(await store.get(below(ref), range)),
    stream: async (ref) => above(await store.stream(below(ref))),
    head: async (ref) => {
      const found = await store.head(below(ref));
      return found && above(found);
    },
    list: async function* (inBucket, { prefix: inner = '', after } = {}) {
      if (inBucket !== bucket) {
        yield* store.list(inBucket, { prefix: inner, ...(after !== undefined && { after }) });
        return;
      }
      const options = {
        prefix: prefix + inner,
        ...(after !== undefined && { after: prefix + after }),
      };
      for await (const info of store.list(bucket, options)) yield above(info);
    },
    copy: (from, to, options) => store.copy(below(from), below(to), options),
    delete: (ref) => store.delete(below(ref)),
    deleteMany: (refs) => store.deleteMany([...refs].map(below)),
    ensureBucket: (name) => store.ensureBucket(name),
    ping: () => store.ping(),
    close: async () => undefined,
  };
}
