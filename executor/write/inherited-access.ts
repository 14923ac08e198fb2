// A table and those that inherit from it, to readers and writers of its rows: values are laid out as
// the table's own attributes, keys carry the oid of the table that has the row (common/inherited-key.ts).

import { type Datum, keyWithin, rowKeyPrefix, type TableDescriptor, tableOfKey } from '#common';
import type { Catalog } from '#planner';
import {
  type CommitTimestamp,
  type Key,
  type LockPolicy,
  type ReadView,
  type RowLockMode,
  type RowReader,
  type RowSource,
  type TableAccess,
  tableAccess,
  type Transaction,
} from '#storage';

/** What rows of one of the tables look like. */
export interface Member {
  readonly table: TableDescriptor;
  readonly access: TableAccess;
  readonly prefix: string;
  toMember(row: readonly Datum[]): Datum[];
  fromMember(row: readonly Datum[]): Datum[];
  source(source: RowSource): RowSource;
}

/** The part of TableAccess that those who write, lock and return rows by key use. */
export type RowAccessByKey = Pick<
  TableAccess,
  | 'table'
  | 'readColumns'
  | 'tupleColumns'
  | 'decodeRow'
  | 'fetchForUpdate'
  | 'updateLock'
  | 'existsByIndex'
>;

export function hasMembers(table: TableDescriptor): boolean {
  return table.partitioning !== undefined || (table.children ?? []).length > 0;
}

export class InheritedAccess implements RowAccessByKey {
  readonly table: TableDescriptor;
  private readonly catalog: () => Catalog;
  private readonly members = new Map<number, Member>();
  /** Whose tuple fetchForUpdate() returned last: decodeRow() is asked for it next. */
  private last: Member | undefined = undefined;

  /** The catalog is asked for when rows are met, not before. */
  constructor(table: TableDescriptor, catalog: () => Catalog) {
    this.table = table;
    this.catalog = catalog;
  }

  member(oid: number): Member {
    let member = this.members.get(oid);
    if (member === undefined) {
      member = makeMember(this.table, this.catalog().tableByOid(oid)!);
      this.members.set(oid, member);
    }
    return member;
  }

  memberOf(key: Key): Member {
    return this.member(tableOfKey(key));
  }

  readColumns(
    reader: RowReader,
    key: Key,
    sources: readonly RowSource[],
    out: Datum[],
    view?: ReadView,
  ): boolean {
    const member = this.memberOf(key);
    const mapped = sources.map((source) => member.source(source));
    return member.access.readColumns(reader, keyWithin(key), mapped, out, view);
  }

  tupleColumns(
    tuple: Uint8Array,
    key: Key,
    from: CommitTimestamp,
    sources: readonly RowSource[],
    out: Datum[],
  ): void {
    const member = this.memberOf(key);
    const mapped = sources.map((source) => member.source(source));
    member.access.tupleColumns(tuple, keyWithin(key), from, mapped, out);
  }

  decodeRow(tuple: Uint8Array): Datum[] {
    return this.last!.fromMember(this.last!.access.decodeRow(tuple));
  }

  fetchForUpdate(
    transaction: Transaction,
    key: Key,
    mode: RowLockMode,
    policy?: LockPolicy,
  ): Uint8Array | 'skipped' | undefined {
    this.last = this.memberOf(key);
    return this.last.access.fetchForUpdate(transaction, keyWithin(key), mode, policy);
  }

  /** Keys of members may have more columns than the table's own: the strongest lock serves all. */
  updateLock(attributes: readonly number[]): RowLockMode {
    return tableAccess(this.table).updateLock(attributes);
  }

  existsByIndex(
    transaction: Transaction,
    indexOid: number,
    values: readonly Datum[],
    mode?: RowLockMode,
  ): boolean {
    const visit = (table: TableDescriptor, oid: number): boolean => {
      if (table.partitioning === undefined) {
        return tableAccess(table).existsByIndex(transaction, oid, values, mode);
      }
      return (table.children ?? []).some((childOid) => {
        const child = this.catalog().tableByOid(childOid);
        const index = child?.indexes.find(({ parentOid }) => parentOid === oid);
        return child !== undefined && index !== undefined && visit(child, index.oid);
      });
    };
    return visit(this.table, indexOid);
  }
}

/** Attributes correspond by name. */
function makeMember(parent: TableDescriptor, table: TableDescriptor): Member {
  const places = parent.columns.map((column) =>
    column.dropped
      ? 0
      : (table.columns.find((each) => each.name === column.name && !each.dropped)
          ?.attributeNumber ?? 0),
  );
  const isSame =
    parent.columns.length === table.columns.length &&
    places.every((place, at) => place === at + 1 || parent.columns[at].dropped);
  const width = table.columns.length;
  return {
    table,
    access: tableAccess(table),
    prefix: rowKeyPrefix(table.oid),
    toMember(row) {
      if (isSame) return row.slice();
      const mapped = new Array<Datum>(width).fill(null);
      places.forEach((place, at) => {
        if (place !== 0) mapped[place - 1] = row[at] ?? null;
      });
      return mapped;
    },
    fromMember(row) {
      if (isSame) return row.slice();
      return places.map((place) => (place === 0 ? null : row[place - 1]));
    },
    source: (source) =>
      source.kind === 'attribute' && !isSame
        ? { kind: 'attribute', attributeNumber: places[source.attributeNumber - 1] }
        : source,
  };
}

/** Access by key to a table's rows, or to those of all tables below it. */
export function accessByKey(table: TableDescriptor, catalog: () => Catalog): RowAccessByKey {
  return hasMembers(table) ? new InheritedAccess(table, catalog) : tableAccess(table);
}
