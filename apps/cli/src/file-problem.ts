import { messageOf } from '@mosaicme/errors';

const problems: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of its path is no folder',
  EISDIR: 'it is a folder',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
};

/** Why a file could not be read or written, in words for people. */
export function fileProblem(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return problems[code ?? ''] ?? messageOf(error);
}
