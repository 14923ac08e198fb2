// A segment file: some ten thousand row versions of a table in key order, column by column, immutable.
//
//   0  8 bytes  magic "LSEGMENT"
//   8  …        dictionaries and chunks (column-chunk.ts), each at a multiple of 8
//   .  …        footer: JSON (SegmentFooter), UTF-8
//  -24 u32      bytes of the footer
//  -20 u32      crc32 of the footer
//  -16 u32      format version
//  -12 u32      –
//  -8  8 bytes  magic "LSEGMEND"
//
// Little-endian. Every chunk and dictionary has its crc32 in the footer, so a file is either what was
// written or known to be damaged. docs/internals/segment-format.md tells it in words.

import type { CommitTimestamp } from '../contract.ts';
import type { StoredBound } from './column-chunk.ts';

/** Below the data directory. */
export const segmentFolder = 'segments';

export const startMagic = 'LSEGMENT';
export const endMagic = 'LSEGMEND';
export const trailerBytes = 24;
export const formatVersion = 1;

/** Columns that are not attributes of the table. */
export const SystemColumn = { from: 0, to: -1, validFrom: -2, validTo: -3, rowId: -4 } as const;

export interface StoredChunk {
  readonly offset: number;
  readonly length: number;
  readonly crc: number;
  readonly encoding: string;
  readonly nulls: number;
  /** Of whole numbers. */
  readonly scale?: number;
  readonly min?: StoredBound;
  readonly max?: StoredBound;
}

export interface StoredColumn {
  /** Attribute number, or a SystemColumn. */
  readonly attribute: number;
  readonly typeOid: number;
  /** All integers of the column fit in 32 bits. */
  readonly narrow: boolean;
  readonly dictionary?: {
    readonly offset: number;
    readonly length: number;
    readonly crc: number;
    readonly count: number;
  };
  /** One per block. */
  readonly chunks: readonly StoredChunk[];
}

export interface StoredBlock {
  readonly rows: number;
  /** The row store's key of the first row. */
  readonly firstKey: string;
}

export interface SegmentFooter {
  readonly tree: number;
  /** Versions that were current, or versions that had ended, when the file was built. */
  readonly kind: 'current' | 'history';
  /** All commits up to this one are in. */
  readonly builtAt: CommitTimestamp;
  readonly rows: number;
  readonly blocks: readonly StoredBlock[];
  readonly columns: readonly StoredColumn[];
}
