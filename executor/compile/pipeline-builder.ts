// Cuts a plan's subtree into pipelines. From the root down, each node says which columns it reads;
// scans, filters, projections and look-ups join the pipeline above them, and a sink ends one: the build
// side of a join, the groups of an aggregate. Nodes that are not known here become sources that run
// interpreted. Pipelines are listed in the order in which they run.

import type { Expression, SqlType } from '#common';
import {
  type PhysicalAggregate,
  type PhysicalHashJoin,
  type PhysicalNode,
  type PhysicalScan,
  type PhysicalSort,
  type PhysicalWindow,
  marksLeft,
} from '#planner';
import { compileCostMin } from '../limits.ts';
import { markedSharing } from '../parallel/marked-sharing.ts';
import { inputOrdinals } from '../expression/walk.ts';
import { type NodeMeasurement, measurementOf } from '../measurement.ts';
import type { Operator } from '../operators/operator.ts';
import { reductionOf } from './aggregate-reduction.ts';
import { AggregateSink } from './aggregate-sink.ts';
import { type BlockSource, OperatorSource } from './block-source.ts';
import type { BuiltInput } from './build-breaker.ts';
import { BuildSink } from './build-sink.ts';
import { type CompilableNode, compiledRowsMin, compilesNode } from './compilable.ts';
import type { TellStep } from './inlet-run.ts';
import { type BuildDraft, boundsOf } from './key-origin.ts';
import { passKeysDown } from './key-passing.ts';
import { KeyReach } from './key-reach.ts';
import type { JoinTable } from './join-table.ts';
import { MarkedRows, type MarkedSharing } from './marked-rows.ts';
import { allOf, groupsOf, inputOf, placesOf } from './node-columns.ts';
import { Pipeline } from './pipeline.ts';
import {
  type Draft,
  inletOf,
  markedDraft,
  measurementsOf,
  readBy,
  sorted,
  sourceDraft,
  tellSteps,
  withFilter,
  withStep,
} from './pipeline-draft.ts';
import type { PipelineState } from './pipeline-state.ts';
import type { ProbeStep } from './probe-code.ts';
import { ScanSource } from './scan-source.ts';
import { SortSink } from './sort-sink.ts';
import { type PipelineSink, noSink } from './sink.ts';
import { WindowSink } from './window-sink.ts';
import { SpillStore } from './spill-store.ts';
import type { ProbeSpill } from './spilled-join.ts';

export interface BuilderOptions {
  readonly state: PipelineState;
  /** Runs a node by interpretation. */
  readonly interpret: (node: PhysicalNode) => Operator;
  /** Tests put their own blocks in a node's place. */
  readonly sourceOf?: ((node: PhysicalNode) => BlockSource | undefined) | undefined;
}

export class PipelineBuilder {
  readonly pipelines: Pipeline[] = [];
  readonly sinks: PipelineSink[] = [];
  readonly scans: ScanSource[] = [];
  /** Nodes that are counted, and where they run. */
  readonly measured: {
    readonly measurement: NodeMeasurement;
    readonly pipeline: Pipeline;
  }[] = [];
  /** Nodes that may use disk, and how many bytes they wrote. */
  readonly spilling: { readonly nodeId: number; readonly written: () => number }[] = [];
  /** Tables of joins, by the pipelines that fill them. */
  readonly builds = new Map<Pipeline, BuiltInput>();
  /** Lines by which threads build tables together. */
  readonly sharedLines: number[] = [];
  /** What is counted for the planner, by the pipelines in which it runs. */
  readonly told = new Map<Pipeline, readonly TellStep[]>();
  readonly reach = new KeyReach();
  private readonly options: BuilderOptions;
  /** Aggregates that read only rows with a partner in a table. */
  private readonly reductions = new Map<PhysicalNode, ProbeStep>();
  private readonly buildDrafts = new Map<JoinTable, BuildDraft>();
  private root: PhysicalNode | undefined = undefined;

  constructor(options: BuilderOptions) {
    this.options = options;
  }

  /** Ends the pipelines of the node with a sink. */
  build(node: PhysicalNode, sink: PipelineSink): void {
    this.root = node;
    this.end(this.draft(node, allOf(node)), sink);
  }

  private end(draft: Draft, sink: PipelineSink): void {
    const inlets = [draft, ...draft.extra].map(inletOf);
    const pipeline = new Pipeline(inlets, sink, this.options.state);
    this.pipelines.push(pipeline);
    for (const measurement of measurementsOf(draft)) this.measured.push({ measurement, pipeline });
    this.told.set(pipeline, tellSteps(draft));
    this.sinks.push(sink);
  }

  /** What a node puts out; counted for EXPLAIN ANALYZE, unless an operator around it does that. */
  private draft(node: PhysicalNode, needed: ReadonlySet<number>): Draft {
    const draft = this.uncounted(node, needed);
    this.reach.noteSource(node, draft.keys);
    return !this.compiles(node) || node === this.root ? draft : this.counted(draft, node);
  }

  private compiles(node: PhysicalNode): node is CompilableNode {
    const { plan } = this.options.state.environment;
    return compilesNode(node, compiledRowsMin(plan.costLimits?.compile ?? compileCostMin));
  }

  private counted(draft: Draft, node: PhysicalNode): Draft {
    const { environment } = this.options.state;
    const { measurements } = environment;
    if (environment.teaches(node)) {
      const told = withStep(draft, { kind: 'tell', node, seen: { rows: 0 } });
      return measurements === undefined ? told : this.measuredDraft(told, node, measurements);
    }
    return measurements === undefined ? draft : this.measuredDraft(draft, node, measurements);
  }

  private measuredDraft(
    draft: Draft,
    node: PhysicalNode,
    measurements: Map<number, NodeMeasurement>,
  ): Draft {
    return withStep(draft, { kind: 'count', measurement: measurementOf(measurements, node.id) });
  }

  private uncounted(node: PhysicalNode, needed: ReadonlySet<number>): Draft {
    const own = this.options.sourceOf?.(node);
    if (own !== undefined) return sourceDraft(own, node.types.length, needed);
    if (!this.compiles(node)) {
      const types = node.types.map((type) => type.oid);
      const source = new OperatorSource(this.options.interpret(node), types);
      return sourceDraft(source, node.types.length, needed);
    }
    switch (node.kind) {
      case 'scan':
        return this.scan(node, needed);
      case 'filter': {
        const read = new Set([...needed, ...inputOrdinals(node.condition)]);
        const draft = this.draft(node.input, read);
        const filtered = withFilter(draft, node.condition);
        // What only the filter reads is not read again.
        return draft.steps.length === 0 ? { ...filtered, ordinals: sorted(needed) } : filtered;
      }
      case 'project': {
        const expressions = node.expressions.map((expression, i) =>
          needed.has(i) ? expression : undefined,
        );
        const draft = this.draft(node.input, readBy(expressions));
        return withStep(draft, { kind: 'project', expressions });
      }
      case 'hashJoin':
        return this.join(node, needed);
      case 'aggregate':
        return this.aggregate(node, needed);
      case 'distinct':
        return this.aggregate(groupsOf(node), needed);
      case 'sort':
        return this.sort(node, needed);
      case 'window':
        return this.window(node, needed);
    }
  }

  private sort(node: PhysicalSort, needed: ReadonlySet<number>): Draft {
    const kept = sorted(needed).filter((ordinal) => ordinal < node.input.types.length);
    const sink = new SortSink(node, kept, this.options.state);
    this.spilling.push({ nodeId: node.id, written: () => sink.bytesWritten });
    const read = new Set([...kept, ...readBy(node.keys.map(({ expression }) => expression))]);
    this.end(this.draft(node.input, read), sink);
    return sourceDraft(sink, node.types.length, needed);
  }

  private window(node: PhysicalWindow, needed: ReadonlySet<number>): Draft {
    const sink = new WindowSink(node, needed, this.options.state);
    this.spilling.push({ nodeId: (sink.sort ?? node).id, written: () => sink.bytesWritten });
    const read = readBy(sink.read);
    const { sort } = sink;
    const draft = this.draft(sort?.input ?? node.input, read);
    this.end(sort === undefined ? draft : this.counted(draft, sort), sink);
    return sourceDraft(sink, node.types.length, needed);
  }

  private scan(node: PhysicalScan, needed: ReadonlySet<number>): Draft {
    const source = new ScanSource(node, this.options.state);
    this.scans.push(source);
    const draft = sourceDraft(source, node.types.length, needed);
    if (node.filter === undefined) return draft;
    const { measurements } = this.options.state.environment;
    const filtered = measurements && measurementOf(measurements, node.id);
    return { ...withFilter(draft, node.filter), filtered };
  }

  private aggregate(node: PhysicalAggregate, needed: ReadonlySet<number>): Draft {
    const read = readBy(node.groupKeys);
    for (const aggregate of node.aggregates)
      for (const ordinal of inputOrdinals(aggregate)) read.add(ordinal);
    const sink = new AggregateSink(node, { read: sorted(read), needed }, this.options.state);
    this.spilling.push({
      nodeId: node.id,
      written: () => sink.spills.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0),
    });
    const draft = this.draft(node.input, read);
    sink.knowBounds(node.groupKeys.map((key) => boundsOf(draft, key, this.buildDrafts)));
    const reduction = this.reductions.get(node);
    if (reduction !== undefined) {
      passKeysDown(draft, reduction, this.buildDrafts);
      this.reach.noteReduction(node, reduction.table);
    }
    this.end(reduction === undefined ? draft : withStep(draft, reduction), sink);
    return sourceDraft(sink, node.types.length, needed);
  }

  private join(node: PhysicalHashJoin, needed: ReadonlySet<number>): Draft {
    const leftWidth = node.left.types.length;
    const left = readBy(node.leftKeys);
    const right = new Set<number>();
    if (marksLeft(node)) return this.markJoin(node, needed);
    const read = [
      ...needed,
      ...(node.condition === undefined ? [] : inputOrdinals(node.condition)),
    ];
    for (const ordinal of read) {
      if (ordinal < leftWidth) left.add(ordinal);
      else right.add(ordinal - leftWidth);
    }
    const keepsRight = node.type === 'right' || node.type === 'full';
    const payload = sorted(right);
    const build = new BuildSink({
      keys: node.rightKeys,
      payload: payload.map((ordinal) => inputOf(ordinal, node.right.types)),
      keepsNullKeys: keepsRight,
      marks: keepsRight,
      state: this.options.state,
      line: this.sharedLine(node),
    });
    this.reach.noteTable(build.table, node);
    const rightRead = new Set([...right, ...readBy(node.rightKeys)]);
    const built = this.draft(node.right, rightRead);
    this.buildDrafts.set(build.table, { draft: built, payload });
    this.end(built, build);
    this.noteBuild({ node: node.right, build, payload });
    const step: ProbeStep = {
      kind: 'probe',
      type: node.type,
      table: build.table,
      leftWidth,
      leftKeys: node.leftKeys,
      condition: node.condition,
      stored: placesOf(payload, node.right.types.length),
      marks: keepsRight,
      spill: this.probeSpill(node, build, {
        keys: node.leftKeys,
        types: node.left.types,
        read: left,
      }),
    };
    const reduction = reductionOf(node, step);
    if (reduction !== undefined) this.reductions.set(reduction.aggregate, reduction.step);
    const draft = this.draft(node.left, left);
    passKeysDown(draft, step, this.buildDrafts);
    const probed = withStep(draft, step);
    if (!keepsRight) return probed;
    const unmatched = new MarkedRows({
      table: build.table,
      wanted: 0,
      placeOf: (column) => payload.indexOf(column - leftWidth),
      sharing: this.markedSharing(node),
    });
    const leftOver = markedDraft(unmatched, leftWidth + node.right.types.length);
    return { ...probed, extra: [...probed.extra, { ...leftOver, leftOverOf: step }] };
  }

  /** A semi or anti join with many more rows on the right: those of the left are kept, and marked. */
  private markJoin(node: PhysicalHashJoin, needed: ReadonlySet<number>): Draft {
    const leftWidth = node.left.types.length;
    const left = new Set(needed);
    const right = readBy(node.rightKeys);
    for (const ordinal of readBy([node.condition])) {
      if (ordinal < leftWidth) left.add(ordinal);
      else right.add(ordinal - leftWidth);
    }
    const payload = sorted(left);
    const build = new BuildSink({
      keys: node.leftKeys,
      payload: payload.map((ordinal) => inputOf(ordinal, node.left.types)),
      keepsNullKeys: node.type === 'anti',
      marks: true,
      state: this.options.state,
      line: this.sharedLine(node),
    });
    const marked = new MarkedRows({
      table: build.table,
      wanted: node.type === 'semi' ? 1 : 0,
      placeOf: (column) => payload.indexOf(column),
      sharing: this.markedSharing(node),
    });
    this.reach.noteTable(build.table, node);
    const leftRead = new Set([...left, ...readBy(node.leftKeys)]);
    this.end(this.draft(node.left, leftRead), build);
    this.noteBuild({ node: node.left, build, payload });
    const draft = this.draft(node.right, right);
    const step: ProbeStep = {
      kind: 'probe',
      type: 'mark',
      table: build.table,
      leftWidth: node.right.types.length,
      leftKeys: node.rightKeys,
      condition: node.condition,
      stored: placesOf(payload, leftWidth),
      marks: true,
      spill: this.probeSpill(node, build, {
        keys: node.rightKeys,
        types: node.right.types,
        read: right,
        marked,
      }),
    };
    passKeysDown(draft, step, this.buildDrafts);
    this.end(withStep(draft, step), noSink);
    return markedDraft(marked, leftWidth);
  }

  /** Of the pipeline that was ended last. */
  private noteBuild(input: BuiltInput): void {
    this.builds.set(this.pipelines[this.pipelines.length - 1], input);
  }

  private sharedLine({ sharing }: PhysicalHashJoin): number | undefined {
    if (sharing !== undefined) this.sharedLines.push(sharing.built);
    return sharing?.built;
  }

  private markedSharing({ sharing }: PhysicalHashJoin): MarkedSharing | undefined {
    if (sharing?.marked === undefined) return undefined;
    const { marked, rows } = sharing;
    return markedSharing(this.options.state.environment, { marked, rows: rows! });
  }

  /** Where rows wait that come to a table on disk. */
  private probeSpill(
    { id }: PhysicalHashJoin,
    build: BuildSink,
    side: {
      readonly keys: readonly Expression[];
      readonly types: readonly SqlType[];
      readonly read: ReadonlySet<number>;
      readonly marked?: MarkedRows;
    },
  ): ProbeSpill {
    const live = sorted(side.read);
    const columns = live.map((ordinal) => inputOf(ordinal, side.types));
    const { keyTypes } = build.table;
    const options = { columns, keys: side.keys, keyTypes };
    const store = new SpillStore(options, this.options.state.environment);
    this.spilling.push({ nodeId: id, written: () => store.bytesWritten + build.bytesWritten });
    return { build, live, store, marked: side.marked };
  }
}
