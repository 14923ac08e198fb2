// A disk that can be full: a memory file system, and a file that takes its space away.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';

/** False where this process may not mount. */
export function mountSmallDisk(directory: string, megabytes: number): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', directory], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}

/** Writes until nothing more fits. */
export function fillDisk(file: string): void {
  const descriptor = openSync(file, 'w');
  for (let size = 1 << 20; size >= 512; size >>= 1) {
    try {
      for (;;) writeSync(descriptor, Buffer.alloc(size));
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'ENOSPC');
    }
  }
  closeSync(descriptor);
}
