// Statements on one row by its key, run without operators and batches: what OLTP clients send most.
// Whatever is not recognised here runs through the operators, with the same results.

import { type Column, type Datum, columnValue } from '#common';
import type {
  PhysicalDelete,
  PhysicalInsert,
  PhysicalNode,
  PhysicalPlan,
  PhysicalUpdate,
} from '#planner';
import type { Key } from '#storage';
import type { ExecutionContext } from '../contract.ts';
import { isMutable } from '../expression/volatility.ts';
import { containsSubplan } from '../expression/walk.ts';
import { Assignments } from '../operators/assignments.ts';
import { buildOperator } from '../operators/build-operator.ts';
import { Runtime } from '../runtime.ts';
import { ReturningRows } from '../write/returning.ts';
import { hasMembers } from '../write/inherited-access.ts';
import { TableWriter } from '../write/table-writer.ts';
import { hasTriggers } from '../write/triggered-writer.ts';
import { callsRoutine } from '../routine-use.ts';
import { type RowProducer, compileRowProducer } from './row-producer.ts';

export interface FastPath {
  /**
   * Runs the statement to its end: at most one row. Returns how many rows were found or written; when
   * the statement returns columns, `values` is filled with the row, in the order of the plan's results.
   * Table locks and the statement's snapshot are the caller's business. May throw LockWait and
   * StatementRestart, as any execution.
   */
  execute(context: ExecutionContext, values: Datum[]): number;
  /** Does the statement return a row? Else `values` stays as it is. */
  readonly returnsRow: boolean;
  /** It reads one row by its key, computes from it what depends on nothing else, and locks nothing. */
  readonly readsOnly: boolean;
}

const known = new WeakMap<PhysicalPlan, FastPath | null>();

/** The fast path of a plan, if it has one. Compiled once. */
export function fastPath(plan: PhysicalPlan): FastPath | undefined {
  let path = known.get(plan);
  if (path === undefined) {
    path = compileFastPath(plan) ?? null;
    known.set(plan, path);
  }
  return path ?? undefined;
}

function compileFastPath(plan: PhysicalPlan): FastPath | undefined {
  if (plan.ctes.length > 0 || plan.subplans.length > 0) return undefined;
  const runtime = new Runtime(plan, buildOperator);
  const { root } = plan;
  if ('table' in root && (hasMembers(root.table) || hasTriggers(root.table))) return undefined;
  // Tables above may have triggers for the rows of a partition.
  if ('table' in root && root.kind !== 'scan' && root.table.partitionBound !== undefined)
    return undefined;
  // A routine may run the same plan again, and a fast path has one state.
  if (callsRoutine([root])) return undefined;
  switch (root.kind) {
    case 'insert':
      return compileInsert(root, runtime);
    case 'update':
      return compileUpdate(root, runtime);
    case 'delete':
      return compileDelete(root, runtime);
    default:
      return compileSelect(root, runtime);
  }
}

function compileSelect(root: PhysicalNode, runtime: Runtime): FastPath | undefined {
  const producer = compileRowProducer(root, runtime);
  if (producer === undefined) return undefined;
  const ordinals = runtime.plan.resultOrdinals;
  return {
    returnsRow: true,
    readsOnly: isKeyRead(root),
    execute: (context, values) => {
      runtime.begin(context);
      if (!producer.produce()) return 0;
      for (let i = 0; i < ordinals.length; i++) {
        values[i] = columnValue(producer.columns[ordinals[i]], 0);
      }
      return 1;
    },
  };
}

function isKeyRead(node: PhysicalNode): boolean {
  if (node.kind === 'project') return isKeyRead(node.input) && !node.expressions.some(isMutable);
  if (node.kind !== 'scan' || node.access.kind !== 'key') return false;
  const { equal } = node.access.range;
  const filters = node.filter === undefined ? [] : [node.filter];
  return ![...equal, ...filters].some(isMutable);
}

function compileInsert(node: PhysicalInsert, runtime: Runtime): FastPath | undefined {
  if (
    node.onConflict !== undefined ||
    node.assignments.some(({ value }) => containsSubplan(value))
  ) {
    return undefined;
  }
  const producer = compileRowProducer(node.source, runtime);
  if (producer === undefined) return undefined;
  const writer = new TableWriter(node.table, node.checks, runtime);
  const assignments = new Assignments(node.assignments, runtime);
  const result = returnedRow(node, writer, runtime);
  const width = node.table.columns.length;
  return statement(runtime, result, () => {
    if (!producer.produce()) return 0;
    const row: Datum[] = new Array<Datum>(width).fill(null);
    assignments.apply(row, producer.columns, 0);
    const key = writer.insert(row);
    result?.addWritten(key, row, producer.columns, 0);
    return 1;
  });
}

function compileUpdate(node: PhysicalUpdate, runtime: Runtime): FastPath | undefined {
  if (node.assignments.some(({ value }) => containsSubplan(value))) return undefined;
  const producer = compileRowProducer(node.source, runtime);
  if (producer === undefined) return undefined;
  const writer = new TableWriter(node.table, node.checks, runtime);
  const assignments = new Assignments(node.assignments, runtime);
  const result = returnedRow(node, writer, runtime);
  return statement(runtime, result, () => {
    const key = producedKey(producer, node.rowKey);
    if (key === undefined) return 0;
    const tuple = writer.fetchForUpdate(key, assignments.attributes);
    if (tuple === undefined) return 0;
    const before = writer.access.decodeRow(tuple);
    const after = before.slice();
    assignments.apply(after, producer.columns, 0);
    const newKey = writer.update(key, tuple, { before, after });
    result?.addWritten(newKey, after, producer.columns, 0);
    return 1;
  });
}

function compileDelete(node: PhysicalDelete, runtime: Runtime): FastPath | undefined {
  const producer = compileRowProducer(node.source, runtime);
  if (producer === undefined) return undefined;
  const writer = new TableWriter(node.table, [], runtime);
  const result = returnedRow(node, writer, runtime);
  return statement(runtime, result, () => {
    const key = producedKey(producer, node.rowKey);
    if (key === undefined) return 0;
    const tuple = writer.fetchForDelete(key);
    if (tuple === undefined) return 0;
    const row = writer.access.decodeRow(tuple);
    result?.addWritten(key, row, producer.columns, 0);
    writer.delete(key, tuple, row);
    return 1;
  });
}

function producedKey(producer: RowProducer, ordinal: number): Key | undefined {
  if (!producer.produce()) return undefined;
  const key = columnValue(producer.columns[ordinal], 0) as Key | null;
  return key ?? undefined;
}

function returnedRow(
  node: PhysicalInsert | PhysicalUpdate | PhysicalDelete,
  writer: TableWriter,
  runtime: Runtime,
): ReturningRows | undefined {
  if (node.returning === undefined) return undefined;
  return new ReturningRows(node.returning, node.source.types.length, writer.access, runtime);
}

/** Wraps a write: a new execution, the checks at the end of the statement, the row returned. */
function statement(
  runtime: Runtime,
  result: ReturningRows | undefined,
  write: () => number,
): FastPath {
  const ordinals = runtime.plan.resultOrdinals;
  return {
    returnsRow: result !== undefined,
    readsOnly: false,
    execute: (context, values) => {
      runtime.begin(context);
      result?.reset();
      const rows = write();
      for (const check of runtime.statementEndChecks) check();
      if (rows === 1 && result !== undefined) {
        const { columns } = result.take()!;
        for (let i = 0; i < ordinals.length; i++) values[i] = readFirst(columns, ordinals[i]);
      }
      return rows;
    },
  };
}

function readFirst(columns: readonly Column[], ordinal: number): Datum {
  return columnValue(columns[ordinal], 0);
}
