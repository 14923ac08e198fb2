// Reads a table in blocks. Conditions of the filter that compare a column with a constant are handed
// down, so that blocks whose bounds rule them out are not read; so are the bounds of join keys that the
// build sides upstream have found.

import type { Datum, Expression } from '#common';
import type { PhysicalScan } from '#planner';
import {
  type BlockCondition,
  type BlockCursor,
  type ColumnScan,
  openColumnScan,
  tableAccess,
} from '#storage';
import { type EvaluateView, compileReadView } from '../operators/read-view.ts';
import { type Comparison, mirrored } from '../expression/native-comparison.ts';
import type { BlockSource, SourceBlock } from './block-source.ts';
import { comparisonOf } from './comparison-code.ts';
import type { JoinTable } from './join-table.ts';
import type { PipelineState } from './pipeline-state.ts';
import { wholeNumberTypes } from './compiled-value.ts';

/** The rows are wanted only where the column's value is among a join table's keys. */
export interface KeyBound {
  readonly column: number;
  readonly table: JoinTable;
}

export class ScanSource implements BlockSource {
  readonly node: PhysicalScan;
  private readonly state: PipelineState;
  private readonly view: EvaluateView;
  private readonly keyBounds: KeyBound[] = [];
  private scan: ColumnScan | undefined = undefined;
  private cursor: BlockCursor | undefined = undefined;
  private morsel = 0;

  constructor(node: PhysicalScan, state: PipelineState) {
    this.node = node;
    this.state = state;
    this.view = compileReadView(node.temporal, state.environment);
  }

  addKeyBound(bound: KeyBound): void {
    this.keyBounds.push(bound);
  }

  /** For EXPLAIN ANALYZE; undefined while the scan has not begun. */
  get description(): string | undefined {
    const statistics = this.scan?.statistics;
    if (statistics === undefined) return undefined;
    const { blocksRead, blocksPruned, bytesRead, rowsFromRowStore } = statistics;
    return `read=${blocksRead} pruned=${blocksPruned} bytes=${bytesRead} rows from row store=${rowsFromRowStore}`;
  }

  open(): void {
    this.close();
    this.morsel = 0;
  }

  next(): SourceBlock | undefined {
    this.scan ??= this.openScan();
    for (;;) {
      if (this.cursor === undefined) {
        if (this.morsel >= this.scan.morselCount) return undefined;
        this.cursor = this.scan.openMorsel(this.morsel++);
      }
      const block = this.cursor.nextBlock();
      if (block !== undefined) return block;
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

  private openScan(): ColumnScan {
    const { node, state } = this;
    const view = this.view();
    return openColumnScan(state.environment.reader, tableAccess(node.table), {
      sources: node.sources,
      conditions: [...this.filterConditions(), ...this.keyConditions()],
      ...(view === undefined ? {} : { view }),
    });
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
    return this.keyBounds.flatMap(({ column, table }): BlockCondition[] => {
      const { keyMin, keyMax } = table;
      if (!wholeNumberTypes.has(table.keyTypes[0])) return [];
      if (!Number.isSafeInteger(keyMin) || !Number.isSafeInteger(keyMax)) return [];
      return [
        { column, comparison: '>=', value: keyMin },
        { column, comparison: '<=', value: keyMax },
      ];
    });
  }
}

export function conjunctsOf(condition: Expression): readonly Expression[] {
  return condition.kind === 'and' ? condition.arguments.flatMap(conjunctsOf) : [condition];
}
