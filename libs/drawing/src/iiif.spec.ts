import fc from 'fast-check';
import { dziDescription, iiifInfo, iiifPart } from './iiif';
import { pyramidOf, tileRectangle } from './pyramid';

const pyramid = pyramidOf({ columns: 100, rows: 75 });
const anyPyramid = fc
  .record({ columns: fc.integer({ min: 1, max: 300 }), rows: fc.integer({ min: 1, max: 300 }) })
  .map(pyramidOf);

interface Info {
  readonly width: number;
  readonly height: number;
  readonly maxWidth: number;
  readonly sizes: readonly { readonly width: number; readonly height: number }[];
  readonly tiles: readonly { readonly width: number; readonly scaleFactors: readonly number[] }[];
}

it('describes the picture at its deepest level', () => {
  expect(iiifInfo(pyramid, 'https://mosaic.example/iiif/1')).toMatchObject({
    id: 'https://mosaic.example/iiif/1',
    profile: 'level0',
    width: 51_200,
    height: 38_400,
  });
});

it('finds every tile by the address that a viewer makes of info.json', () => {
  fc.assert(
    fc.property(anyPyramid, fc.nat(1_000), fc.nat(1_000), (any, across, down) => {
      const { width, height, tiles } = iiifInfo(any, 'x') as Info;
      for (const factor of tiles[0]!.scaleFactors) {
        const side = tiles[0]!.width * factor;
        const column = across % Math.ceil(width / side);
        const row = down % Math.ceil(height / side);
        const [x, y] = [column * side, row * side];
        const [w, h] = [Math.min(side, width - x), Math.min(side, height - y)];
        const size = `${Math.ceil(w / factor)},${Math.ceil(h / factor)}`;
        const found = iiifPart(any, `${x},${y},${w},${h}`, size)!;
        expect(found.level.unit).toBe(512 / factor);
        expect(found.part).toEqual(tileRectangle(found.level, column, row));
      }
    }),
  );
});

it('offers the whole picture at every size that info.json lists, and the largest as max', () => {
  const { sizes } = iiifInfo(pyramid, 'x') as Info;
  expect(sizes.at(-1)).toEqual({ width: 1_600, height: 1_200 });
  for (const { width, height } of sizes) {
    expect(iiifPart(pyramid, 'full', `${width},${height}`)!.part).toEqual({
      ...{ left: 0, top: 0, width, height },
    });
  }
  expect(iiifPart(pyramid, 'full', 'max')!.part).toMatchObject({ width: 1_600 });
});

it.each([
  ['a region of no tile', '1,0,512,512', '512,512'],
  ['a size of another level', '0,0,1024,1024', '256,256'],
  ['a region beyond the picture', '51200,0,512,512', '512,512'],
  ['a region that is no numbers', 'a,b,c,d', '512,512'],
  ['too few numbers', '0,0,512', '512,512'],
  ['a percentage', 'pct:0,0,10,10', '512,512'],
  ['a square', 'square', 'max'],
  ['the whole picture larger than offered', 'full', '51200,38400'],
  ['negative numbers', '-512,0,512,512', '512,512'],
])('does not offer %s', (_, region, size) => {
  expect(iiifPart(pyramid, region, size)).toBeUndefined();
});

it('describes a Deep Zoom Image', () => {
  expect(dziDescription(pyramid)).toContain(
    'Overlap="0" TileSize="512"><Size Width="51200" Height="38400"/>',
  );
});
