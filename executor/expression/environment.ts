// What a compiled expression sees besides its input row. One environment lives as long as an
// instance of a plan; its fields change from execution to execution, so closures read them at run
// time and never copy them.

import type { Batch, Column, Datum } from '#common';
import type { FunctionContext } from '#functions';

/** The input of an expression: the columns of a batch. */
export type Columns = readonly Column[];

/** A compiled expression: its value for one row of the columns. */
export type Evaluator = (columns: Columns, row: number) => Datum;

/** Writes the ordinals of the rows that satisfy a condition into `selection`; returns how many. */
export type FilterKernel = (batch: Batch, selection: Int32Array) => number;

/** Runs a subplan of the statement for the expressions that contain it. */
export interface SubplanSource {
  /** Starts the subplan anew under the slots as they are now. */
  open(): void;
  /** The next non-empty batch, or undefined at the end. Never yields. */
  next(): Batch | undefined;
  close(): void;
  /** Changes whenever a new execution of the statement starts: init plans are computed once per epoch. */
  readonly epoch: number;
}

export interface ExpressionEnvironment {
  readonly parameters: readonly Datum[];
  readonly slots: Datum[];
  readonly functions: FunctionContext;
  /** Value of the innermost CASE operand. */
  caseTest: Datum;
  subplan(ordinal: number): SubplanSource;
}

export const noColumns: Columns = [];
