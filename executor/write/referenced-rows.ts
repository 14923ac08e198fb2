// The foreign keys of a table that is written: every key value must exist in the referenced table. The
// check runs at once and locks the row found. When it fails, the row may still come later in the same
// statement (self-references) or transaction (deferred constraints): then it runs once more at the end, for rows that
// are still there by then.

import type { Datum, TableDescriptor } from '#common';
import type { ExecutionContext } from '../contract.ts';
import type { Runtime } from '../runtime.ts';
import { accessByKey } from './inherited-access.ts';
import { findReferencing } from './find-referencing.ts';
import {
  type ForeignKey,
  attributeValues,
  columnType,
  isForeignKey,
  keyConversion,
  missingReferencedRow,
  mixedNulls,
  sameValues,
} from './foreign-key.ts';

type ExistenceTest = (values: readonly Datum[], context: ExecutionContext) => boolean;

interface OutgoingKey extends ForeignKey {
  /** Does the referenced table have a row with these values (by the constraint's columns)? */
  readonly exists: ExistenceTest;
}

export class ReferencedRows {
  private readonly runtime: Runtime;
  private readonly table: TableDescriptor;
  private keys: readonly OutgoingKey[] | undefined = undefined;
  private readonly hasKeys: boolean;

  constructor(table: TableDescriptor, runtime: Runtime) {
    this.runtime = runtime;
    this.table = table;
    this.hasKeys = table.constraints.some(isForeignKey);
  }

  /** A new row, by attribute number - 1. 23503. */
  verify(row: readonly Datum[]): void {
    if (!this.hasKeys) return;
    for (const key of this.resolve()) this.verifyKey(key, row);
  }

  verifyChange(before: readonly Datum[], after: readonly Datum[]): void {
    if (!this.hasKeys) return;
    for (const key of this.resolve()) {
      if (!sameValues(this.table, key.constraint.columns, before, after))
        this.verifyKey(key, after);
    }
  }

  private resolve(): readonly OutgoingKey[] {
    this.keys ??= this.table.constraints.filter(isForeignKey).map((constraint) => {
      const { catalog } = this.runtime.context;
      const referenced =
        constraint.referencedTable === this.table.oid
          ? this.table
          : catalog.tableByOid(constraint.referencedTable)!;
      const key: ForeignKey = { constraint, referencing: this.table, referenced };
      return { ...key, exists: existenceTest(key) };
    });
    return this.keys;
  }

  private verifyKey(key: OutgoingKey, row: readonly Datum[]): void {
    const { constraint } = key;
    const values = attributeValues(row, constraint.columns);
    if (values.includes(null)) {
      if (constraint.match === 'full' && values.some((value) => value !== null)) {
        throw mixedNulls(key, this.runtime.context);
      }
      return;
    }
    const { context } = this.runtime;
    if (key.exists(values, context)) return;
    const again = (isThere: boolean): void => {
      if (key.exists(values, context)) return;
      if (isThere || this.isStillThere(key, values, context))
        throw missingReferencedRow(key, values, context);
    };
    const { session } = context;
    // The rows of a bulk load cannot be read, and nothing else changes them meanwhile.
    const load = context.bulkLoad?.tableOid === this.table.oid ? context.bulkLoad.load : undefined;
    if (
      constraint.deferrable &&
      session.constraintsDeferred(constraint.oid, constraint.initiallyDeferred)
    ) {
      session.deferConstraintCheck(() => again(load?.isHidden === true));
    } else {
      this.runtime.statementEndChecks.push(() => again(load !== undefined));
    }
  }

  /** Does a row with this foreign key remain, or has it been deleted or changed since it was written? */
  private isStillThere(
    { constraint }: ForeignKey,
    values: readonly Datum[],
    context: ExecutionContext,
  ): boolean {
    const own: ForeignKey = {
      constraint: { ...constraint, referencedColumns: constraint.columns },
      referencing: this.table,
      referenced: this.table,
    };
    return findReferencing(own, values, this.runtime, 1, context).length > 0;
  }
}

function existenceTest(key: ForeignKey): ExistenceTest {
  const { constraint, referencing, referenced } = key;
  const index = referenced.indexes.find(
    (candidate) => candidate.oid === constraint.referencedIndex,
  )!;
  const columns = index.columns.map((column) => {
    const position = constraint.referencedColumns.indexOf(column.attributeNumber);
    const convert = keyConversion(
      columnType(referencing, constraint.columns[position]),
      columnType(referenced, column.attributeNumber),
    );
    return { position, convert };
  });
  return (values, context) =>
    accessByKey(referenced, () => context.catalog).existsByIndex(
      context.transaction,
      index.oid,
      columns.map(({ position, convert }) =>
        convert === undefined ? values[position]! : convert(values[position], context.functions),
      ),
    );
}
