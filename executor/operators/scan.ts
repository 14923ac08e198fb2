// Reads a table: all rows, a range of the primary key, a range of an index, or the rows that an inverted
// index names; the filter is applied batch by batch. A look-up of one row by its whole primary key reads the row without a cursor.

import {
  type Batch,
  type Datum,
  type Expression,
  batchRows,
  genericColumn,
  databaseError,
} from '#common';
import type { PhysicalScan, ScanSource } from '#planner';
import {
  type DatumRange,
  type Key,
  type RowAccess,
  type TableAccess,
  type TableScan,
  tableAccess,
} from '#storage';
import { again } from '../contract.ts';
import { compileExpression } from '../expression/compile-expression.ts';
import { type Evaluator, type FilterKernel, noColumns } from '../expression/environment.ts';
import { compileFilter } from '../expression/filter.ts';
import { isVolatile } from '../expression/volatility.ts';
import { containsSubplan } from '../expression/walk.ts';
import { slowBatchRows } from '../limits.ts';
import { gatherBatch } from '../rows/gather.ts';
import type { Runtime } from '../runtime.ts';
import { indexUse, type IndexUse, tableUse, type TableUse } from '../use-counters.ts';
import { prepareIndexComputations } from '../write/index-computations.ts';
import { type EvaluateRanges, compileKeyRange } from './key-range.ts';
import { LateError } from './late-error.ts';
import type { Operator, Pulled } from './operator.ts';
import { type EvaluateView, compileReadView } from './read-view.ts';
import { IndexKeySearch } from './index-key-search.ts';
import { InvertedKeySearch } from './inverted-key-search.ts';

/** The first batch is small, for statements that want a few rows; each next one is twice as large. */
const firstBatchRows = 64;

const everything: readonly DatumRange[] = [{ equal: [] }];

export class ScanOperator implements Operator {
  private readonly runtime: Runtime;
  private readonly node: PhysicalScan;
  private readonly access: TableAccess;
  private readonly sources: readonly ScanSource[];
  private readonly filter: FilterKernel | undefined;
  private readonly lateError: LateError | undefined;
  private readonly view: EvaluateView;
  private readonly ranges: EvaluateRanges | undefined;
  private readonly search: InvertedKeySearch | IndexKeySearch | undefined;
  private readonly cursor: Evaluator | undefined;
  /** What the search has found: undefined before it has, and when it says nothing. */
  private found: readonly Key[] | undefined = undefined;
  private isSearching = false;
  private readonly batchRowsMax: number;
  private readonly single: boolean;
  private readonly use: TableUse;
  private readonly indexUse: IndexUse | undefined;
  private readonly computesIndex: boolean;
  private readonly selection = new Int32Array(batchRows);
  private pending: readonly DatumRange[] = [];
  private position = 0;
  private scan: TableScan | undefined = undefined;
  private nextRows = firstBatchRows;
  private removed = 0;
  /** Rows since the scan began. */
  private seen = 0;
  private isObserved = false;

  constructor(node: PhysicalScan, runtime: Runtime) {
    this.runtime = runtime;
    this.node = node;
    this.access = tableAccess(node.table);
    this.sources = node.sources;
    this.filter = node.filter === undefined ? undefined : compileFilter(node.filter, runtime);
    this.view = compileReadView(node.temporal, runtime);
    this.ranges =
      node.access.kind === 'key' || node.access.kind === 'index'
        ? compileKeyRange(node.access.range, runtime)
        : undefined;
    this.search = keySearch(node, this.access, runtime);
    this.cursor =
      node.access.kind === 'current' ? compileExpression(node.access.cursor, runtime) : undefined;
    this.batchRowsMax = runtime.earlyStops.rowByRow.has(node)
      ? 1
      : isSlow(node.filter)
        ? slowBatchRows
        : batchRows;
    this.lateError =
      node.filter === undefined || isVolatile(node.filter) ? undefined : new LateError();
    this.single = isSingleRow(node);
    this.use = tableUse(node.table.oid);
    this.indexUse = usedIndex(node);
    this.computesIndex = readsComputedIndex(node);
  }

  open(): void {
    this.close();
    this.lateError?.clear();
    if (this.node.table.materialized?.populated === false) throw notPopulated(this.node.table.name);
    if (this.computesIndex) prepareIndexComputations(this.node.table, this.runtime.context);
    this.position = 0;
    this.nextRows = Math.min(firstBatchRows, this.batchRowsMax);
    if (this.ranges === undefined) this.pending = everything;
    else this.pending = this.ranges(this.node.backward);
    this.countScan();
    if (this.search !== undefined) {
      this.isSearching = true;
      this.search.start(this.view(), this.pending);
    }
  }

  next(): Pulled {
    for (;;) {
      this.lateError?.raise();
      if (this.scan === undefined && this.position >= this.pending.length && !this.isSearching) {
        if (this.search?.isDone === false) {
          this.isSearching = true;
          continue;
        }
        if (this.node.feedback !== undefined) this.observe(this.node.feedback);
        return undefined;
      }
      if (this.runtime.pause()) return again;
      if (this.isSearching) {
        const outcome = this.search!.step();
        this.isSearching = outcome === undefined;
        this.found = outcome?.keys;
        if (this.found !== undefined) this.readFound();
        continue;
      }
      const batch = this.single ? this.readSingle() : this.readScan();
      if (batch === undefined) continue;
      this.countRows(batch.length);
      this.seen += batch.length;
      const kept = this.applyFilter(batch);
      if (kept.length > 0) return kept;
    }
  }

  close(): void {
    this.scan?.close();
    this.scan = undefined;
    this.pending = [];
    this.search?.stop();
    this.isSearching = false;
    this.found = undefined;
    this.seen = 0;
    this.isObserved = false;
    if (this.removed > 0) {
      const measurement = this.runtime.measurements?.get(this.node.id);
      if (measurement !== undefined) measurement.rowsRemoved += this.removed;
      this.removed = 0;
    }
  }

  /** One scan reads what was found in all ranges. */
  private readFound(): void {
    this.pending = everything;
    this.position = 0;
  }

  /** All rows have been read: the filter's fraction is known. */
  private observe({ tableRows }: NonNullable<PhysicalScan['feedback']>): void {
    const whole = this.node.access.kind === 'full' ? this.seen : tableRows;
    if (this.isObserved || whole === 0) return;
    this.isObserved = true;
    this.runtime.observe(this.node, Math.min(1, (this.seen - this.removed) / whole));
  }

  private countScan(): void {
    if (this.indexUse === undefined) this.use.sequentialScans++;
    else {
      this.use.indexScans++;
      this.indexUse.scans++;
    }
  }

  private countRows(count: number): void {
    if (this.indexUse === undefined) this.use.sequentialRows += count;
    else {
      this.use.indexRows += count;
      this.indexUse.entries += count;
    }
  }

  private readScan(): Batch | undefined {
    this.scan ??= this.startScan(this.pending[this.position++]);
    if (this.scan === undefined) return undefined;
    const batch = this.scan.nextBatch(this.nextRows);
    if (batch === undefined) {
      this.scan.close();
      this.scan = undefined;
      return undefined;
    }
    if (this.nextRows < this.batchRowsMax)
      this.nextRows = Math.min(this.nextRows * 2, this.batchRowsMax);
    return batch;
  }

  private startScan(range: DatumRange): TableScan | undefined {
    const access = this.rowAccess(range);
    if (access === undefined) return undefined;
    return this.access.openScan(this.runtime.reader, {
      access,
      sources: this.sources,
      backward: this.node.backward,
      ...viewOption(this.view()),
    });
  }

  private rowAccess(range: DatumRange): RowAccess | undefined {
    const access = this.node.access;
    switch (access.kind) {
      case 'full':
        return { kind: 'full' };
      case 'current': {
        const key = this.currentKey();
        return key === undefined ? undefined : { kind: 'rows', keys: [key] };
      }
      case 'inverted':
        return this.found === undefined ? { kind: 'full' } : { kind: 'rows', keys: this.found };
      case 'key': {
        const bounds = this.access.keyBounds(range);
        return bounds === undefined ? undefined : { kind: 'key', bounds };
      }
      case 'index': {
        if (this.found !== undefined) return { kind: 'rows', keys: this.found };
        const bounds = this.access.indexBounds(access.indexOid, range);
        return bounds === undefined
          ? undefined
          : { kind: 'index', indexOid: access.indexOid, bounds };
      }
    }
  }

  /** The row on which the cursor stands, if it is one of this table. */
  private currentKey(): Key | undefined {
    const name = this.cursor!(noColumns, 0) as string | null;
    return this.runtime.context.session.currentRow(name ?? '', this.node.table);
  }

  private readSingle(): Batch | undefined {
    const key = this.access.keyOf(this.pending[this.position++].equal);
    const out: Datum[] = new Array<Datum>(this.sources.length).fill(null);
    const found = this.access.readColumns(this.runtime.reader, key, this.sources, out, this.view());
    return found ? { length: 1, columns: out.map((value) => genericColumn([value])) } : undefined;
  }

  private applyFilter(batch: Batch): Batch {
    const { filter, selection } = this;
    if (filter === undefined) return batch;
    let count = 0;
    const select = (part: Batch): Batch => {
      count = filter(part, selection);
      return part;
    };
    const tested = this.lateError?.run(batch, select) ?? select(batch);
    this.removed += tested.length - count;
    return count === tested.length ? tested : gatherBatch(tested, selection, count);
  }
}

/** What finds the keys of the rows before any row is read. */
function keySearch(
  { access }: PhysicalScan,
  table: TableAccess,
  runtime: Runtime,
): InvertedKeySearch | IndexKeySearch | undefined {
  if (access.kind === 'inverted') return new InvertedKeySearch(access, table, runtime);
  return access.kind === 'index' && access.inRowOrder === true
    ? new IndexKeySearch(access.indexOid, table, runtime)
    : undefined;
}

/** undefined when the whole table is read. */
function usedIndex({ access, table }: PhysicalScan): IndexUse | undefined {
  if (access.kind === 'full' || access.kind === 'current') return undefined;
  const oid =
    access.kind === 'key' ? table.indexes.find((index) => index.clustered)?.oid : access.indexOid;
  return oid === undefined ? undefined : indexUse(oid);
}

/** Does the index hold what the table layer cannot compute by itself? */
function readsComputedIndex({ access, table }: PhysicalScan): boolean {
  if (access.kind !== 'index') return false;
  const index = table.indexes.find(({ oid }) => oid === access.indexOid);
  return index?.columns.some(({ expression }) => expression !== undefined) === true;
}

function viewOption(view: ReturnType<EvaluateView>): { view?: NonNullable<typeof view> } {
  return view === undefined ? {} : { view };
}

function isSlow(filter: Expression | undefined): boolean {
  return filter !== undefined && containsSubplan(filter);
}

/** One version of one row: the whole primary key is fixed and the view shows one version of a key. */
export function isSingleRow(node: PhysicalScan): boolean {
  const { access, table, temporal } = node;
  if (access.kind !== 'key' || table.keyColumns.length === 0) return false;
  const fixed = access.range.equal.length + (access.range.anyOf === undefined ? 0 : 1);
  return (
    fixed === table.keyColumns.length &&
    (temporal.system.kind === 'current' || temporal.system.kind === 'asOf')
  );
}

function notPopulated(name: string): Error {
  return databaseError(
    'objectNotInPrerequisiteState',
    `materialized view "${name}" has not been populated`,
    { hint: 'Use the REFRESH MATERIALIZED VIEW command.' },
  );
}
