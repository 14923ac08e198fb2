// What the parts of a statement that runs on several executor threads know of each other. One thread, the
// coordinator, runs the plan; where it meets a gather node, its helpers run the node's input as well, and
// every thread reads the morsels that it takes from a common counter. Each such run of a gather's input is
// a "run": a number, a control block in shared memory (run-control.ts), and messages on the helpers' ports.
//
// The order of a run's messages: begin → (part …, table …) → (batch …, credit …) → end or failed. A helper that
// finds the run closed when it would join it says nothing. After leave, nothing more is said of the run.

import type { SharedTable, TablePart } from '../compile/shared-table.ts';
import type { NodeMeasurement } from '../measurement.ts';
import type { Operator } from '../operators/operator.ts';
import type { TransferredBatch, TransferredError } from '../threads/protocol.ts';
import type { LineShare } from './line-share.ts';
import type { TableExchange } from './table-exchange.ts';
import type { Team } from './team.ts';

export interface ParallelContext {
  /** Threads that share the statement's memory. */
  readonly threads: number;
  /** Of the coordinator: whom it may ask for help. */
  readonly team?: Team;
  /** Inside of a run: by line, the thread's morsels. */
  readonly shares?: readonly LineShare[];
  /** … and how tables come together. */
  readonly exchange?: TableExchange;
  /** Inside of a run: what its `received` nodes read. */
  readonly handed?: readonly HandedRows[];
}

/** Rows that all threads of a run read: kept, or (when there are too many to keep) from the operator that makes them. */
export type HandedRows = readonly TransferredBatch[] | Operator;

export type ToHelper =
  | {
      readonly kind: 'begin';
      readonly run: number;
      readonly fragment: number;
      readonly control: Int32Array;
      readonly lines: number;
      /** Of the coordinator's reader; another state of the pages has other morsels. */
      readonly version: number;
      readonly handed: readonly (readonly TransferredBatch[])[];
      /** Measure every node, for EXPLAIN ANALYZE. */
      readonly instrument: boolean;
    }
  | {
      readonly kind: 'table';
      readonly run: number;
      readonly line: number;
      readonly table: SharedTable;
    }
  | { readonly kind: 'credit'; readonly run: number; readonly batches: number }
  | { readonly kind: 'leave'; readonly run: number };

export type FromHelper =
  | { readonly kind: 'batch'; readonly run: number; readonly batch: TransferredBatch }
  | {
      readonly kind: 'part';
      readonly run: number;
      readonly line: number;
      readonly part: TablePart;
    }
  | {
      readonly kind: 'notice';
      readonly run: number;
      readonly severity: string;
      readonly message: string;
    }
  | {
      readonly kind: 'end';
      readonly run: number;
      readonly measurements: ReadonlyMap<number, NodeMeasurement> | undefined;
    }
  | { readonly kind: 'failed'; readonly run: number; readonly error: TransferredError }
  /** The run asked for something that only the main thread has. */
  | { readonly kind: 'mainThreadNeeded'; readonly run: number };
