// Groups rows and aggregates them, for one or several grouping sets; then the source of the groups. When
// groups had to be put off to disk (group-set.ts), the results of those that are complete go to a file of
// their own, and are put out from there.

import type { PhysicalAggregate } from '#planner';
import type { BlockSource, SourceBlock } from './block-source.ts';
import type { ColumnBindings } from './column-bindings.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import { GroupSet, nothing } from './group-set.ts';
import type { KnownBounds } from './direct-places.ts';
import { KeyMembers } from './key-filter.ts';
import { InletRun } from './inlet-run.ts';
import type { PipelineState } from './pipeline-state.ts';
import type { RowPartitions } from './row-partitions.ts';
import type { PipelineSink } from './sink.ts';
import type { SpillStore } from './spill-store.ts';
import { VectorFile, VectorFileSource, allPositions } from './vector-file.ts';

export interface AggregateColumns {
  /** Of the input, by ordinal: what keys and aggregates read. */
  readonly read: readonly number[];
  /** Of the output. */
  readonly needed: ReadonlySet<number>;
}

/** Groups written to disk in one go. */
const writtenGroups = 1 << 16;

export class AggregateSink implements PipelineSink, BlockSource {
  private readonly node: PhysicalAggregate;
  private readonly state: PipelineState;
  private readonly columns: AggregateColumns;
  private readonly sets: readonly GroupSet[];
  private readonly replayed: readonly InletRun[];
  private readonly source: VectorFileSource;
  readonly spills: readonly SpillStore[];
  private readonly results = new VectorFileSource((ordinal) => ordinal);
  private written: VectorFile | undefined = undefined;
  private partitions: RowPartitions[] = [];
  private position = 0;

  constructor(node: PhysicalAggregate, columns: AggregateColumns, state: PipelineState) {
    this.node = node;
    this.state = state;
    this.columns = columns;
    const { read } = columns;
    const sets = node.groupingSets ?? [node.groupKeys.map((_key, position) => position)];
    this.sets = sets.map((set) => new GroupSet(node, { set, read }, state));
    this.spills = this.sets.map((set) => set.aside);
    this.source = new VectorFileSource((ordinal) => read.indexOf(ordinal));
    this.replayed = this.sets.map((set) => replayOf(set, this.source, { node, columns, state }));
  }

  /** Between which numbers the node's keys lie, where that is known before they come. */
  knowBounds(bounds: readonly KnownBounds[]): void {
    for (const set of this.sets) set.knowBounds(bounds);
  }

  get generation(): number {
    return this.sets.reduce((sum, set) => sum + set.generation, 0);
  }
  get bytes(): number {
    return this.sets.reduce((sum, set) => sum + set.bytes, 0);
  }
  begin(): void {
    for (const set of this.sets) set.begin();
  }
  finish(): void {}
  clear(): void {
    for (const set of this.sets) set.clear();
    for (const partitions of this.partitions) partitions.close();
    this.partitions = [];
    this.written?.close();
    this.written = undefined;
  }
  emit(compiler: ExpressionCompiler, columns: ColumnBindings): void {
    for (const set of this.sets) set.emit(compiler, columns);
  }

  relieve(): Generator<undefined, void> | undefined {
    let relieved = false;
    for (const set of this.sets) if (set.stopGrowing()) relieved = true;
    return relieved ? nothing() : undefined;
  }

  /** Groups what was put aside, set by set and partition by partition. */
  *replays(): Generator<InletRun | undefined, void> {
    for (let i = 0; i < this.sets.length; i++) {
      const set = this.sets[i];
      const waiting = this.asideOf(set);
      if (waiting.length === 0) continue;
      yield* this.write(set);
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        set.beginAt(next.level);
        this.source.use(next.file);
        yield this.replayed[i];
        waiting.push(...this.asideOf(set));
        next.file.close();
        yield* this.write(set);
      }
      set.clear();
    }
  }

  open(): void {
    this.position = 0;
    this.results.use(this.written);
    this.results.open();
  }
  next(): SourceBlock | undefined {
    const block = this.results.next();
    if (block !== undefined) return block;
    while (this.position < this.sets.length) {
      const groups = this.sets[this.position++].block();
      if (groups.selected > 0) return groups;
    }
    return undefined;
  }
  close(): void {
    this.clear();
  }

  private asideOf(set: GroupSet): { readonly file: VectorFile; readonly level: number }[] {
    const taken = set.takeAside();
    if (taken === undefined) return [];
    this.partitions.push(taken.partitions);
    return taken.partitions.files.flatMap((file) => {
      return file.rows === 0 ? [] : [{ file, level: taken.level + 1 }];
    });
  }

  /** Moves the results of the groups in memory to disk. */
  private *write(set: GroupSet): Generator<undefined, void> {
    this.written ??= new VectorFile(this.state.environment.context.spillDirectory);
    const block = set.block();
    const vectors = this.node.types.map((_type, column) =>
      this.columns.needed.has(column) ? block.vector(column) : undefined,
    );
    const positions = allPositions(block.length);
    for (let start = 0; start < positions.length; start += writtenGroups) {
      this.written.append(vectors, positions.subarray(start, start + writtenGroups));
      yield;
    }
  }
}

function replayOf(
  set: GroupSet,
  source: BlockSource,
  of: {
    readonly node: PhysicalAggregate;
    readonly columns: AggregateColumns;
    readonly state: PipelineState;
  },
): InletRun {
  const inlet = {
    source,
    width: of.node.input.types.length,
    ordinals: of.columns.read,
    filter: [],
    filterOrdinals: [],
    steps: [],
    filtered: undefined,
    keys: new KeyMembers(),
  };
  return new InletRun(inlet, set, of.state);
}
