/** Keeps values within a number of bytes; those used longest ago go first. */
export interface ByteCache<Value> {
  get(key: string): Value | undefined;
  /** Stores a value that takes so many bytes. One that exceeds the whole budget is not kept. */
  set(key: string, value: Value, bytes: number): void;
  delete(key: string): void;
  /** Bytes in use. */
  readonly used: number;
}

/** @param maxBytes All values together. */
export function createByteCache<Value>(maxBytes: number): ByteCache<Value> {
  // The order of a Map is the order in which its entries were put in: the oldest use comes first.
  const entries = new Map<string, { readonly value: Value; readonly bytes: number }>();
  let used = 0;

  function remove(key: string): void {
    used -= entries.get(key)?.bytes ?? 0;
    entries.delete(key);
  }

  return {
    get used() {
      return used;
    },
    get(key) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value, bytes) {
      remove(key);
      if (bytes > maxBytes) return;
      entries.set(key, { value, bytes });
      used += bytes;
      for (const oldest of entries.keys()) {
        if (used <= maxBytes) break;
        remove(oldest);
      }
    },
    delete: remove,
  };
}
