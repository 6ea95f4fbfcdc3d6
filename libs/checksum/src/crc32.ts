/** Four tables, so that a 32-bit word is taken at a time: packs of hundreds of megabytes are checked. */
const tables = Array.from({ length: 4 }, () => new Uint32Array(256));
for (let byte = 0; byte < 256; byte++) {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  }
  tables[0]![byte] = remainder;
}
for (let byte = 0; byte < 256; byte++) {
  for (let table = 1; table < 4; table++) {
    const before = tables[table - 1]![byte]!;
    tables[table]![byte] = tables[0]![before & 0xff]! ^ (before >>> 8);
  }
}

/**
 * CRC-32 as in zlib and PNG (ISO 3309), by the slicing method.
 * @see M. Kounavis, F. Berry, Novel Table Lookup-Based Algorithms for High-Performance CRC Generation (2008)
 */
export function crc32(bytes: Uint8Array): number {
  const [t0, t1, t2, t3] = tables as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  let remainder = 0xffffffff;
  let at = 0;
  for (const end = bytes.length - 3; at < end; at += 4) {
    remainder ^=
      bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    remainder =
      t3[remainder & 0xff]! ^
      t2[(remainder >>> 8) & 0xff]! ^
      t1[(remainder >>> 16) & 0xff]! ^
      t0[remainder >>> 24]!;
  }
  for (; at < bytes.length; at++) {
    remainder = t0[(remainder ^ bytes[at]!) & 0xff]! ^ (remainder >>> 8);
  }
  return (remainder ^ 0xffffffff) >>> 0;
}
