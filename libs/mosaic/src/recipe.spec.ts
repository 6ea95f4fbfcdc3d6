import { crc32 } from '@mosaicme/checksum';
import { codeOf } from '@mosaicme/errors';
import fc from 'fast-check';
import { uniformCells } from './cells';
import { decodeRecipe, encodeRecipe, recipeCell, type Recipe } from './recipe';
import { layouts } from './testing/layouts';

const id = (number: number) => number.toString(16).padStart(32, '0');

const recipes: fc.Arbitrary<Recipe> = fc
  .record({
    layout: layouts,
    distinct: fc.constantFrom(1, 2, 255, 256, 257, 300),
    repeatDistance: fc.nat(65_535),
    maxUses: fc.option(fc.integer({ min: 1, max: 0xffffffff }), { nil: undefined }),
    useAll: fc.boolean(),
    mirror: fc.boolean(),
    colourShift: fc.integer({ min: 0, max: 127 }),
    seed: fc.nat(0xffffffff),
    content: fc.infiniteStream(fc.nat(0xffff)),
  })
  .map(({ layout, distinct, maxUses, content, ...options }) => {
    const next = (limit: number) => (content.next().value ?? 0) % limit;
    const cells = layout.count;
    return {
      layout,
      options: { ...options, ...(maxUses === undefined ? {} : { maxUses }) },
      tileIds: Array.from({ length: distinct }, (_, index) => id(index)),
      tiles: Uint32Array.from({ length: cells }, () => next(distinct)),
      mirrored: Uint8Array.from({ length: cells }, () => (options.mirror ? next(2) : 0)),
      shifts: Int8Array.from(
        { length: cells * 3 },
        () => next(2 * options.colourShift + 1) - options.colourShift,
      ),
    };
  });

const example: Recipe = {
  layout: uniformCells({ columns: 2, rows: 1, tileSize: 64 }),
  options: { repeatDistance: 0, useAll: false, mirror: true, colourShift: 24, seed: 7 },
  tileIds: [id(0xabc), id(0xdef)],
  tiles: Uint32Array.of(1, 0),
  mirrored: Uint8Array.of(1, 0),
  shifts: Int8Array.of(-24, 0, 3, 0, 0, 24),
};

/** Changes bytes and repairs the checksum, as a careless writer would. */
function forge(recipe: Recipe, changes: Readonly<Record<number, number>>): Uint8Array {
  const bytes = encodeRecipe(recipe);
  for (const [at, byte] of Object.entries(changes)) bytes[Number(at)] = byte;
  const end = bytes.length - 4;
  new DataView(bytes.buffer).setUint32(end, crc32(bytes.subarray(0, end)), true);
  return bytes;
}

function faultOf(run: () => unknown): { code: string; message: string } {
  try {
    run();
  } catch (error) {
    return { code: codeOf(error), message: String(error) };
  }
  throw new Error('It did not throw.');
}

describe('recipe', () => {
  it('comes back as it went in', () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        expect(decodeRecipe(encodeRecipe(recipe))).toEqual(recipe);
      }),
    );
  });

  it('takes one byte a cell for up to 256 tiles and two beyond', () => {
    const recipe = (distinct: number): Recipe => ({
      ...example,
      layout: uniformCells({ columns: 10, rows: 10, tileSize: 64 }),
      tileIds: Array.from({ length: distinct }, (_, index) => id(index)),
      tiles: new Uint32Array(100),
      mirrored: new Uint8Array(100),
      shifts: new Int8Array(300),
    });
    expect(encodeRecipe(recipe(256)).length).toBe(41 + 256 * 16 + 100);
    expect(encodeRecipe(recipe(257)).length).toBe(41 + 257 * 16 + 200);
  });

  it('says what stands in a cell', () => {
    expect(recipeCell(example, 0)).toEqual({
      tileId: id(0xdef),
      mirrored: true,
      shift: [-24, 0, 3],
    });
    expect(recipeCell(example, 1).tileId).toBe(id(0xabc));
  });

  it.each([2, -1, 0.5, NaN])('has no cell %d', (cell) => {
    expect(() => recipeCell(example, cell)).toThrow(RangeError);
  });

  it('refuses every change of a single byte', () => {
    fc.assert(
      fc.property(recipes, fc.nat(), fc.integer({ min: 1, max: 255 }), (recipe, where, change) => {
        const bytes = encodeRecipe(recipe);
        const at = where % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ change;
        expect(faultOf(() => decodeRecipe(bytes)).code).toMatch(
          at === 4 ? /^recipe.unknown-version$/ : /^recipe.damaged$/,
        );
      }),
    );
  });

  it('refuses every shortened file', () => {
    const bytes = encodeRecipe(example);
    for (let length = 0; length < bytes.length; length++) {
      expect(faultOf(() => decodeRecipe(bytes.subarray(0, length))).code).toBe('recipe.damaged');
    }
  });

  it.each([
    ['an unknown flag', { 5: 0x82 }, 'unknown flags'],
    ['no columns', { 6: 0 }, '0 x 1 units of 64 px are impossible'],
    ['more cells than there is room for', { 31: 0x7f }, 'bytes where its header promises'],
    ['other cells than its area has', { 6: 3 }, 'divisions do not make 2 cells'],
    ['blocks of no possible size', { 36: 3 }, 'blocks of 3 units'],
    ['more tiles than there is room for', { 27: 0x7f }, 'bytes an index'],
    ['the wrong index width', { 15: 2 }, '1 bytes an index, not 2'],
    ['a tile index beyond the table', { 69: 9 }, 'cell 0 names tile 9 of 2'],
    ['the same id twice', { 67: 0x0a, 68: 0xbc }, 'listed twice'],
    ['a shift beyond the limit', { 14: 23 }, 'a shift of -24 is beyond 23'],
    ['a mirrored tile against its options', { 5: 24 }, 'mirrored though that is not allowed'],
    ['a limit on uses without its flag', { 16: 1 }, 'maximum of uses without its flag'],
    ['units of 0 px', { 10: 0 }, 'units of 0 px are impossible'],
  ])('names the fault: %s', (_, changes, message) => {
    const fault = faultOf(() => decodeRecipe(forge(example, changes)));
    expect(fault.code).toBe('recipe.damaged');
    expect(fault.message).toContain(message);
  });

  it('refuses to write what it could not read', () => {
    expect(faultOf(() => encodeRecipe({ ...example, tiles: Uint32Array.of(1) })).code).toBe(
      'recipe.invalid',
    );
    expect(faultOf(() => encodeRecipe({ ...example, tileIds: ['x'] })).code).toBe('recipe.invalid');
  });
});
