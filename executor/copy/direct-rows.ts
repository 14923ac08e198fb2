// COPY's text and csv formats straight into tuples: lines are cut and their fields written without a
// string or a value in between. Only plain lines are taken (no escape, no quote, the right number of
// fields, every value in its usual form); the first other one stops the taking, and the reader that knows
// everything goes on from there.

import { isUtf8 } from 'node:buffer';
import {
  TupleAssembly,
  tupleLayout,
  type ColumnDescriptor,
  type ColumnPlace,
  type TableDescriptor,
} from '#common';
import type { FunctionContext } from '#functions';
import type { PhysicalPlan } from '#planner';
import { hasComputedIndexes } from '../write/index-computations.ts';
import type { CopyOptions } from './copy-options.ts';
import { fieldWriter, type FieldWriter } from './direct-fields.ts';

const newline = 10;
const backslash = 92;
const letterN = 78;

/** What a byte is to the cutter. */
const Kind = { plain: 0, delimiter: 1, newline: 2, special: 3, beyondAscii: 4 } as const;

interface StoredColumn {
  readonly place: ColumnPlace;
  /** Its place among the fields of a line; -1: the column is not copied, so it is null. */
  readonly field: number;
  readonly notNull: boolean;
  readonly write: FieldWriter;
}

export interface DirectTarget {
  readonly table: TableDescriptor;
  /** In the order of the fields. */
  readonly columns: readonly ColumnDescriptor[];
}

/** Can rows of this COPY go straight into tuples? The rest needs values: defaults, checks, keys of others. */
export function takesDirectRows(
  target: DirectTarget,
  plan: PhysicalPlan,
  options: CopyOptions,
): boolean {
  const { root } = plan;
  const { table, columns } = target;
  return (
    root.kind === 'insert' &&
    root.source.kind === 'feed' &&
    root.checks.length === 0 &&
    columns.length > 0 &&
    root.assignments.every(({ attributeNumber, value }) =>
      value.kind === 'input'
        ? columns[value.ordinal].attributeNumber === attributeNumber
        : value.kind === 'constant' && value.value === null,
    ) &&
    columns.every(({ type }) => type.oid < 16_384) &&
    table.constraints.every((constraint) => constraint.type !== 'foreign') &&
    !hasComputedIndexes(table) &&
    table.partitionBound === undefined &&
    formIsPlain(options)
  );
}

function formIsPlain(options: CopyOptions): boolean {
  const { format, nullText, forceNull, forceNotNull } = options;
  if (format === 'text') return nullText === '\\N';
  return format === 'csv' && nullText === '' && forceNull.length === 0 && forceNotNull.length === 0;
}

/** The rest of a longer line is collected by the general reader. */
const lineBytesMax = 1 << 20;

export class DirectRows {
  /** Rows taken so far. */
  rowCount = 0;
  private readonly kinds = new Uint8Array(256);
  private readonly fieldCount: number;
  private readonly emptyIsNull: boolean;
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  private readonly assembly: TupleAssembly;
  private readonly fixed: readonly StoredColumn[];
  private readonly variable: readonly StoredColumn[];
  private readonly sink: (buffer: Buffer, end: number) => void;
  private ascii = true;
  private rest = Buffer.alloc(0);

  constructor(
    { table, columns }: DirectTarget,
    options: CopyOptions,
    functions: FunctionContext,
    sink: (buffer: Buffer, end: number) => void,
  ) {
    this.sink = sink;
    this.fieldCount = columns.length;
    this.emptyIsNull = options.format === 'csv';
    this.starts = new Int32Array(columns.length);
    this.ends = new Int32Array(columns.length);
    this.markKinds(options);
    const version = table.tupleVersions.at(-1)!;
    const layout = tupleLayout(version);
    this.assembly = new TupleAssembly(layout);
    const stored = version.columns.map(({ attributeNumber }, position): StoredColumn => {
      const field = columns.findIndex((column) => column.attributeNumber === attributeNumber);
      const column = table.columns[attributeNumber - 1];
      const write = fieldWriter(column, functions);
      return { place: layout.columns[position], field, notNull: column.notNull, write };
    });
    this.fixed = stored.filter(({ place }) => place.codec.width !== 0);
    this.variable = stored.filter(({ place }) => place.codec.width === 0);
  }

  private markKinds(options: CopyOptions): void {
    const { kinds } = this;
    kinds.fill(Kind.beyondAscii, 128);
    const special = ['\0', '\r', '\\'];
    if (options.format === 'csv') special.push(options.quote, options.escape);
    for (const character of special) kinds[character.charCodeAt(0)] = Kind.special;
    kinds[options.delimiter.charCodeAt(0)] = Kind.delimiter;
    kinds[newline] = Kind.newline;
  }

  /** Takes what it can; answers the bytes that it leaves, undefined when all lines were taken. */
  take(chunk: Buffer): Buffer | undefined {
    let from = 0;
    if (this.rest.length > 0) {
      const end = chunk.indexOf(newline);
      if (end < 0) {
        if (this.rest.length > lineBytesMax) return this.leave(chunk);
        this.rest = Buffer.concat([this.rest, chunk]);
        return undefined;
      }
      const line = Buffer.concat([this.rest, chunk.subarray(0, end + 1)]);
      if (this.takeLines(line, 0, line.length) < line.length) return this.leave(chunk);
      from = end + 1;
      this.rest = Buffer.alloc(0);
    }
    const end = chunk.lastIndexOf(newline) + 1;
    if (end > from) {
      const taken = this.takeLines(chunk, from, end);
      if (taken < end) return chunk.subarray(taken);
    }
    this.rest = Buffer.from(chunk.subarray(Math.max(from, end)));
    return undefined;
  }

  /** The bytes of an unfinished line, which this forgets, and those after them. */
  leave(chunk: Buffer): Buffer {
    const left = Buffer.concat([this.rest, chunk]);
    this.rest = Buffer.alloc(0);
    return left;
  }

  /** Answers where the first line begins that it did not take. */
  private takeLines(bytes: Buffer, from: number, end: number): number {
    if (!isUtf8(bytes.subarray(from, end))) return from;
    let at = from;
    while (at < end) {
      const next = this.cut(bytes, at);
      if (next < 0 || !this.assemble(bytes)) return at;
      this.sink(this.assembly.writer.buffer, this.assembly.writer.position);
      this.rowCount++;
      at = next;
    }
    return at;
  }

  /** Finds the fields of the line; answers where the next begins, -1 for a line that is not plain. */
  private cut(bytes: Buffer, from: number): number {
    const { kinds, starts, ends, fieldCount } = this;
    let field = 0;
    let start = from;
    this.ascii = true;
    for (let at = from; ; at++) {
      const kind = kinds[bytes[at]];
      if (kind === Kind.plain) continue;
      if (kind === Kind.beyondAscii) {
        this.ascii = false;
        continue;
      }
      if (kind === Kind.special) {
        if (at !== start || !this.isNullMark(bytes, at)) return -1;
        at++;
        continue;
      }
      if (field === fieldCount) return -1;
      // Every other backslash has ended the line already.
      const isNull = at === start ? this.emptyIsNull : bytes[start] === backslash;
      starts[field] = start;
      ends[field] = isNull ? -1 : at;
      field++;
      start = at + 1;
      if (kind === Kind.newline) return field === fieldCount ? start : -1;
    }
  }

  /** \N as a whole field of the text format. */
  private isNullMark(bytes: Buffer, at: number): boolean {
    if (this.emptyIsNull || bytes[at] !== backslash || bytes[at + 1] !== letterN) return false;
    const after = this.kinds[bytes[at + 2]];
    return after === Kind.delimiter || after === Kind.newline;
  }

  private assemble(bytes: Buffer): boolean {
    const { assembly, starts, ends, ascii } = this;
    const { writer } = assembly;
    assembly.begin();
    for (const { place, field, notNull, write } of this.fixed) {
      if (field < 0 || ends[field] < 0) {
        if (notNull) return false;
        assembly.setNull(place);
        continue;
      }
      assembly.placeFixed(place);
      if (!write(writer, bytes, starts[field], ends[field], ascii)) return false;
    }
    assembly.placeVariable();
    for (const { place, field, notNull, write } of this.variable) {
      if (field < 0 || ends[field] < 0) {
        if (notNull) return false;
        assembly.setNull(place);
        continue;
      }
      if (!write(writer, bytes, starts[field], ends[field], ascii)) return false;
      assembly.endVariable(place);
    }
    return assembly.finish(!ascii);
  }
}
