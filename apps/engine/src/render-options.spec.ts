import { appSchemas, readConfig } from '@mosaicme/config';
import { renderOptions, tilesNeeded } from './render-options';

const optionsOf = (variables: Record<string, string> = {}) => {
  const servers = { S3_ACCESS_KEY: 'a', S3_SECRET_KEY: 'b', S3_HOST: 'c' };
  return renderOptions(
    readConfig('engine', appSchemas.engine, { ...servers, ...variables }).rendering,
  );
};

describe('the options of the engine', () => {
  it('plan by cells, or by the size on paper where one is given', () => {
    expect(optionsOf({ MOSAIC_CELLS: '80' }).grid).toEqual({ cells: 80 });
    expect(optionsOf({ MOSAIC_PRINT_MM: '600', MOSAIC_PRINT_DPI: '150' }).grid).toEqual({
      print: { longerSideMm: 600, dpi: 150 },
    });
  });

  it('carry the limits on uses and the way of choosing', () => {
    const variables = { MOSAIC_MAX_USES: '3', MOSAIC_USE_ALL: 'yes', MOSAIC_OPTIMAL: 'true' };
    expect(optionsOf(variables)).toMatchObject({
      match: { maxUses: 3, useAll: true },
      optimal: true,
    });
    expect(optionsOf()).toMatchObject({ match: { useAll: false } });
    expect(optionsOf().optimal).toBeUndefined();
  });
});

describe('the style of a campaign', () => {
  const variables = readConfig('engine', appSchemas.engine, {
    S3_ACCESS_KEY: 'a',
    S3_SECRET_KEY: 'b',
    S3_HOST: 'c',
    MOSAIC_CELLS: '80',
    MOSAIC_PRINT_MM: '600',
    MOSAIC_REPEAT_DISTANCE: '4',
  }).rendering;

  it('goes before the variables, which hold where it says nothing', () => {
    expect(renderOptions(variables, { cells: 32, mirror: undefined })).toMatchObject({
      grid: { cells: 32 },
      match: { repeatDistance: 4, mirror: false },
    });
    expect(renderOptions(variables, { mirror: true }).match.mirror).toBe(true);
  });
});

describe('the tiles that the engine waits for', () => {
  it.each([
    ['as many as it is told', { MOSAIC_REPEAT_DISTANCE: '5' }, 100, 100],
    ['more where the repeat distance needs them', { MOSAIC_REPEAT_DISTANCE: '20' }, 100, 441],
    ['one a cell of a square photo where no tile may recur', { MOSAIC_MAX_USES: '1' }, 100, 5_184],
  ])('%s', (_, variables, minTiles, expected) => {
    expect(tilesNeeded(optionsOf(variables), minTiles)).toBe(expected);
  });

  it('are not even counted when the pictures would be too large', () => {
    const options = optionsOf({ MOSAIC_CELLS: '600', MOSAIC_TILE_SIZE: '128' });
    expect(() => tilesNeeded(options, 100)).toThrow(
      expect.objectContaining({ code: 'mosaic.jpeg-side' }),
    );
  });
});
