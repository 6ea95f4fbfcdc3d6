/** What this device remembers of a photo that was sent from it. */
export interface Receipt {
  /** Of the request. */
  readonly id: string;
  /** ISO 8601. */
  readonly sentAt: string;
  /** A small picture of the photo, as a data: URL. */
  readonly preview?: string;
}

/** The part of the browser's storage that is used. */
export type Shelf = Pick<Storage, 'getItem' | 'setItem'>;

const key = 'mosaicme.mine';
/** The newest ones; older ones are forgotten. */
const maxReceipts = 50;
/** A data: URL longer than this would fill the storage. */
const maxPreviewLength = 60_000;

/** The receipts of this device, newest first; none where the storage is closed or holds something else. */
export function readReceipts(shelf: Shelf): Receipt[] {
  try {
    const stored: unknown = JSON.parse(shelf.getItem(key) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isReceipt) : [];
  } catch {
    return [];
  }
}

/** Remembers a photo that was sent. Without room for its picture, it is remembered without. */
export function addReceipt(shelf: Shelf, receipt: Receipt): void {
  const { preview, ...plain } = receipt;
  const added =
    preview !== undefined && preview.length <= maxPreviewLength ? { ...plain, preview } : plain;
  const others = readReceipts(shelf).filter(({ id }) => id !== receipt.id);
  const all = [added, ...others].slice(0, maxReceipts);
  if (!write(shelf, all))
    write(
      shelf,
      all.map(({ id, sentAt }) => ({ id, sentAt })),
    );
}

/** Forgets receipts. */
export function forgetReceipts(shelf: Shelf, ids: ReadonlySet<string>): void {
  write(
    shelf,
    readReceipts(shelf).filter(({ id }) => !ids.has(id)),
  );
}

function write(shelf: Shelf, receipts: readonly Receipt[]): boolean {
  try {
    shelf.setItem(key, JSON.stringify(receipts));
    return true;
  } catch {
    return false;
  }
}

function isReceipt(value: unknown): value is Receipt {
  if (typeof value !== 'object' || value === null) return false;
  const { id, sentAt, preview } = value as Partial<Record<keyof Receipt, unknown>>;
  return (
    typeof id === 'string' &&
    /^[0-9a-f]{32}$/.test(id) &&
    typeof sentAt === 'string' &&
    !Number.isNaN(Date.parse(sentAt)) &&
    (preview === undefined || (typeof preview === 'string' && preview.startsWith('data:image/')))
  );
}
