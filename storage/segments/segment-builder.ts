// Builds the segment files of ranges of a table's keys from one LMDB snapshot: versions that are current
// in runs of up to eight blocks, and for the keys of each run the versions that have ended. Memory
// holds the encoded blocks of one file of each kind.

import { existsSync, mkdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import {
  blockRows,
  type Datum,
  hasValidPeriod,
  type TableDescriptor,
  tupleHeader,
  TypeOid,
  type Vector,
} from '#common';
import type { CommitTimestamp, Key, KeyBounds } from '../contract.ts';
import type { SegmentEntry } from '../pages/segment-directory.ts';
import type { SegmentReplacement } from '../pages/segment-install.ts';
import type { PageCursor } from '../page-store.ts';
import type { openNewestSnapshot } from '../shared-snapshot.ts';
import { RowRun } from '../table/column-batch.ts';
import type { RowSource } from '../table/contract.ts';
import { openRowRuns } from '../table/row-scan.ts';
import { scanShape, tableAccess } from '../table/table-access.ts';
import { datumVector, integerVector } from './datum-vectors.ts';
import { runVectors } from './run-vectors.ts';
import { SystemColumn } from './segment-format.ts';
import { type SegmentColumn, SegmentWriter } from './segment-writer.ts';

const blocksPerFile = 8;
/** A file is complete past this, however few its rows are. */
const fileBytesMax = 16 << 20;
/** Tuples of one block. */
const blockBytesMax = 8 << 20;
const rowsPerBlockMin = 64;

export interface BuildTask {
  readonly folder: string;
  readonly table: TableDescriptor;
  /** Prefix of the files' names, of this build only. */
  readonly name: string;
  readonly ranges: readonly { readonly lower: Key; readonly upper: Key | undefined }[];
}

export interface BuildResult {
  readonly builtAt: CommitTimestamp;
  readonly replacements: readonly SegmentReplacement[];
}

type NewestSnapshot = ReturnType<typeof openNewestSnapshot>;

/** Files are synced when it returns, their directory is not. When it throws, it leaves none. */
export function buildSegments(snapshot: NewestSnapshot, task: BuildTask): BuildResult {
  const builder = new SegmentBuilder(snapshot, task);
  try {
    const replacements = task.ranges.map((range) => ({ ...range, entries: builder.build(range) }));
    return { builtAt: snapshot.lastCommit, replacements };
  } catch (error) {
    builder.removeFiles();
    throw error;
  }
}

class SegmentBuilder {
  readonly #snapshot: NewestSnapshot;
  readonly #task: BuildTask;
  readonly #sources: readonly RowSource[];
  readonly #columns: readonly SegmentColumn[];
  readonly #blockRows: number;
  readonly #hasHiddenKey: boolean;
  readonly #files: string[] = [];
  #before: SegmentWriter | undefined;

  constructor(snapshot: NewestSnapshot, task: BuildTask) {
    const { table } = task;
    this.#snapshot = snapshot;
    this.#task = task;
    this.#hasHiddenKey = table.keyColumns.length === 0;
    const attributes = table.columns.filter((column) => !column.dropped);
    this.#sources = attributes.map(({ attributeNumber }) => ({
      kind: 'attribute',
      attributeNumber,
    }));
    this.#columns = [
      ...attributes.map(({ attributeNumber, type }) => ({
        attribute: attributeNumber,
        typeOid: type.oid,
      })),
      ...[SystemColumn.from, SystemColumn.to, SystemColumn.validFrom, SystemColumn.validTo].map(
        (attribute) => ({ attribute, typeOid: TypeOid.int8 }),
      ),
      ...(this.#hasHiddenKey ? [{ attribute: SystemColumn.rowId, typeOid: TypeOid.int8 }] : []),
    ];
    const { rowBytes } = snapshot.pages.estimate(table.treeId);
    const fitting = Math.floor(blockBytesMax / Math.max(rowBytes, 1));
    this.#blockRows = Math.max(rowsPerBlockMin, Math.min(blockRows, fitting));
    mkdirSync(task.folder, { recursive: true });
  }

  build(range: { readonly lower: Key; readonly upper: Key | undefined }): SegmentEntry[] {
    const { table } = this.#task;
    const { reader } = this.#snapshot;
    const bounds = { lower: range.lower === '' ? undefined : range.lower, upper: range.upper };
    const withKeys: RowSource[] = [
      ...this.#sources,
      { kind: 'pseudo', name: '_tx_from' },
      { kind: 'rowKey' },
    ];
    const shape = scanShape(tableAccess(table), reader, withKeys);
    const tree = table.treeId;
    const runs = openRowRuns(reader, { tree, bounds, backward: false, view: undefined, shape });
    const entries: SegmentEntry[] = [];
    let lower = range.lower;
    let writer: SegmentWriter | undefined;
    for (;;) {
      const run = runs.nextRun(this.#blockRows);
      const firstKey = run?.keys![0];
      const isComplete =
        writer !== undefined &&
        (run === undefined || writer.blockCount >= blocksPerFile || writer.bytes >= fileBytesMax);
      if (isComplete) {
        const upper = firstKey ?? range.upper;
        entries.push(this.#finishEntry(writer, { lower, upper }));
        writer = undefined;
        lower = firstKey ?? lower;
      }
      if (run === undefined) break;
      writer ??= this.#newFile('current');
      this.#addBlock(writer, run);
    }
    // Keys without a current version may have had others.
    if (entries.length === 0) entries.push(this.#finishEntry(undefined, range));
    return entries;
  }

  #finishEntry(
    writer: SegmentWriter | undefined,
    range: { readonly lower: Key; readonly upper: Key | undefined },
  ): SegmentEntry {
    let bytes = 0;
    const save = (file: SegmentWriter): string => {
      const name = `${this.#task.name}-${this.#files.length}.segment`;
      this.#files.push(name);
      bytes += file.write(join(this.#task.folder, name));
      return name;
    };
    const current = writer === undefined ? undefined : save(writer);
    const lower = range.lower === '' ? undefined : range.lower;
    // Where history is pruned, the row store alone knows what is left of it.
    const history =
      this.#task.table.retentionMicros === undefined
        ? this.#buildHistory({ lower, upper: range.upper }, save)
        : undefined;
    const rows = writer?.rows ?? 0;
    return {
      lower: range.lower,
      builtAt: this.#snapshot.lastCommit,
      current,
      history,
      rows,
      bytes,
    };
  }
  #buildHistory(bounds: KeyBounds, save: (file: SegmentWriter) => string): string[] {
    const cursor = this.#snapshot.pages.scanHistory(this.#task.table.treeId, bounds, false);
    const names: string[] = [];
    let writer: SegmentWriter | undefined;
    for (;;) {
      const run = this.#historyRun(cursor);
      if (run === undefined) break;
      writer ??= this.#newFile('history');
      this.#addBlock(writer, run);
      if (writer.blockCount < blocksPerFile && writer.bytes < fileBytesMax) continue;
      names.push(save(writer));
      writer = undefined;
    }
    if (writer !== undefined) names.push(save(writer));
    return names;
  }
  #historyRun(cursor: PageCursor): RowRun | undefined {
    const run = new RowRun([{ kind: 'rowKey' }, { kind: 'pseudo', name: '_tx_from' }]);
    let bytes = 0;
    while (run.length < blockRows && bytes < blockBytesMax && cursor.next()) {
      const copy = Buffer.from(cursor.value);
      run.keys!.push(cursor.key);
      run.froms!.push(cursor.from);
      run.tos!.push(cursor.to);
      run.tuples.push(copy, 0, copy.length);
      bytes += copy.length;
    }
    return run.length === 0 ? undefined : run;
  }

  #newFile(kind: 'current' | 'history'): SegmentWriter {
    const { treeId: tree } = this.#task.table;
    const identity = { tree, kind, builtAt: this.#snapshot.lastCommit };
    const writer = new SegmentWriter(identity, this.#columns, this.#before);
    this.#before = writer;
    return writer;
  }
  #addBlock(writer: SegmentWriter, run: RowRun): void {
    const shape = scanShape(tableAccess(this.#task.table), this.#snapshot.reader, this.#sources);
    const vectors = runVectors(shape, run);
    const { length } = run;
    vectors.push(timeVector(run.froms!, length), timeVector(run.tos!, length));
    vectors.push(...validPeriods(run));
    if (this.#hasHiddenKey) vectors.push(rowIds(run.keys!, length));
    writer.addBlock(vectors, length, run.keys![0]);
  }

  removeFiles(): void {
    for (const name of this.#files) {
      const path = join(this.#task.folder, name);
      if (existsSync(path)) unlinkSync(path);
    }
  }
}

function timeVector(times: readonly CommitTimestamp[], length: number): Vector {
  return integerVector(Float64Array.from(times.slice(0, length)), 0, undefined);
}
/** Nulls where the period is the usual one: from the recording, without end. */
function validPeriods({ tuples, length }: RowRun): [Vector, Vector] {
  let froms: Datum[] | undefined;
  let tos: Datum[] | undefined;
  for (let row = 0; row < length; row++) {
    if (!hasValidPeriod(tuples.buffers[row], tuples.starts[row])) continue;
    const { validFrom = null, validTo = null } = tupleHeader(
      tuples.buffers[row],
      tuples.starts[row],
    );
    froms ??= new Array<Datum>(length).fill(null);
    tos ??= new Array<Datum>(length).fill(null);
    froms[row] = validFrom;
    tos[row] = validTo;
  }
  if (froms === undefined || tos === undefined) return [allNull(length), allNull(length)];
  return [datumVector('integer', froms), datumVector('integer', tos)];
}
function allNull(length: number): Vector {
  const nulls = new Uint8Array(length).fill(1);
  return { kind: 'integer', values: new Int32Array(length), scale: 0, min: 0, max: 0, nulls };
}
function rowIds(keys: readonly Key[], length: number): Vector {
  const ids = new Float64Array(length);
  for (let row = 0; row < length; row++) {
    let id = 0;
    for (let i = 0; i < 8; i++) id = id * 256 + keys[row].charCodeAt(i);
    ids[row] = id;
  }
  return integerVector(ids, 0, undefined);
}
