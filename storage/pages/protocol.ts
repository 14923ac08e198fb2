// Messages between the main thread and the writer thread, in order of their life.

import type { CommitTimestamp, TreeId } from '../contract.ts';
import type { SegmentInstall, SegmentWriteResult } from './segment-install.ts';
import type { LoadResult } from './tree-loader.ts';
import type { ChangeNotice } from './tree-root.ts';

export interface WriterData {
  readonly directory: string;
}

export type ToWriter =
  /** Part of the next flush (change-buffer.ts); the buffer is transferred. */
  | { readonly kind: 'changes'; readonly bytes: Uint8Array<ArrayBuffer> }
  | {
      readonly kind: 'flush';
      readonly droppedTrees: readonly TreeId[];
      readonly adopted: readonly { readonly tree: TreeId; readonly timestamp: CommitTimestamp }[];
      readonly metadata: string;
    }
  | {
      readonly kind: 'load';
      readonly load: number;
      readonly tree: TreeId;
      readonly hidden: boolean;
    }
  | { readonly kind: 'loadBytes'; readonly load: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'finishLoad'; readonly load: number }
  | { readonly kind: 'abortLoad'; readonly load: number }
  | { readonly kind: 'discard'; readonly tree: TreeId }
  | {
      readonly kind: 'prune';
      readonly request: number;
      readonly tree: TreeId;
      readonly before: CommitTimestamp;
    }
  /** segment-install.ts */
  | {
      readonly kind: 'segments';
      readonly request: number;
      readonly action:
        | { readonly kind: 'begin' | 'drop'; readonly tree: TreeId }
        | { readonly kind: 'install'; readonly install: SegmentInstall };
    }
  | { readonly kind: 'close' };

/** An error crosses threads as its fields. */
export interface WriterFailure {
  readonly message: string;
  readonly code: string | undefined;
  readonly sqlState: string | undefined;
}

export type FromWriter =
  | { readonly kind: 'ready' }
  | { readonly kind: 'flushed'; readonly notice: ChangeNotice }
  | { readonly kind: 'flushFailed'; readonly failure: WriterFailure }
  | { readonly kind: 'loadTaken'; readonly load: number; readonly bytes: number }
  | { readonly kind: 'loadFinished'; readonly load: number; readonly result: LoadResult }
  | { readonly kind: 'loadFailed'; readonly load: number; readonly failure: WriterFailure }
  | { readonly kind: 'changed'; readonly notice: ChangeNotice }
  | { readonly kind: 'pruned'; readonly request: number; readonly versions: number }
  | {
      readonly kind: 'segmentsWritten';
      readonly request: number;
      readonly result: SegmentWriteResult;
    }
  | {
      readonly kind: 'segmentsFailed';
      readonly request: number;
      readonly failure: WriterFailure;
    }
  | { readonly kind: 'closed' };
