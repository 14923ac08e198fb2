// Deferrable UNIQUE and PRIMARY KEY constraints: a row may share its key with another for a while. The
// key is locked when the row is written, so that two transactions do not both take it, and looked at
// when the statement is over or, deferred, at commit.

import {
  type ConstraintDescriptor,
  databaseError,
  type Datum,
  type IndexDescriptor,
  type TableDescriptor,
} from '#common';
import { RowLock, type TableAccess } from '#storage';
import type { ExecutionContext } from '../contract.ts';
import { valueText } from '../expression/text-conversion.ts';
import type { Runtime } from '../runtime.ts';

interface DeferredKey {
  readonly constraint: ConstraintDescriptor;
  readonly index: IndexDescriptor;
}

export class DeferredKeys {
  private readonly access: TableAccess;
  private readonly runtime: Runtime;
  private readonly keys: readonly DeferredKey[];

  private constructor(access: TableAccess, runtime: Runtime, keys: readonly DeferredKey[]) {
    this.access = access;
    this.runtime = runtime;
    this.keys = keys;
  }

  /** undefined: the table has no such constraint. */
  static of(
    table: TableDescriptor,
    access: TableAccess,
    runtime: Runtime,
  ): DeferredKeys | undefined {
    const keys = table.constraints.flatMap((constraint) => {
      if (constraint.type !== 'primary' && constraint.type !== 'unique') return [];
      const index = table.indexes.find(({ oid }) => oid === constraint.indexOid);
      return index?.deferrable === true ? [{ constraint, index }] : [];
    });
    return keys.length === 0 ? undefined : new DeferredKeys(access, runtime, keys);
  }

  /** A row that has been written; `before` is what it was, of an update. */
  written(row: readonly Datum[], before?: readonly Datum[]): void {
    for (const key of this.keys) {
      const values = valuesOf(key.index, row);
      if (before !== undefined && this.isSame(values, valuesOf(key.index, before))) continue;
      if (values.includes(null) && !key.index.nullsNotDistinct) continue;
      this.verifyLater(key, values);
    }
  }

  private isSame(left: readonly Datum[], right: readonly Datum[]): boolean {
    return left.every((value, at) => Object.is(value, right[at]));
  }

  private verifyLater(key: DeferredKey, values: readonly Datum[]): void {
    const { context } = this.runtime;
    const { constraint, index } = key;
    const bounds = this.access.indexBounds(index.oid, { equal: values });
    if (bounds === undefined) return;
    context.transaction.lock(index.treeId, bounds.lower ?? '', RowLock.update, {
      checkSnapshot: false,
    });
    const verify = (): void => {
      if (this.isTakenTwice(index, bounds, context)) throw this.violation(key, values, context);
    };
    const { session } = context;
    if (session.constraintsDeferred(constraint.oid, constraint.initiallyDeferred)) {
      session.deferConstraintCheck(verify);
    } else this.runtime.statementEndChecks.push(verify);
  }

  private isTakenTwice(
    { oid: indexOid }: IndexDescriptor,
    bounds: NonNullable<ReturnType<TableAccess['indexBounds']>>,
    context: ExecutionContext,
  ): boolean {
    const scan = this.access.openScan(context.transaction, {
      access: { kind: 'index', indexOid, bounds },
      sources: [{ kind: 'rowKey' }],
      view: { kind: 'latest' },
    });
    try {
      let count = 0;
      while (count < 2) {
        const batch = scan.nextBatch(2);
        if (batch === undefined) return false;
        count += batch.length;
      }
      return true;
    } finally {
      scan.close();
    }
  }

  private violation(
    { constraint, index }: DeferredKey,
    values: readonly Datum[],
    { catalog, functions }: ExecutionContext,
  ): Error {
    const { table } = this.access;
    const columns = index.columns.map(({ attributeNumber }) => table.columns[attributeNumber - 1]);
    const texts = values.map((value, at) =>
      value === null ? 'null' : valueText(value, columns[at].type.oid, functions),
    );
    const schema = catalog.schemaByOid(table.schemaOid)?.name;
    return databaseError(
      'uniqueViolation',
      `duplicate key value violates unique constraint "${constraint.name}"`,
      {
        detail: `Key (${columns.map(({ name }) => name).join(', ')})=(${texts.join(', ')}) already exists.`,
        ...(schema === undefined ? {} : { schema }),
        table: table.name,
        constraint: constraint.name,
      },
    );
  }
}

function valuesOf(index: IndexDescriptor, row: readonly Datum[]): Datum[] {
  return index.columns.map(({ attributeNumber }) => row[attributeNumber - 1] ?? null);
}
