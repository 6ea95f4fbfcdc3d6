import { sniffedBytes, sniffFormat, type SniffedFile } from '@mosaicme/imaging/formats';
import { open } from 'node:fs/promises';

/**
 * What a file is by its first bytes; undefined for no known picture or document.
 * @throws The error of the system when the file cannot be read.
 */
export async function sniffFile(path: string): Promise<SniffedFile | undefined> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(sniffedBytes), 0, sniffedBytes, 0);
    return sniffFormat(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}
