// Named limits of storage. Tests override those that openStorage() takes as options.

export const limits = {
  /** A log segment file; a record that is larger gets a segment of its own. */
  logSegmentBytes: 64 * 1024 * 1024,
  /** Zeroed ahead of the log's end, so that a commit knows that it has room before it is applied. */
  logReserveBytes: 1024 * 1024,
  /** Log bytes kept in memory before they are written without waiting for the group's sync. */
  logBufferBytes: 1024 * 1024,
  /** After this long without appends, a mark record proves what was synced. */
  logMarkDelayMs: 20,
  /** A transaction's rows reach the log in chunks of about this size. */
  transactionChunkBytes: 1024 * 1024,
  /** Bytes of unwritten rows that one transaction may hold in memory; past it: 53200. */
  workspaceBytesMax: 1024 * 1024 * 1024,
  /** Bytes that a prepared transaction may have written: they are one value of a row. */
  preparedBytesMax: 256 * 1024 * 1024,
  /** A tree's rows in one workspace past this size go to pages before commit, when the tree is empty. */
  bulkLoadBytes: 24 * 1024 * 1024,
  /** The memtable is flushed at this size … */
  flushBytes: 64 * 1024 * 1024,
  /** … or this long after its first write. */
  flushAgeMs: 30_000,
  /** … or at this part of the memory that there is for everything. */
  memtableMemoryShare: 1 / 8,
  /** Commits answer 53200 while the memtable is larger than this many times flushBytes, or than half of that memory. */
  memtableStallFactor: 16,
  /** After a failed flush (disk full) the next attempt comes this much later. */
  flushRetryMs: 1000,
  /** A slice of background preparation on the main thread, in entries. */
  orderingSliceEntries: 1000,
  /** Entries that may wait unordered before background ordering starts. */
  orderingPendingMax: 2000,
  /** Values are copied into slabs of this size; larger ones get a buffer of their own. */
  slabBytes: 256 * 1024,
  /** Writes remembered for SERIALIZABLE validation; older snapshots fail with 40001. */
  journalWritesMax: 1_000_000,
  /** Row locks of one transaction in one tree before they become one lock on the tree. */
  rowLocksPerTreeMax: 100_000,
  /** Ids are logged ahead in blocks of this many. */
  idBlock: 256,
  rowIdBlock: 4096,
  /** Decoded columns of segment blocks that a thread keeps unless it is told otherwise, as executor threads are … */
  segmentCacheBytes: 32 * 1024 * 1024,
  /** … and those of them that are values in its heap. */
  segmentHeapCacheBytes: 32 * 1024 * 1024,
  /** Changed rows that one thread keeps beside its segments. */
  segmentChangedCacheBytes: 32 * 1024 * 1024,
  segmentFilesOpenMax: 4096,
  /** Tables of this many rows get column segments by themselves. */
  segmentRowsMin: 10_000,
  /** A segment is built anew past this share of changed keys … */
  segmentChangedShareMax: 0.02,
  /** … and read from the row store past this one. */
  segmentChangedShareRead: 0.5,
  /** Builds take at most this share of the time. */
  segmentBuildShare: 0.25,
  /** Segments that no scan has asked for go past this share of changed keys. */
  segmentChangedShareUnused: 0.2,
  segmentRetryMs: 60_000,
  segmentThreadIdleMs: 5000,
  /** After a bulk load. */
  segmentLoadDelayMs: 3000,
  /** Retention runs this often. */
  pruneIntervalMs: 60_000,
} as const;
