// Files of the server that lo_import() and lo_export() name.

import { readFileSync, writeFileSync } from 'node:fs';
import { databaseError } from '#common';
import { isFileError } from '../commands/server-files.ts';

export function readServerFile(file: string): Uint8Array {
  return fileOperation(`open server file "${file}"`, () => readFileSync(file));
}

export function writeServerFile(file: string, bytes: Uint8Array): void {
  fileOperation(`create server file "${file}"`, () => writeFileSync(file, bytes, { mode: 0o644 }));
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  EISDIR: 'Is a directory',
  ENOSPC: 'No space left on device',
};

function fileOperation<Result>(what: string, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (!isFileError(error)) throw error;
    const reason = reasons[error.code ?? ''] ?? error.message;
    const condition =
      error.code === 'ENOENT'
        ? 'undefinedFile'
        : error.code === 'ENOSPC'
          ? 'diskFull'
          : error.code === 'EACCES'
            ? 'insufficientPrivilege'
            : 'ioError';
    throw databaseError(condition, `could not ${what}: ${reason}`);
  }
}
