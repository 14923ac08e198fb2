// Reads a table in blocks. Conditions of the filter that compare a column with a constant are handed
// down, so that blocks whose bounds rule them out are not read; so are the bounds of join keys that the
// build sides upstream have found.

import type { Datum, Expression } from '#common';
import type { PhysicalScan } from '#planner';
import {
  type BlockCondition,
  type BlockCursor,
  type ColumnBounds,
  type ColumnScan,
  openColumnScan,
  tableAccess,
} from '#storage';
import { type EvaluateView, compileReadView } from '../operators/read-view.ts';
import { type Comparison, mirrored } from '../expression/native-comparison.ts';
import type { BlockSource, SourceBlock } from './block-source.ts';
import { comparisonOf } from './comparison-code.ts';
import { KeyMembers, fewKeys } from './key-filter.ts';
import { tableUse, type TableUse } from '../use-counters.ts';
import type { PipelineState } from './pipeline-state.ts';

/** What a filter must have seen of a table to be judged. */
const seenShareMin = 0.9;
/** Of a block that was not read. */
const prunedRows = 65_536;

export class ScanSource implements BlockSource {
  readonly node: PhysicalScan;
  private readonly state: PipelineState;
  private readonly view: EvaluateView;
  readonly keys = new KeyMembers();
  /** By ordinal, of columns that somebody wants to know it of: as the last scan found them. */
  private readonly bounds = new Map<number, ColumnBounds | undefined>();
  private scan: ColumnScan | undefined = undefined;
  private cursor: BlockCursor | undefined = undefined;
  private readonly use: TableUse;
  private morsel = 0;
  /** Everything has been read. */
  private isComplete = false;

  constructor(node: PhysicalScan, state: PipelineState) {
    this.node = node;
    this.use = tableUse(node.table.oid);
    this.state = state;
    this.view = compileReadView(node.temporal, state.environment);
  }

  /** Asks for a column's bounds; what it returns gives them once a scan has begun. */
  wantBounds(ordinal: number): () => ColumnBounds | undefined {
    this.bounds.set(ordinal, undefined);
    return () => this.bounds.get(ordinal);
  }

  /** For EXPLAIN ANALYZE; undefined while the scan has not begun. */
  get description(): string | undefined {
    const statistics = this.scan?.statistics;
    if (statistics === undefined) return undefined;
    const { blocksRead, blocksPruned, bytesRead, rowsFromRowStore } = statistics;
    const withoutPartner = this.keys.removed + statistics.rowsNotWanted;
    const removed = withoutPartner === 0 ? '' : ` rows without join partner=${withoutPartner}`;
    return `read=${blocksRead} pruned=${blocksPruned} bytes=${bytesRead} rows from row store=${rowsFromRowStore}${removed}`;
  }

  /** Tells the planner what its filter has let pass, of the rows of the blocks that were read. */
  observe(seen: number, passed: number): void {
    const statistics = this.scan?.statistics;
    const { feedback } = this.node;
    if (!this.isComplete || feedback === undefined || statistics === undefined) return;
    const { blocksRead, blocksPruned, rowsFromRowStore } = statistics;
    const hasKeys = this.keys.all.length > 0;
    // Rows that keys of joins have taken out before may be others than the rest.
    if (hasKeys && (blocksPruned > 0 || seen < feedback.tableRows * seenShareMin)) return;
    const blockRows =
      blocksRead > 0 ? Math.max(0, seen - rowsFromRowStore) / blocksRead : prunedRows;
    const whole = seen + blocksPruned * blockRows;
    if (whole > 0) this.state.environment.observe(this.node, passed / whole);
  }

  open(): void {
    this.close();
    this.morsel = 0;
    this.isComplete = false;
  }

  next(): SourceBlock | undefined {
    this.scan ??= this.openScan();
    for (;;) {
      if (this.cursor === undefined) {
        const morsel = this.nextMorsel(this.scan.morselCount);
        if (morsel === undefined) {
          this.isComplete = true;
          return undefined;
        }
        this.cursor = this.scan.openMorsel(morsel);
      }
      const block = this.cursor.nextBlock();
      if (block !== undefined) {
        this.use.sequentialRows += block.length;
        return block;
      }
      this.cursor.close();
      this.cursor = undefined;
    }
  }

  close(): void {
    this.cursor?.close();
    this.cursor = undefined;
    this.scan?.close();
    this.scan = undefined;
  }

  /** A scan that threads share reads the morsels that this one takes. */
  private nextMorsel(morselCount: number): number | undefined {
    const position = this.morsel++;
    const { line } = this.node;
    if (line !== undefined)
      return this.state.environment.context.parallel!.shares![line].at(position, morselCount);
    return position < morselCount ? position : undefined;
  }

  private openScan(): ColumnScan {
    const { node, state } = this;
    this.use.sequentialScans++;
    const view = this.view();
    const scan = openColumnScan(state.environment.reader, tableAccess(node.table), {
      sources: node.sources,
      conditions: [...this.filterConditions(), ...this.keyConditions()],
      wanted: fewKeys(this.keys.all),
      ...(view === undefined ? {} : { view }),
    });
    for (const ordinal of this.bounds.keys()) this.bounds.set(ordinal, scan.boundsOf(ordinal));
    return scan;
  }

  private filterConditions(): BlockCondition[] {
    const { filter } = this.node;
    if (filter === undefined) return [];
    return conjunctsOf(filter).flatMap((conjunct) => this.conditionOf(conjunct) ?? []);
  }

  private conditionOf(expression: Expression): BlockCondition | undefined {
    if (expression.kind !== 'call' || expression.arguments.length !== 2) return undefined;
    const known = comparisonOf(expression.functionOid);
    if (known === undefined || known.comparison === '<>') return undefined;
    const [left, right] = expression.arguments;
    if (left.kind === 'input')
      return this.bound(left.ordinal, known.comparison, { constant: right, type: left.type.oid });
    if (right.kind === 'input') {
      const comparison = mirrored(known.comparison);
      return this.bound(right.ordinal, comparison, { constant: left, type: right.type.oid });
    }
    return undefined;
  }

  private bound(
    column: number,
    comparison: Comparison,
    { constant, type }: { readonly constant: Expression; readonly type: number },
  ): BlockCondition | undefined {
    if (constant.type.oid !== type || comparison === '<>') return undefined;
    const value: Datum = this.state.constants.find(constant)?.datum() ?? null;
    return value === null ? undefined : { column, comparison, value };
  }

  private keyConditions(): BlockCondition[] {
    return this.keys.all.flatMap(({ column, table, component }): BlockCondition[] => {
      const { min = NaN, max = NaN } = table.bitmaps[component] ?? {};
      if (table.spilled || !Number.isSafeInteger(min) || !Number.isSafeInteger(max)) return [];
      return [
        { column: column.ordinal, comparison: '>=', value: min },
        { column: column.ordinal, comparison: '<=', value: max },
      ];
    });
  }
}

export function conjunctsOf(condition: Expression | undefined): readonly Expression[] {
  if (condition === undefined) return [];
  return condition.kind === 'and' ? condition.arguments.flatMap(conjunctsOf) : [condition];
}
