import { checkEncoderMemory } from './write';

const size = { width: 10_000, height: 10_000 };

it.each([
  ['webp', 1_900_000_000, /WEBP takes about 2\.0 GB of memory, and 1\.9 GB are free/],
  ['avif', 3_400_000_000, /AVIF takes about 3\.5 GB/],
] as const)('refuses %s that would take more memory than there is', (format, bytes, message) => {
  expect(() => checkEncoderMemory(format, size, bytes)).toThrow(message);
  expect(() => checkEncoderMemory(format, size, 4_000_000_000)).not.toThrow();
});

it.each(['jpeg', 'png', 'tiff', 'pdf'] as const)('%s does not hold the whole picture', (format) => {
  expect(() => checkEncoderMemory(format, size, 0)).not.toThrow();
});
