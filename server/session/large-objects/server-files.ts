// Files of the server that lo_import() and lo_export() name.

import { readFileSync, writeFileSync } from 'node:fs';
import { checkKind, fileError, isFileError } from '../commands/server-files.ts';

export function readServerFile(file: string): Uint8Array {
  return fileOperation(file, 'open', () => readFileSync(file));
}

export function writeServerFile(file: string, bytes: Uint8Array): void {
  fileOperation(file, 'create', () => writeFileSync(file, bytes, { mode: 0o644 }));
}

function fileOperation<Result>(file: string, what: string, run: () => Result): Result {
  checkKind(file);
  try {
    return run();
  } catch (error) {
    throw isFileError(error) ? fileError(error, `could not ${what} server file "${file}"`) : error;
  }
}
