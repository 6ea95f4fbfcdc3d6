/** Second bytes of the JPEG markers used here (ITU-T T.81, table B.1); the first byte is 0xFF. */
export const Marker = {
  sof0: 0xc0,
  dht: 0xc4,
  rst0: 0xd0,
  soi: 0xd8,
  eoi: 0xd9,
  sos: 0xda,
  dqt: 0xdb,
  dri: 0xdd,
  app0: 0xe0,
} as const;

/** Zigzag index -> natural index (row * 8 + column) of an 8 x 8 block (T.81, figure A.6). */
export const ZIGZAG = Uint8Array.of(
  ...[0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5],
  ...[12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28],
  ...[35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51],
  ...[58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63],
);

/** Side in pixels of a 4:2:0 minimum coded unit (MCU): 2 x 2 luma blocks, one block of each chroma. */
export const MCU_SIZE = 16;

/** Component of each block of a 4:2:0 MCU, in the order of the scan: four Y, one Cb, one Cr. */
export const MCU_COMPONENTS = [0, 0, 0, 0, 1, 2] as const;
