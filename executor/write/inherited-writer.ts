// Writes rows of a table that others inherit from: a new row of a partitioned table goes to the
// partition that its key says, an update may move one, and what is found by key is written where it
// lies. Values are laid out as the table's own attributes (inherited-access.ts).

import { DatabaseError, type Datum, keyWithin, type TableDescriptor } from '#common';
import type { PhysicalCheck } from '#planner';
import { type InsertConflict, type Key, RowLock, TableLock } from '#storage';
import type { Runtime } from '../runtime.ts';
import { hasMembers, InheritedAccess, type Member } from './inherited-access.ts';
import { PartitionCheck } from './partition-check.ts';
import { noPartition, partitionRouter, type PartitionRouter } from './partition-routing.ts';
import { tableChecks } from './stored-expressions.ts';
import { type PolicyCheckKind, RowChecks } from './row-checks.ts';
import { type RowWriter, TableWriter } from './table-writer.ts';
import { withTriggers } from './triggered-writer.ts';

type Row = readonly Datum[];

/** The writer of a table's rows, be they its own or of tables that inherit from it. */
export function openWriter(
  table: TableDescriptor,
  checks: readonly PhysicalCheck[],
  runtime: Runtime,
): RowWriter {
  return hasMembers(table)
    ? new InheritedWriter(table, checks, runtime)
    : withTriggers(new TableWriter(table, checks, runtime), runtime);
}

class InheritedWriter implements RowWriter {
  readonly table: TableDescriptor;
  readonly access: InheritedAccess;
  private readonly runtime: Runtime;
  private readonly writers = new Map<number, RowWriter>();
  private readonly routers = new Map<number, PartitionRouter>();

  /** Of row policies, and of views that the statement writes through; the members' own checks are with their writers. */
  private readonly rowChecks: RowChecks;

  /** Of a partition that is partitioned itself. */
  private readonly partition: PartitionCheck | undefined;

  constructor(table: TableDescriptor, checks: readonly PhysicalCheck[], runtime: Runtime) {
    this.table = table;
    this.runtime = runtime;
    this.partition =
      table.partitionBound === undefined ? undefined : new PartitionCheck(table, runtime);
    this.access = new InheritedAccess(table, () => runtime.context.catalog);
    this.rowChecks = new RowChecks(
      { ...table, columns: table.columns.map((column) => ({ ...column, notNull: false })) },
      checks.filter(({ rule }) => rule !== undefined),
      runtime,
    );
  }

  insert(row: Row): Key | undefined {
    const member = this.route(row, 'inserted');
    const written = member.toMember(row);
    const key = this.within(member, (writer) => writer.insert(written));
    this.takeOver(member, written, row);
    return key === undefined ? undefined : member.prefix + key;
  }

  insertOrConflict(
    row: Row,
    arbiters: readonly number[] | undefined,
  ): Key | InsertConflict | undefined {
    const member = this.route(row, 'inserted');
    const written = member.toMember(row);
    const own = arbiters?.map((oid) => memberIndex(this.access, this.table, member.table, oid));
    const outcome = this.within(member, (writer) => writer.insertOrConflict(written, own));
    this.takeOver(member, written, row);
    if (outcome === undefined) return undefined;
    if (typeof outcome === 'string') return member.prefix + outcome;
    return { ...outcome, existing: member.prefix + outcome.existing };
  }

  fetchForUpdate(key: Key, attributes: readonly number[]): Uint8Array | undefined {
    const mode = this.access.updateLock(attributes);
    const { partitioning } = this.table;
    const isMoved =
      partitioning?.keys.some(
        ({ attributeNumber }) => attributeNumber === 0 || attributes.includes(attributeNumber),
      ) ?? false;
    return this.fetch(key, isMoved || mode === RowLock.noKeyUpdate ? RowLock.update : mode);
  }

  fetchForDelete(key: Key): Uint8Array | undefined {
    return this.fetch(key, RowLock.update);
  }

  update(
    key: Key,
    oldTuple: Uint8Array,
    rows: { readonly before: Row; readonly after: Row },
  ): Key | undefined {
    const from = this.access.memberOf(key);
    if (this.table.partitioning === undefined) this.rowChecks.verify(rows.after, 'updated');
    // What the member has and the table does not stays as it is.
    const before = from.access.decodeRow(oldTuple);
    const after = overlay(from, before, rows.after);
    const writer = this.writer(from);
    const own = keyWithin(key);
    if (this.table.partitioning === undefined) {
      const kept = writer.update(own, oldTuple, { before, after });
      this.takeOver(from, after, rows.after);
      return kept === undefined ? undefined : from.prefix + kept;
    }
    // Where the row belongs is what BEFORE triggers leave of it.
    let whole = rows.after;
    if (writer.beforeUpdate !== undefined) {
      if (!writer.beforeUpdate(own, oldTuple, { before, after })) return undefined;
      whole = from.fromMember(after);
    }
    const to = this.route(whole, 'updated');
    if (to === from) {
      const kept = writer.update(own, oldTuple, { before, after }, true);
      this.takeOver(from, after, rows.after);
      return kept === undefined ? undefined : from.prefix + kept;
    }
    if (!writer.delete(own, oldTuple, before, true)) return undefined;
    const arrived = to.toMember(whole);
    const moved = this.writer(to).insert(arrived);
    this.takeOver(to, arrived, rows.after);
    writer.moved?.(before, after);
    return moved === undefined ? undefined : to.prefix + moved;
  }

  /** What triggers of the member have made of the row is what the statement returns. */
  private takeOver(member: Member, written: Row, row: Row): void {
    if (this.writer(member).beforeUpdate === undefined) return;
    const shown = member.fromMember(written);
    for (let at = 0; at < row.length; at++) (row as Datum[])[at] = shown[at];
  }

  delete(key: Key, oldTuple: Uint8Array, _row: Row): boolean {
    const member = this.access.memberOf(key);
    return this.writer(member).delete(keyWithin(key), oldTuple, member.access.decodeRow(oldTuple));
  }

  verifyStored(row: Row, kind: PolicyCheckKind): void {
    this.rowChecks.verifyPolicies(row, kind);
  }

  private fetch(key: Key, mode: (typeof RowLock)[keyof typeof RowLock]): Uint8Array | undefined {
    const fetched = this.access.fetchForUpdate(this.runtime.context.transaction, key, mode);
    return fetched === 'skipped' ? undefined : fetched;
  }

  /** The row layer knows no schemas, and the statement only names the table above. */
  private within<Result>(member: Member, write: (writer: RowWriter) => Result): Result {
    try {
      return write(this.writer(member));
    } catch (error) {
      if (error instanceof DatabaseError && error.table === member.table.name) {
        error.schema ??= this.runtime.context.catalog.schemaByOid(member.table.schemaOid)?.name;
      }
      throw error;
    }
  }

  private writer(member: Member): RowWriter {
    const { table } = member;
    const { context } = this.runtime;
    if (table.oid !== this.table.oid) {
      context.transaction.lockTable(table.oid, TableLock.rowExclusive);
    }
    let writer = this.writers.get(table.oid);
    if (writer === undefined) {
      const isRouted = this.table.partitioning !== undefined;
      const plain = new TableWriter(table, tableChecks(table, context), this.runtime, isRouted);
      writer = withTriggers(plain, this.runtime, context.catalog);
      this.writers.set(table.oid, writer);
    }
    return writer;
  }

  /** The table that takes a new row: the partition at the end of the way down. 23514. */
  private route(row: Row, event: 'inserted' | 'updated'): Member {
    this.rowChecks.verify(row, event);
    this.partition?.verify(row);
    const { catalog } = this.runtime.context;
    let { table } = this;
    let own = row;
    while (table.partitioning !== undefined) {
      const router = this.router(table);
      const oid = router.find(own);
      if (oid === undefined) {
        const schema = catalog.schemaByOid(table.schemaOid)?.name;
        throw noPartition(table, router.describe(own), schema);
      }
      table = catalog.tableByOid(oid)!;
      if (table.partitioning !== undefined) own = this.access.member(oid).toMember(row);
    }
    return this.access.member(table.oid);
  }

  private router(table: TableDescriptor): PartitionRouter {
    let router = this.routers.get(table.oid);
    if (router === undefined) {
      router = partitionRouter(table, this.runtime.context, this.runtime);
      this.routers.set(table.oid, router);
    }
    return router;
  }
}

function overlay(member: Member, before: Row, after: Row): Datum[] {
  const row = before.slice();
  const mapped = member.toMember(after);
  const kept = member.toMember(after.map(() => true));
  kept.forEach((isSet, at) => {
    if (isSet === true) row[at] = mapped[at];
  });
  return row;
}

/** The part of a partitioned table's index that a partition has. */
function memberIndex(
  access: InheritedAccess,
  parent: TableDescriptor,
  table: TableDescriptor,
  oid: number,
): number {
  if (table.oid === parent.oid) return oid;
  const [above] = table.parents ?? [];
  const indexAbove =
    above === undefined || above === parent.oid
      ? oid
      : memberIndex(access, parent, access.member(above).table, oid);
  return table.indexes.find(({ parentOid }) => parentOid === indexAbove)?.oid ?? oid;
}
