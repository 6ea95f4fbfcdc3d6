import { addReceipt, forgetReceipts, readReceipts, type Shelf } from './receipts';

const idOf = (n: number): string => n.toString(16).padStart(32, '0');
const sentAt = '2026-06-01T12:00:00.000Z';

/** A browser's storage with room for so many characters. */
function createShelf(content?: string, room = Infinity): Shelf {
  let stored = content ?? null;
  return {
    getItem: () => stored,
    setItem: (_key, value) => {
      if (value.length > room) throw new Error('QuotaExceededError');
      stored = value;
    },
  };
}

it('remembers what was sent, the newest first and each once', () => {
  const shelf = createShelf();
  for (const n of [1, 2, 1]) addReceipt(shelf, { id: idOf(n), sentAt });
  expect(readReceipts(shelf)).toEqual([
    { id: idOf(1), sentAt },
    { id: idOf(2), sentAt },
  ]);
});

it('forgets the oldest of more than fifty', () => {
  const shelf = createShelf();
  for (let n = 0; n < 60; n++) addReceipt(shelf, { id: idOf(n), sentAt });
  const receipts = readReceipts(shelf);
  expect(receipts).toHaveLength(50);
  expect(receipts[0]).toEqual({ id: idOf(59), sentAt });
});

it('keeps a small picture, and goes without a large one or one that finds no room', () => {
  const preview = `data:image/jpeg;base64,${'A'.repeat(1_000)}`;
  const roomy = createShelf();
  addReceipt(roomy, { id: idOf(1), sentAt, preview });
  expect(readReceipts(roomy)).toEqual([{ id: idOf(1), sentAt, preview }]);
  addReceipt(roomy, { id: idOf(1), sentAt, preview: preview + 'A'.repeat(100_000) });
  expect(readReceipts(roomy)).toEqual([{ id: idOf(1), sentAt }]);
  const full = createShelf('[]', 500);
  addReceipt(full, { id: idOf(1), sentAt, preview });
  expect(readReceipts(full)).toEqual([{ id: idOf(1), sentAt }]);
});

it.each([
  ['nothing', undefined],
  ['no JSON', '{'],
  ['no list', '{"id":1}'],
  ['other things', '[1,null,{"id":"x","sentAt":"now"},{"id":"../../admin"}]'],
  [
    'a picture of elsewhere',
    JSON.stringify([{ id: idOf(1), sentAt, preview: 'https://evil.example/x.gif' }]),
  ],
])('takes a storage with %s for an empty one', (_name, content) => {
  expect(readReceipts(createShelf(content))).toEqual([]);
});

it('takes a storage that is closed for an empty one', () => {
  const closed: Shelf = {
    getItem: () => {
      throw new Error('SecurityError');
    },
    setItem: () => {
      throw new Error('SecurityError');
    },
  };
  expect(() => addReceipt(closed, { id: idOf(1), sentAt })).not.toThrow();
  expect(readReceipts(closed)).toEqual([]);
});

it('forgets what it is told to', () => {
  const shelf = createShelf();
  for (const n of [1, 2, 3]) addReceipt(shelf, { id: idOf(n), sentAt });
  forgetReceipts(shelf, new Set([idOf(2)]));
  expect(readReceipts(shelf).map(({ id }) => id)).toEqual([3, 1].map(idOf));
});
