// Plans that make at most one row, without batches: a look-up by the whole primary key, VALUES with one
// row, SELECT without FROM, and projections and filters over them.

import type { Column, Datum } from '#common';
import type { PhysicalNode, PhysicalProject, PhysicalScan, PhysicalValues } from '#planner';
import { tableAccess } from '#storage';
import { compileExpression } from '../expression/compile-expression.ts';
import { noColumns } from '../expression/environment.ts';
import { containsSubplan } from '../expression/walk.ts';
import { isSingleRow } from '../operators/scan.ts';
import { compileReadView } from '../operators/read-view.ts';
import type { Runtime } from '../runtime.ts';
import { indexUse, tableUse } from '../use-counters.ts';
import { SingleRow } from '../write/single-row.ts';

export interface RowProducer {
  /** Holds the row after produce() returned true, until it is called again. */
  readonly columns: readonly Column[];
  produce(): boolean;
}

/** undefined: the node may make more than one row, or is not simple. */
export function compileRowProducer(node: PhysicalNode, runtime: Runtime): RowProducer | undefined {
  switch (node.kind) {
    case 'result':
      return node.condition === undefined && !node.empty
        ? { columns: noColumns, produce: () => true }
        : undefined;
    case 'values':
      return node.rows.length === 1 ? valuesProducer(node, runtime) : undefined;
    case 'scan':
      return scanProducer(node, runtime);
    case 'project':
      return projectProducer(node, runtime);
    default:
      return undefined;
  }
}

function valuesProducer(node: PhysicalValues, runtime: Runtime): RowProducer | undefined {
  const expressions = node.rows[0];
  if (expressions.some(containsSubplan)) return undefined;
  const evaluators = expressions.map((expression) => compileExpression(expression, runtime));
  const row = new SingleRow(evaluators.length);
  return {
    columns: row.columns,
    produce: () => {
      for (let i = 0; i < evaluators.length; i++) row.set(i, evaluators[i](noColumns, 0));
      return true;
    },
  };
}

function projectProducer(node: PhysicalProject, runtime: Runtime): RowProducer | undefined {
  const input = compileRowProducer(node.input, runtime);
  if (input === undefined || node.expressions.some(containsSubplan)) return undefined;
  const evaluators = node.expressions.map((expression) => compileExpression(expression, runtime));
  const row = new SingleRow(evaluators.length);
  return {
    columns: row.columns,
    produce: () => {
      if (!input.produce()) return false;
      for (let i = 0; i < evaluators.length; i++) row.set(i, evaluators[i](input.columns, 0));
      return true;
    },
  };
}

function scanProducer(node: PhysicalScan, runtime: Runtime): RowProducer | undefined {
  if (node.table.materialized !== undefined) return undefined;
  if (!isSingleRow(node) || node.access.kind !== 'key' || node.access.range.anyOf !== undefined)
    return undefined;
  if (node.filter !== undefined && containsSubplan(node.filter)) return undefined;
  const { equal } = node.access.range;
  if (equal.some(containsSubplan)) return undefined;
  const keys = equal.map((expression) => compileExpression(expression, runtime));
  const filter = node.filter === undefined ? undefined : compileExpression(node.filter, runtime);
  const view = compileReadView(node.temporal, runtime);
  const access = tableAccess(node.table);
  const { sources } = node;
  const use = tableUse(node.table.oid);
  const keyUse = indexUse(node.table.indexes.find((index) => index.clustered)?.oid ?? 0);
  const row = new SingleRow(sources.length);
  const out: Datum[] = new Array<Datum>(sources.length).fill(null);
  const keyValues: Datum[] = keys.map(() => null);
  return {
    columns: row.columns,
    produce: () => {
      for (let i = 0; i < keys.length; i++) {
        const value = keys[i](noColumns, 0);
        if (value === null) return false;
        keyValues[i] = value;
      }
      if (!access.readColumns(runtime.reader, access.keyOf(keyValues), sources, out, view()))
        return false;
      use.indexScans++;
      use.indexRows++;
      keyUse.scans++;
      keyUse.entries++;
      for (let i = 0; i < out.length; i++) row.set(i, out[i]);
      return filter === undefined || filter(row.columns, 0) === true;
    },
  };
}
