// The thread that builds column segments: one build after another, from the newest LMDB snapshot at its
// begin.

import { closeSync, fsyncSync, openSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { assert, defineTypes } from '#common';
import { currentSlot } from '../pages/tree-root.ts';
import { openNewestSnapshot } from '../shared-snapshot.ts';
import type { BuildAnswer, BuildRequest } from './build-protocol.ts';
import { buildRanges } from './build-ranges.ts';
import { buildSegments } from './segment-builder.ts';
import { segmentFolder } from './segment-format.ts';

const port = parentPort;
assert(port !== null, 'the build worker runs in a thread');
lowerPriority();
port.on('message', (request: BuildRequest) => {
  port.postMessage(answer(request));
});

/** Builds can wait, statements cannot. On Linux this is the priority of the calling thread alone. */
function lowerPriority(): void {
  if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_LOW);
}

function answer(request: BuildRequest): BuildAnswer {
  try {
    return build(request);
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

function build(request: BuildRequest): BuildAnswer {
  const { directory, table, recording, name, damaged } = request;
  defineTypes(request.types);
  const snapshot = openNewestSnapshot(directory);
  const { pages } = snapshot;
  try {
    const tree = table.treeId;
    const named = pages.segments(tree);
    const root = pages.directory.root(currentSlot(tree));
    const isReady = root !== undefined && root.bulkTimestamp >= 0;
    if (!isReady || named?.directory.recording !== recording) return { kind: 'unready' };
    const ranges = buildRanges(pages, tree, named.directory.entries, damaged);
    const folder = join(directory, segmentFolder);
    const result = buildSegments(snapshot, { folder, table, name, ranges });
    syncDirectory(folder);
    return { kind: 'built', result };
  } finally {
    snapshot.reader.close();
  }
}

function syncDirectory(path: string): void {
  const file = openSync(path, 'r');
  fsyncSync(file);
  closeSync(file);
}
