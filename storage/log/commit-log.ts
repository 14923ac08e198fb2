// The commit log as the engine sees it: one ordered sequence of records, each known by its byte
// position. Several implementations exist: segment files (file-log.ts), and later replicated ones.

import type { LogPosition } from '../contract.ts';

export const RecordKind = {
  /** A whole transaction, or the last part of one that came in chunks. */
  commit: 1,
  /** Rows of a transaction whose commit record may follow. */
  chunk: 2,
  /** A sequence's value. */
  counter: 3,
  /** Ids handed out: trees, oids, row ids of a tree. */
  ids: 4,
  /** Nothing but proof of what was synced before it. */
  mark: 5,
} as const;
export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind];

/** A record as the log returns it. `payload` is a view that stays valid: its buffer is never reused. */
export interface LogRecord {
  readonly position: LogPosition;
  /** Position of the byte after it. */
  readonly end: LogPosition;
  readonly epoch: number;
  readonly kind: RecordKind;
  readonly payload: Uint8Array;
}

/** What append() takes; the payload is copied. */
export interface NewRecord {
  readonly kind: RecordKind;
  readonly payload: Uint8Array;
}

export interface CommitLog {
  /** The position after the last appended record. */
  readonly appendedPosition: LogPosition;
  /** Everything before this position is on disk. */
  readonly syncedPosition: LogPosition;
  readonly statistics: { readonly syncs: number; readonly bytes: number };
  /**
   * Appends records at `expected`, which must be appendedPosition (a writer that was deposed fails
   * here), under an epoch. Either all are appended, or it throws 53100 and none is: room is reserved
   * first. Returns the position after them. They are durable once syncedPosition has passed it.
   */
  append(expected: LogPosition, epoch: number, records: readonly NewRecord[]): LogPosition;
  /** Calls visit for each record from a record's position (or the oldest kept one) to the end. */
  read(from: LogPosition, visit: (record: LogRecord) => void): void;
  /** Calls the listener with syncedPosition whenever it has moved; returns what ends that. */
  subscribe(listener: (synced: LogPosition) => void): () => void;
  /** Records before the position may be forgotten. */
  trim(before: LogPosition): void;
  /** Resolves when everything before the position is durable. */
  whenSynced(position: LogPosition): Promise<void>;
  /** Syncs what was appended and closes. */
  close(): Promise<void>;
}
