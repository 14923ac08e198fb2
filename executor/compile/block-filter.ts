// Which rows of a source's blocks go into a pipeline: those that meet the scan's filter and are members of
// the tables that they will be looked up in. Each is a generated function that leaves a selection; the one
// that has removed more runs first, and one that removes next to nothing is left out for the rest of the
// execution.

import type { Vector } from '#common';
import type { SourceBlock } from './block-source.ts';
import { type KeyMember, usefulMembers, writeKeyFilter } from './key-filter.ts';
import type { Inlet } from './inlet-run.ts';
import type { PipelineState } from './pipeline-state.ts';
import { conjunctsOf, ScanSource } from './scan-source.ts';
import { writeFilter } from './selection-code.ts';
import { VariantCache } from './variant-cache.ts';

/** The rows of a block that are left. */
export interface Selected {
  /** undefined: all. */
  readonly rows: Int32Array | undefined;
  readonly count: number;
}

/** Rows after which it is known whether a test of keys pays, and the share that may pass it then. */
const trialRows = 65_536;
const passedMax = 0.8;

interface Stage {
  readonly ordinals: readonly number[];
  readonly code: VariantCache;
  seen: number;
  passed: number;
  /** Few enough rows have passed. */
  isUseful: boolean;
}

export class BlockFilter {
  private readonly inlet: Inlet;
  private readonly state: PipelineState;
  private readonly filter: Stage | undefined;
  private members: readonly KeyMember[] = [];
  private keys: Stage | undefined = undefined;
  /** For blocks in which a column has the keys already: tests of the others. */
  private readonly besides = new Map<number, Stage | undefined>();
  private selection = new Int32Array(0);

  constructor(inlet: Inlet, state: PipelineState) {
    this.inlet = inlet;
    this.state = state;
    const { filter, filterOrdinals } = inlet;
    if (filter.length > 0) {
      this.filter = this.stage(filterOrdinals, (compiler, columns) =>
        writeFilter(compiler, columns, filter, () => this.selection),
      );
    }
  }

  private stage(
    ordinals: readonly number[],
    write: ConstructorParameters<typeof VariantCache>[0]['write'],
  ): Stage {
    const { width } = this.inlet;
    const code = new VariantCache({
      ordinals,
      width,
      state: this.state,
      generation: () => 0,
      write,
    });
    return { ordinals, code, seen: 0, passed: 0, isUseful: true };
  }

  /** A new execution; the tables of earlier pipelines are complete. */
  open(): void {
    const members = usefulMembers(this.inlet.keys.all);
    const isSame =
      members.length === this.members.length &&
      members.every((each, i) => each === this.members[i]);
    if (!isSame) {
      this.members = members;
      this.keys = this.keyStage(members);
      this.besides.clear();
    }
    this.inlet.keys.removed = 0;
    for (const stage of [this.filter, this.keys, ...this.besides.values()]) {
      if (stage === undefined) continue;
      stage.code.revalidate();
      stage.seen = 0;
      stage.passed = 0;
      stage.isUseful = true;
    }
  }

  /** undefined: there is nothing to test. */
  private keyStage(members: readonly KeyMember[]): Stage | undefined {
    if (members.length === 0) return undefined;
    const ordinals = [...new Set(members.map(({ column }) => column.ordinal))];
    return this.stage(ordinals, (compiler, columns) =>
      writeKeyFilter(compiler, columns, members, () => this.selection),
    );
  }

  /** The test of a block's keys, if there is one that pays. */
  private keysOf({ wantedColumn }: SourceBlock): Stage | undefined {
    let stage = this.keys;
    if (wantedColumn !== undefined) {
      if (!this.besides.has(wantedColumn))
        this.besides.set(wantedColumn, this.beside(wantedColumn));
      stage = this.besides.get(wantedColumn);
    }
    return stage?.isUseful === true ? stage : undefined;
  }

  private beside(wantedColumn: number): Stage | undefined {
    const others = this.members.filter(({ column }) => column.ordinal !== wantedColumn);
    // Of several tables' keys, those of one were looked for.
    return others.length < this.members.length - 1 ? this.keys : this.keyStage(others);
  }

  /** The source has no more blocks. */
  finished(): void {
    const { source, filter } = this.inlet;
    if (this.filter === undefined || !(source instanceof ScanSource)) return;
    // Conditions of nodes above the scan are tested here, too.
    if (filter.length === conjunctsOf(source.node.filter).length)
      source.observe(this.filter.seen, this.filter.passed);
  }

  /** Decodes what it looks at into `vectors`. */
  apply(block: SourceBlock, vectors: (Vector | undefined)[]): Selected {
    let left: Selected = { rows: block.selection, count: block.selected };
    if (this.selection.length < block.length) this.selection = new Int32Array(block.length);
    const keys = this.keysOf(block);
    const keysFirst = keys !== undefined && !isRarer(this.filter, keys);
    if (keys !== undefined && keysFirst) left = this.testKeys(keys, block, vectors, left);
    if (this.filter !== undefined && left.count > 0) {
      const before = left.count;
      left = this.run(this.filter, block, vectors, left);
      if (this.inlet.filtered !== undefined) this.inlet.filtered.rowsRemoved += before - left.count;
    }
    if (keys !== undefined && !keysFirst && left.count > 0)
      left = this.testKeys(keys, block, vectors, left);
    return left;
  }

  private testKeys(
    keys: Stage,
    block: SourceBlock,
    vectors: (Vector | undefined)[],
    rows: Selected,
  ): Selected {
    const left = this.run(keys, block, vectors, rows);
    this.inlet.keys.removed += rows.count - left.count;
    if (keys.seen >= trialRows && keys.passed > keys.seen * passedMax) keys.isUseful = false;
    return left;
  }

  private run(
    stage: Stage,
    block: SourceBlock,
    vectors: (Vector | undefined)[],
    rows: Selected,
  ): Selected {
    for (const ordinal of stage.ordinals) vectors[ordinal] ??= block.vector(ordinal);
    const run = stage.code.prepare({ vectors }, rows.rows !== undefined);
    const count = run(0, rows.count, rows.rows);
    stage.seen += rows.count;
    stage.passed += count;
    // A selection may list the places in another order.
    const isWhole = rows.rows === undefined && count === block.length;
    return { rows: isWhole ? undefined : this.selection, count };
  }
}

/** Has the first let a smaller share of the rows pass than the second? */
function isRarer(first: Stage | undefined, second: Stage): boolean {
  return (
    first !== undefined && first.passed * Math.max(1, second.seen) < second.passed * first.seen
  );
}
