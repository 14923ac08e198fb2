// Replays the log after a start: from the position that the page store covers to the end, into the
// memtable, as the commits had done.

import type { LogPosition } from './contract.ts';
import type { Counters } from './counters.ts';
import { type CommitLog, type LogRecord, RecordKind } from './log/commit-log.ts';
import type { CommittedState } from './memtable/committed-state.ts';
import type { BulkPageStore } from './page-store.ts';
import { readCommitHeader, readCommitRows } from './transaction/commit-record.ts';

export interface Replay {
  readonly log: CommitLog;
  readonly from: LogPosition;
  readonly committed: CommittedState;
  readonly counters: Counters;
  readonly bulk: BulkPageStore | undefined;
}

export function replayLog(replay: Replay): void {
  const { log, committed, counters, bulk } = replay;
  /** Payloads of chunks since the last commit: those that its header counts are its own. */
  let chunks: Uint8Array[] = [];
  log.read(replay.from, (record) => {
    switch (record.kind) {
      case RecordKind.chunk:
        chunks.push(record.payload);
        break;
      case RecordKind.commit:
        replayCommit(replay, record, chunks);
        chunks = [];
        break;
      case RecordKind.counter:
      case RecordKind.ids:
        counters.replay(record.kind, record.payload);
        break;
      case RecordKind.mark:
        break;
    }
  });
  for (const tree of bulk?.unadoptedTrees() ?? []) bulk?.discardTree(tree);
  committed.syncedCommit = committed.lastCommit;
}

function replayCommit(replay: Replay, record: LogRecord, chunks: readonly Uint8Array[]): void {
  const { committed, counters, bulk } = replay;
  const header = readCommitHeader(record.payload);
  const own = header.chunks === 0 ? [] : chunks.slice(-header.chunks);
  for (const tree of header.builtTrees) {
    bulk?.adoptTree(tree, header.timestamp);
    committed.adopted(tree, header.timestamp);
    counters.passTree(tree);
  }
  for (const payload of [...own, record.payload]) {
    readCommitRows(payload, (tree, key, slab, offset, length) => {
      committed.active.write(tree, key, header.timestamp, { slab, offset, length });
    });
  }
  for (const tree of header.droppedTrees) {
    committed.active.dropTree(tree);
    counters.dropTree(tree);
  }
  committed.lastCommit = header.timestamp;
}
