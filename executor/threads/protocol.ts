// What the main thread and an executor thread say to each other. Messages are plain data; values whose
// class matters (numeric, interval …) travel as bytes, because structured clone loses prototypes.
//
// A helper's life: help → (what it says to the coordinator) → close → closed.
// A statement's life: start → (batch … while there are credits, more by credit; before them replan, which is answered
// by replanned) → end, failed or mainThreadNeeded; or close at any time → closed. After one of these four the thread knows nothing
// of the statement any more, and the snapshot may be released.

import type { ServerMemoryShare } from '../memory/server-memory.ts';
import type { MessagePort } from 'node:worker_threads';

import type { DatumVector, DictionaryVector, TypeDefinitions, TypedValues, Vector } from '#common';
import type { SharedSnapshot } from '#storage';
import type { ObservedFractions, ReplanRequest } from '#planner';
import type { NodeMeasurement } from '../measurement.ts';

/** What SQL functions see of the session, read once when the statement starts. */
export interface SessionValues {
  readonly dateStyle: string;
  readonly intervalStyle: string;
  readonly timeZone: string;
  readonly extraFloatDigits: number;
  readonly byteaOutput: 'hex' | 'escape';
  readonly transactionTimestamp: number;
  readonly statementTimestamp: number;
  readonly currentUser: string;
  readonly sessionUser: string;
  readonly databaseName: string;
  readonly searchPath: readonly string[];
  readonly backendPid: number;
  readonly transactionId: number;
}

/** A statement, for each thread that works on it. */
export interface StatementMessage extends TypeDefinitions {
  readonly id: number;
  /** Names the plan while it lives in the main thread, so that a thread keeps what it compiled. */
  readonly planId: number;
  /** encodePlan() */
  readonly plan: Uint8Array;
  /** encodeValues() */
  readonly parameters: Uint8Array;
  readonly snapshot: SharedSnapshot;
  readonly session: SessionValues;
  readonly workMemBytes: number;
  readonly statementMemoryBytes: number | undefined;
  readonly spillDirectory: string;
  /** One Int32: not 0 when the statement shall stop. */
  readonly stopWord: Int32Array;
  /** Its place among the statement's threads. */
  readonly slot: number;
}

/** To the thread that runs the statement: its coordinator, when it has helpers. */
export interface StartMessage extends StatementMessage {
  readonly kind: 'start';
  readonly credits: number;
  /** Measure every node, for EXPLAIN ANALYZE. */
  readonly instrument: boolean;
  /** Estimates that prove wrong are to be told ('replan'). */
  readonly adaptive: boolean;
  /** To the helpers; without any, the thread runs the plan by itself. */
  readonly ports: readonly MessagePort[];
}

/** To the threads that help (parallel/contract.ts says how it goes on). */
export interface HelpMessage extends StatementMessage {
  readonly kind: 'help';
  readonly port: MessagePort;
  /** The statement's threads, the coordinator among them. */
  readonly threads: number;
}

export type ToThread =
  | StartMessage
  | HelpMessage
  /** So many more batches may be sent. */
  | { readonly kind: 'credit'; readonly id: number; readonly batches: number }
  /** The answer to 'replan': encodePlan() of the plan for the rest; undefined: go on. */
  | { readonly kind: 'replanned'; readonly id: number; readonly plan: Uint8Array | undefined }
  | { readonly kind: 'close'; readonly id: number }
  /** Close everything and end the thread. */
  | { readonly kind: 'stop' };

export type TransferredColumn =
  | {
      readonly kind: 'typed';
      readonly values: TypedValues;
      readonly nulls: Uint8Array | undefined;
      readonly boolean: boolean;
    }
  | {
      readonly kind: 'plain';
      readonly values: readonly (null | boolean | number | bigint | string)[];
    }
  /** encodeValues() */
  | { readonly kind: 'encoded'; readonly bytes: Uint8Array };

export type TransferredVector =
  | Exclude<Vector, DictionaryVector | DatumVector>
  /** Places in values of the batch's own. */
  | {
      readonly kind: 'dictionary';
      readonly codes: Int32Array;
      readonly nulls: Uint8Array | undefined;
      readonly values: TransferredColumn;
    }
  | { readonly kind: 'datum'; readonly values: TransferredColumn };

export interface TransferredBatch {
  readonly length: number;
  /** The columns are those of compiled pipelines. */
  readonly vectors?: readonly (TransferredVector | undefined)[];
  /** The plan's result columns, in the order of resultOrdinals; empty when there are vectors. */
  readonly columns: readonly TransferredColumn[];
}

export type TransferredError =
  | {
      readonly kind: 'database';
      readonly sqlState: string;
      readonly message: string;
      /** ErrorFields without the cause. */
      readonly fields: Readonly<Record<string, unknown>>;
    }
  /** A defect: shown as such by whoever reports errors. */
  | {
      readonly kind: 'internal';
      readonly name: string;
      readonly message: string;
      readonly stack: string;
    };

export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'batch'; readonly id: number; readonly batch: TransferredBatch }
  | {
      readonly kind: 'notice';
      readonly id: number;
      readonly severity: string;
      readonly message: string;
    }
  /** The statement waits for the answer. */
  | { readonly kind: 'replan'; readonly id: number; readonly request: ReplanRequest }
  | {
      readonly kind: 'end';
      readonly id: number;
      /** That were sent. */
      readonly batches: number;
      readonly measurements: ReadonlyMap<number, NodeMeasurement> | undefined;
      readonly observed: ObservedFractions | undefined;
    }
  | { readonly kind: 'failed'; readonly id: number; readonly error: TransferredError }
  /** The statement asked for something that only the main thread has (catalog, sequences …). */
  | { readonly kind: 'mainThreadNeeded'; readonly id: number }
  | { readonly kind: 'closed'; readonly id: number };

export interface ThreadData {
  /** One Int32: the id of the statement that holds most of the heap, for whoever finds the thread dead. */
  readonly largestWord: Int32Array;
  /** 0 to 19: how far the operating system lets other threads go first. */
  readonly niceness: number;
  /** Decoded column segments that it may keep. */
  readonly segmentCacheBytes: number;
  /** undefined: there is no budget. */
  readonly memory: ServerMemoryShare | undefined;
}
