// A table's rows as tuples: which layout each tuple version has, where a column stands in each of
// them, and what it is worth in rows that are older than the column.

import {
  type ColumnDescriptor,
  type Datum,
  asBuffer,
  defaultFormatSettings,
  type TableDescriptor,
  type TupleHeader,
  type TupleLayout,
  tupleLayout,
  tupleVersionOf,
  typeInput,
} from '#common';
import { assert } from '#common';

/** How one tuple version gives the attributes. */
export class RowVersion {
  readonly layout: TupleLayout;
  /** By attribute number - 1: the position in the tuple, -1 when the version lacks it. */
  readonly positions: readonly number[];

  constructor(layout: TupleLayout, positions: readonly number[]) {
    this.layout = layout;
    this.positions = positions;
  }
}

export class RowFormat {
  readonly columns: readonly ColumnDescriptor[];
  /** Versions that rows may be stored under, by version number. */
  readonly versions: readonly (RowVersion | undefined)[];
  /** The version that new rows get. */
  readonly newest: RowVersion;
  /** True when every row has the same layout. */
  readonly uniform: boolean;
  /** Rows are found by a number of their own, not by columns. */
  readonly hiddenKey: boolean;
  readonly #missing: readonly Datum[];
  /** Attribute numbers - 1 in the newest version's stored order. */
  readonly #storedOrder: readonly number[];

  constructor(table: TableDescriptor) {
    this.columns = table.columns;
    this.hiddenKey = table.keyColumns.length === 0;
    const versions: (RowVersion | undefined)[] = [];
    for (const version of table.tupleVersions) {
      const positions = table.columns.map((column) =>
        version.columns.findIndex((stored) => stored.attributeNumber === column.attributeNumber),
      );
      versions[version.version] = new RowVersion(tupleLayout(version), positions);
    }
    const last = table.tupleVersions.at(-1);
    assert(last !== undefined, 'a table has a tuple version');
    this.versions = versions;
    this.newest = versions[last.version]!;
    this.uniform = table.tupleVersions.length === 1;
    this.#missing = table.columns.map(missingValue);
    this.#storedOrder = last.columns.map((stored) => stored.attributeNumber - 1);
  }

  versionOf(buffer: Uint8Array, start: number): RowVersion {
    if (this.uniform) return this.newest;
    return this.versions[tupleVersionOf(buffer, start)]!;
  }
  /** The value of an attribute in rows whose version lacks it. */
  missing(attributeNumber: number): Datum {
    return this.#missing[attributeNumber - 1]!;
  }
  readAttribute(buffer: Buffer, start: number, end: number, attributeNumber: number): Datum {
    const version = this.versionOf(buffer, start);
    const position = version.positions[attributeNumber - 1];
    return position < 0
      ? this.missing(attributeNumber)
      : version.layout.readers[position](buffer, start, end);
  }
  /** All attributes by attribute number - 1; dropped ones are null. */
  decode(tuple: Uint8Array): Datum[] {
    const buffer = asBuffer(tuple);
    const version = this.versionOf(buffer, 0);
    const { readers } = version.layout;
    const row: Datum[] = [];
    for (let i = 0; i < this.columns.length; i++) {
      const position = version.positions[i];
      if (this.columns[i].dropped) row.push(null);
      else row.push(position < 0 ? this.#missing[i]! : readers[position](buffer, 0, buffer.length));
    }
    return row;
  }
  encode(row: readonly Datum[], header?: TupleHeader): Buffer {
    const order = this.#storedOrder;
    const values: Datum[] = new Array<Datum>(order.length);
    for (let i = 0; i < order.length; i++) values[i] = row[order[i]] ?? null;
    return this.newest.layout.encode(values, header);
  }
}

/** Are all stored rows of the one valid as they are for the other? */
export function haveSameTuples(left: TableDescriptor, right: TableDescriptor): boolean {
  const [[one, ...older], [other, ...others]] = [left.tupleVersions, right.tupleVersions];
  return (
    older.length === 0 &&
    others.length === 0 &&
    one.version === other.version &&
    one.columns.length === other.columns.length &&
    one.columns.every(({ attributeNumber, type }, position) => {
      const stored = other.columns[position];
      return (
        stored.attributeNumber === attributeNumber &&
        stored.type.oid === type.oid &&
        stored.type.typmod === type.typmod
      );
    })
  );
}

function missingValue(column: ColumnDescriptor): Datum {
  if (column.missingValue === undefined || column.dropped) return null;
  return typeInput(column.type.oid)(column.missingValue, column.type.typmod, defaultFormatSettings);
}
