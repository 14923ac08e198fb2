// Exclusion constraints: a row that is written is held against all others of the table; when every
// operator holds between two of them, 23P01. Writers of such a table take turns (a lock on the
// constraint's index until the transaction ends), so that nobody misses a row that is not committed.

import {
  columnValue,
  type ConstraintDescriptor,
  databaseError,
  type Datum,
  genericColumn,
  type IndexDescriptor,
  notSupported,
  type TableDescriptor,
} from '#common';
import { functionRegistry, type FunctionContext } from '#functions';
import { type Key, RowLock, type TableAccess } from '#storage';
import type { ExecutionContext } from '../contract.ts';
import { compileExpression } from '../expression/compile-expression.ts';
import type { ExpressionEnvironment } from '../expression/environment.ts';
import { valueText } from '../expression/text-conversion.ts';
import { indexExpression } from './stored-expressions.ts';

type Row = readonly Datum[];
type Exclusion = Extract<ConstraintDescriptor, { readonly type: 'exclude' }>;

/** What of a Runtime is asked for. */
interface Scope {
  readonly context: ExecutionContext;
  readonly functions: FunctionContext;
  statementEndChecks: (() => void)[];
}

interface Compiled {
  readonly constraint: Exclusion;
  readonly index: IndexDescriptor;
  readonly types: readonly number[];
  values(row: Row): Datum[];
  includes(row: Row): boolean;
  excludes(left: Row, right: Row, functions: FunctionContext): boolean;
}

const rowsPerBatch = 1024;

export class ExclusionKeys {
  private readonly table: TableDescriptor;
  private readonly access: TableAccess;
  private readonly scope: Scope;
  private readonly constraints: readonly Exclusion[];
  private compiled: readonly Compiled[] | undefined = undefined;

  private constructor(
    table: TableDescriptor,
    access: TableAccess,
    scope: Scope,
    constraints: readonly Exclusion[],
  ) {
    this.table = table;
    this.access = access;
    this.scope = scope;
    this.constraints = constraints;
  }

  /** undefined: the table has no such constraint. */
  static of(
    table: TableDescriptor,
    access: TableAccess,
    scope: Scope,
    only?: number,
  ): ExclusionKeys | undefined {
    const constraints = table.constraints.filter(
      (constraint): constraint is Exclusion =>
        constraint.type === 'exclude' && (only === undefined || constraint.oid === only),
    );
    return constraints.length === 0
      ? undefined
      : new ExclusionKeys(table, access, scope, constraints);
  }

  /** A row that has been written under a key. */
  written(row: Row, key: Key): void {
    const { context } = this.scope;
    for (const each of this.compile()) {
      const values = each.values(row);
      if (values.includes(null) || !each.includes(row)) continue;
      const { constraint, index } = each;
      context.transaction.lock(index.treeId, 'x', RowLock.update, { checkSnapshot: false });
      const test = (): void => this.hold(each, values, key, 'conflicting', context);
      const { session } = context;
      if (!constraint.deferrable) test();
      else if (session.constraintsDeferred(constraint.oid, constraint.initiallyDeferred)) {
        session.deferConstraintCheck(test);
      } else this.scope.statementEndChecks.push(test);
    }
  }

  /** For ON CONFLICT DO NOTHING: a row that the new one could not stand beside. */
  conflictOf(row: Row): { readonly index: IndexDescriptor; readonly existing: Key } | undefined {
    const { context } = this.scope;
    for (const each of this.compile()) {
      const values = each.values(row);
      if (values.includes(null) || !each.includes(row)) continue;
      context.transaction.lock(each.index.treeId, 'x', RowLock.update, { checkSnapshot: false });
      const found = this.search(each, values, undefined, context);
      if (found.existing !== undefined) return { index: each.index, existing: found.existing };
    }
    return undefined;
  }

  /** Holds a row that is there against the others. */
  verify(row: Row, key: Key, verdict: 'conflicting' | 'could not create'): void {
    for (const each of this.compile()) {
      const values = each.values(row);
      if (values.includes(null) || !each.includes(row)) continue;
      this.hold(each, values, key, verdict, this.scope.context);
    }
  }

  private hold(
    each: Compiled,
    values: Row,
    key: Key,
    verdict: 'conflicting' | 'could not create',
    context: ExecutionContext,
  ): void {
    const { isThere, conflict } = this.search(each, values, key, context);
    // A deferred check may come after the row has gone.
    if (!isThere || conflict === undefined) return;
    throw this.violation(each, { values, conflict }, verdict, context);
  }

  /** Looks for a row other than that of `key` which the values exclude, and for that one itself. */
  private search(
    each: Compiled,
    values: Row,
    key: Key | undefined,
    context: ExecutionContext,
  ): { isThere: boolean; existing: Key | undefined; conflict: Row | undefined } {
    const scan = this.access.openScan(context.transaction, {
      access: { kind: 'full' },
      sources: [
        { kind: 'rowKey' },
        ...this.table.columns.map(({ attributeNumber }) => ({
          kind: 'attribute' as const,
          attributeNumber,
        })),
      ],
      view: { kind: 'latest' },
    });
    const found: { isThere: boolean; existing: Key | undefined; conflict: Row | undefined } = {
      isThere: false,
      existing: undefined,
      conflict: undefined,
    };
    try {
      for (;;) {
        const batch = scan.nextBatch(rowsPerBatch);
        if (batch === undefined) return found;
        context.interrupt.check();
        for (let at = 0; at < batch.length; at++) {
          const [otherKey, ...other] = batch.columns.map((column) => columnValue(column, at));
          if (otherKey === key) found.isThere = true;
          else if (found.conflict === undefined && each.includes(other)) {
            const theirs = each.values(other);
            if (theirs.includes(null) || !each.excludes(values, theirs, context.functions))
              continue;
            found.conflict = theirs;
            found.existing = otherKey as Key;
          }
        }
      }
    } finally {
      scan.close();
    }
  }

  private compile(): readonly Compiled[] {
    this.compiled ??= this.constraints.map((constraint) => this.compileOne(constraint));
    return this.compiled;
  }

  private compileOne(constraint: Exclusion): Compiled {
    const { table } = this;
    const { context } = this.scope;
    const index = table.indexes.find(({ oid }) => oid === constraint.indexOid)!;
    const cells = table.columns.map((): Datum[] => [null]);
    const columns = cells.map((cell) => genericColumn(cell));
    const environment: ExpressionEnvironment = {
      parameters: [],
      slots: [],
      functions: this.scope.functions,
      caseTest: null,
      subplan: () => {
        throw notSupported('a subquery in an exclusion constraint');
      },
    };
    const reader = (sql: string, place: 'indexExpression' | 'indexPredicate') => {
      const bound = indexExpression(sql, place, { table, scope: context });
      const evaluate = compileExpression(bound, environment);
      const read = (row: Row): Datum => {
        cells.forEach((cell, at) => (cell[0] = row[at] ?? null));
        return evaluate(columns, 0);
      };
      return { type: bound.type.oid, read };
    };
    const keys = index.columns.map(({ attributeNumber, expression }) =>
      expression === undefined
        ? {
            type: table.columns[attributeNumber - 1].type.oid,
            read: (row: Row): Datum => row[attributeNumber - 1] ?? null,
          }
        : reader(expression.sql, 'indexExpression'),
    );
    const types = keys.map(({ type }) => type);
    const predicate =
      index.predicate === undefined ? undefined : reader(index.predicate.sql, 'indexPredicate');
    const tests = constraint.operators.map((oid, at) => {
      const { functionOid } = functionRegistry.operatorByOid(oid)!;
      const callTypes = { argumentTypes: [types[at], types[at]], resultType: 16 };
      const apply = functionRegistry.scalar(functionOid, callTypes)!;
      return (functions: FunctionContext, left: Datum, right: Datum): boolean =>
        (apply as (context: FunctionContext, ...values: Datum[]) => Datum)(
          functions,
          left,
          right,
        ) === true;
    });
    return {
      constraint,
      index,
      types,
      values: (row) => keys.map(({ read }) => read(row)),
      includes: (row) => predicate === undefined || predicate.read(row) === true,
      excludes: (left, right, functions) =>
        tests.every((test, at) => test(functions, left[at], right[at])),
    };
  }

  private violation(
    { constraint, index, types }: Compiled,
    { values, conflict }: { readonly values: Row; readonly conflict: Row },
    verdict: 'conflicting' | 'could not create',
    { catalog, functions }: ExecutionContext,
  ): Error {
    const { table } = this;
    const names = index.columns
      .map(({ attributeNumber, expression }) =>
        expression === undefined ? table.columns[attributeNumber - 1].name : expression.sql,
      )
      .join(', ');
    const text = (row: Row): string =>
      row.map((value, at) => valueText(value, types[at], functions)).join(', ');
    const schema = catalog.schemaByOid(table.schemaOid)?.name;
    const isNew = verdict === 'conflicting';
    return databaseError(
      'exclusionViolation',
      isNew
        ? `conflicting key value violates exclusion constraint "${constraint.name}"`
        : `could not create exclusion constraint "${constraint.name}"`,
      {
        detail: isNew
          ? `Key (${names})=(${text(values)}) conflicts with existing key (${names})=(${text(conflict)}).`
          : `Key (${names})=(${text(values)}) conflicts with key (${names})=(${text(conflict)}).`,
        ...(schema === undefined ? {} : { schema }),
        table: table.name,
        constraint: constraint.name,
      },
    );
  }
}
