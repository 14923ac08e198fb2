// GENERATED ALWAYS AS (…) STORED columns of rows that BEFORE triggers have changed: they are computed
// after the triggers, which see them as null.

import type { Datum, TableDescriptor } from '#common';
import { bindStoredExpression } from '#planner';
import { compileExpression } from '../expression/compile-expression.ts';
import type { Evaluator } from '../expression/environment.ts';
import type { Runtime } from '../runtime.ts';
import { SingleRow } from './single-row.ts';

interface GeneratedColumn {
  readonly position: number;
  readonly value: Evaluator;
}

export class GeneratedColumns {
  private readonly table: TableDescriptor;
  private readonly runtime: Runtime;
  private readonly positions: readonly number[];
  private columns: readonly GeneratedColumn[] | undefined = undefined;
  private readonly row: SingleRow;
  private kept: Datum[] = [];

  constructor(table: TableDescriptor, runtime: Runtime) {
    this.table = table;
    this.runtime = runtime;
    this.positions = table.columns
      .filter((column) => column.generated !== undefined && !column.dropped)
      .map((column) => column.attributeNumber - 1);
    this.row = new SingleRow(this.positions.length === 0 ? 0 : table.columns.length);
  }

  clear(row: Datum[]): void {
    if (this.positions.length === 0) return;
    this.kept = this.positions.map((position) => row[position]);
    for (const position of this.positions) row[position] = null;
  }

  compute(row: Datum[], isChanged: boolean): void {
    if (this.positions.length === 0) return;
    if (!isChanged) {
      this.positions.forEach((position, at) => {
        row[position] = this.kept[at];
      });
      return;
    }
    this.columns ??= this.compile();
    row.forEach((value, position) => this.row.set(position, value));
    for (const { position, value } of this.columns) row[position] = value(this.row.columns, 0);
  }

  private compile(): GeneratedColumn[] {
    const { catalog, functions } = this.runtime.context;
    return this.positions.map((position) => {
      const column = this.table.columns[position];
      const { expression } = bindStoredExpression(column.generated!.sql, {
        place: 'generated',
        table: this.table,
        column,
        context: {
          catalog,
          searchPath: functions.searchPath,
          currentUser: functions.currentUser,
          formatSettings: functions,
        },
      });
      return { position, value: compileExpression(expression, this.runtime) };
    });
  }
}
