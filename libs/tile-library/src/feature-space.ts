import { featureLength, tileFeatures, type FeatureSpace } from '@mosaicme/mosaic';
import { subCellsPerSide, type PackIndex } from '@mosaicme/tile-pack';

/**
 * The name under which packs remember what their feature vectors mean. The first number is raised
 * whenever libs/mosaic computes them differently.
 */
export const spaceName = ({ subdivisions, lumaWeight }: FeatureSpace): string =>
  `dct-3/${subdivisions}/${lumaWeight}`;

/** The feature vector of a tile from the RGB means of its 8 x 8 sub-cells. */
export const featuresOfSubCells = (subCells: Uint8Array, space: FeatureSpace): Int16Array =>
  tileFeatures({ width: subCellsPerSide, height: subCellsPerSide, data: subCells }, space);

/** The feature vectors of a pack; made anew when the pack was written for another space. */
export function packFeatures(index: PackIndex, space: FeatureSpace): Int16Array {
  if (index.featureSpace === spaceName(space)) return index.features;
  const length = featureLength(space);
  const values = new Int16Array(index.count * length);
  const cellBytes = subCellsPerSide ** 2 * 3;
  for (let tile = 0; tile < index.count; tile++) {
    const subCells = index.subCells.subarray(tile * cellBytes, (tile + 1) * cellBytes);
    values.set(featuresOfSubCells(subCells, space), tile * length);
  }
  return values;
}
