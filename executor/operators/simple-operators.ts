// The operators without much state: filter, projection, constant rows, concatenation.

import {
  type Batch,
  type Column,
  type Datum,
  type Expression,
  batchRows,
  genericColumn,
} from '#common';
import type {
  PhysicalAppend,
  PhysicalFilter,
  PhysicalProject,
  PhysicalResult,
  PhysicalValues,
} from '#planner';
import { again } from '../contract.ts';
import { compileExpression } from '../expression/compile-expression.ts';
import {
  type Columns,
  type Evaluator,
  type FilterKernel,
  noColumns,
} from '../expression/environment.ts';
import { compileFilter } from '../expression/filter.ts';
import { isVolatile } from '../expression/volatility.ts';
import { gatherBatch } from '../rows/gather.ts';
import type { Runtime } from '../runtime.ts';
import { LateError } from './late-error.ts';
import type { Operator, Pulled } from './operator.ts';
import { PacedInput } from './paced-input.ts';
import { RoutineColumns } from './routine-columns.ts';

export class FilterOperator implements Operator {
  private readonly runtime: Runtime;
  private readonly node: PhysicalFilter;
  private readonly input: PacedInput;
  private readonly filter: FilterKernel;
  private readonly lateError: LateError | undefined;
  private selection = new Int32Array(batchRows);
  private selected = 0;

  constructor(node: PhysicalFilter, runtime: Runtime) {
    this.runtime = runtime;
    this.node = node;
    const rowByRow = runtime.earlyStops.rowByRow.has(node);
    this.input = new PacedInput(runtime.buildOperator(node.input), runtime, rowByRow);
    this.filter = compileFilter(node.condition, runtime);
    this.lateError = isVolatile(node.condition) ? undefined : new LateError();
  }

  open(): void {
    this.lateError?.clear();
    this.input.open();
  }

  next(): Pulled {
    for (;;) {
      this.lateError?.raise();
      const pulled = this.input.next();
      if (pulled === again || pulled === undefined) return pulled;
      if (pulled.length > this.selection.length) this.selection = new Int32Array(pulled.length);
      const batch = this.lateError?.run(pulled, this.select) ?? this.select(pulled);
      const count = this.selected;
      this.input.done();
      const measurement = this.runtime.measurements?.get(this.node.id);
      if (measurement !== undefined) measurement.rowsRemoved += batch.length - count;
      if (count === batch.length) return batch;
      if (count > 0) return gatherBatch(batch, this.selection, count);
      if (this.runtime.pause()) return again;
    }
  }

  close(): void {
    this.input.close();
  }

  /** Selects among the rows of a batch. */
  private readonly select = (batch: Batch): Batch => {
    this.selected = this.filter(batch, this.selection);
    return batch;
  };
}

/** Computes one output column from a batch; a plain column is passed through. */
export type ColumnMaker = (batch: Batch) => Column;

export function compileColumn(expression: Expression, runtime: Runtime): ColumnMaker {
  if (expression.kind === 'input') {
    const ordinal = expression.ordinal;
    return (batch) => batch.columns[ordinal];
  }
  const evaluator = compileExpression(expression, runtime);
  return (batch) => evaluateColumn(evaluator, batch.columns, batch.length);
}

function evaluateColumn(evaluator: Evaluator, columns: Columns, length: number): Column {
  const values: Datum[] = [];
  for (let row = 0; row < length; row++) values.push(evaluator(columns, row));
  return genericColumn(values);
}

export class ProjectOperator implements Operator {
  private readonly input: PacedInput;
  private readonly makers: readonly ColumnMaker[];
  private readonly routines: RoutineColumns | undefined;
  private readonly makersAfterRoutines: readonly ColumnMaker[];
  private readonly lateError: LateError | undefined;
  private inRoutine = false;

  constructor(node: PhysicalProject, runtime: Runtime) {
    const rowByRow = runtime.earlyStops.rowByRow.has(node);
    this.input = new PacedInput(runtime.buildOperator(node.input), runtime, rowByRow);
    this.makers = node.expressions.map((expression) => compileColumn(expression, runtime));
    this.routines = RoutineColumns.of(node.expressions, node.input.types.length, runtime);
    this.makersAfterRoutines = (this.routines?.expressions ?? []).map((expression) =>
      compileColumn(expression, runtime),
    );
    this.lateError = node.expressions.some(isVolatile) ? undefined : new LateError();
  }

  open(): void {
    this.endRoutine();
    this.lateError?.clear();
    this.input.open();
  }

  next(): Pulled {
    const { routines } = this;
    if (routines !== undefined && this.inRoutine) return this.runRoutines(routines);
    this.lateError?.raise();
    const batch = this.input.next();
    if (batch === again || batch === undefined) return batch;
    if (routines?.begin(batch) === true) return this.runRoutines(routines);
    return this.project(batch, this.makers);
  }

  private runRoutines(routines: RoutineColumns): Pulled {
    const batch = routines.next();
    this.inRoutine = batch === again;
    return batch === again ? again : this.project(batch, this.makersAfterRoutines);
  }

  private project(batch: Batch, makers: readonly ColumnMaker[]): Batch {
    const work = (part: Batch): Batch => ({
      length: part.length,
      columns: makers.map((maker) => maker(part)),
    });
    const projected = this.lateError?.run(batch, work) ?? work(batch);
    this.input.done();
    return projected;
  }

  private endRoutine(): void {
    this.routines?.close();
    this.inRoutine = false;
  }

  close(): void {
    this.endRoutine();
    this.input.close();
  }
}

/** One row without columns, or none. */
export class ResultOperator implements Operator {
  private readonly empty: boolean;
  private readonly condition: Evaluator | undefined;
  private done = true;

  constructor(node: PhysicalResult, runtime: Runtime) {
    this.empty = node.empty;
    this.condition =
      node.condition === undefined ? undefined : compileExpression(node.condition, runtime);
  }

  open(): void {
    this.done = this.empty;
  }

  next(): Pulled {
    if (this.done) return undefined;
    this.done = true;
    if (this.condition !== undefined && this.condition(noColumns, 0) !== true) return undefined;
    return { length: 1, columns: [] };
  }

  close(): void {
    this.done = true;
  }
}

export class ValuesOperator implements Operator {
  private readonly runtime: Runtime;
  private readonly rows: readonly (readonly Evaluator[])[];
  private readonly width: number;
  private position = 0;

  constructor(node: PhysicalValues, runtime: Runtime) {
    this.runtime = runtime;
    this.width = node.types.length;
    this.rows = node.rows.map((row) =>
      row.map((expression) => compileExpression(expression, runtime)),
    );
  }

  open(): void {
    this.position = 0;
  }

  next(): Pulled {
    if (this.position >= this.rows.length) return undefined;
    if (this.runtime.pause()) return again;
    const columns: Datum[][] = [];
    for (let i = 0; i < this.width; i++) columns.push([]);
    const end = Math.min(this.position + batchRows, this.rows.length);
    const start = this.position;
    for (let row = start; row < end; row++) {
      const evaluators = this.rows[row];
      for (let i = 0; i < this.width; i++) columns[i].push(evaluators[i](noColumns, 0));
    }
    this.position = end;
    return { length: end - start, columns: columns.map(genericColumn) };
  }

  close(): void {
    this.position = this.rows.length;
  }
}

export class AppendOperator implements Operator {
  private readonly inputs: readonly Operator[];
  private position = 0;
  private started = false;

  constructor(node: PhysicalAppend, runtime: Runtime) {
    this.inputs = node.inputs.map((input) => runtime.buildOperator(input));
  }

  open(): void {
    this.close();
    this.position = 0;
  }

  next(): Pulled {
    while (this.position < this.inputs.length) {
      const input = this.inputs[this.position];
      if (!this.started) {
        input.open();
        this.started = true;
      }
      const batch = input.next();
      if (batch !== undefined) return batch;
      input.close();
      this.position++;
      this.started = false;
    }
    return undefined;
  }

  close(): void {
    if (this.started) this.inputs[this.position].close();
    this.started = false;
    this.position = this.inputs.length;
  }
}

/** A single value of an expression that is constant for the execution (LIMIT and the like). */
export function compileScalar(expression: Expression, runtime: Runtime): () => Datum {
  const evaluator = compileExpression(expression, runtime);
  return () => evaluator(noColumns, 0);
}
