// RETURNING: its expressions read the row as written and the columns of the statement's source.

import { type Batch, type Datum, columnValue } from '#common';
import type { PhysicalReturning, ScanSource } from '#planner';
import type { Key } from '#storage';
import { compileExpression } from '../expression/compile-expression.ts';
import type { Columns, Evaluator } from '../expression/environment.ts';
import { inputOrdinals } from '../expression/walk.ts';
import { RowOutput } from '../rows/row-output.ts';
import type { Runtime } from '../runtime.ts';
import type { RowAccessByKey } from './inherited-access.ts';
import { SingleRow } from './single-row.ts';

/** Without access to stored rows, of a view, there are no system columns to return. */
export class ReturningRows {
  private readonly runtime: Runtime;
  private readonly access: RowAccessByKey | undefined;
  private readonly sources: readonly ScanSource[];
  private readonly evaluators: readonly Evaluator[];
  private readonly row: SingleRow;
  private readonly sourceOrdinals: readonly number[];
  private readonly needsStoredRow: boolean;
  private readonly output: RowOutput;
  private readonly scratch: Datum[];

  constructor(
    returning: PhysicalReturning,
    sourceWidth: number,
    access: RowAccessByKey | undefined,
    runtime: Runtime,
  ) {
    this.runtime = runtime;
    this.access = access;
    this.sources = returning.rowSources;
    this.evaluators = returning.expressions.map((expression) =>
      compileExpression(expression, runtime),
    );
    const width = returning.rowSources.length;
    const read = new Set(
      returning.expressions.flatMap((expression) => [...inputOrdinals(expression)]),
    );
    this.sourceOrdinals = [...read]
      .filter((ordinal) => ordinal >= width)
      .map((ordinal) => ordinal - width);
    this.row = new SingleRow(width + sourceWidth);
    this.needsStoredRow = returning.rowSources.some((source) => source.kind === 'pseudo');
    this.output = new RowOutput(returning.expressions.length);
    this.scratch = new Array<Datum>(width).fill(null);
  }

  get length(): number {
    return this.output.length;
  }

  /** Adds the output for a row that has been written under `key`. */
  addWritten(key: Key, row: readonly Datum[], source: Columns, sourceRow: number): void {
    if (this.access !== undefined && this.needsStoredRow) {
      this.access.readColumns(this.runtime.context.transaction, key, this.sources, this.scratch, {
        kind: 'latest',
      });
    } else {
      this.fromValues(key, row);
    }
    this.add(source, sourceRow);
  }

  take(): Batch | undefined {
    return this.output.take();
  }

  /** Forgets the rows after the first `length`. */
  truncate(length: number): void {
    this.output.truncate(length);
  }

  reset(): void {
    this.output.reset();
  }

  private fromValues(key: Key, row: readonly Datum[]): void {
    for (let i = 0; i < this.sources.length; i++) {
      const source = this.sources[i];
      if (source.kind === 'attribute') this.scratch[i] = row[source.attributeNumber - 1] ?? null;
      else if (source.kind === 'rowKey') this.scratch[i] = key;
    }
  }

  private add(source: Columns, sourceRow: number): void {
    const width = this.sources.length;
    for (let i = 0; i < width; i++) this.row.set(i, this.scratch[i]);
    for (const ordinal of this.sourceOrdinals) {
      this.row.set(width + ordinal, columnValue(source[ordinal], sourceRow));
    }
    this.output.pushValues(this.evaluators.map((evaluator) => evaluator(this.row.columns, 0)));
  }
}
