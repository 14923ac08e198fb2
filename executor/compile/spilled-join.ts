// A look-up whose table is on disk (Grace hash join; D. DeWitt et al., SIGMOD 1984): rows that come to it
// are put aside in partitions, by the same hash as the table's rows. Then, partition by partition, the
// table's rows are loaded and those put aside go on from there, through the steps that follow, to the sink.
// A partition that does not fit either is divided again by other bits of the hash.

import { type BuildSink, partitionLoader } from './build-sink.ts';
import { KeyMembers } from './key-filter.ts';
import { InletRun, type PipelineStep } from './inlet-run.ts';
import type { MarkedRows } from './marked-rows.ts';
import type { PipelineState } from './pipeline-state.ts';
import type { ProbeStep } from './probe-code.ts';
import { RowPartitions } from './row-partitions.ts';
import type { PipelineSink } from './sink.ts';
import type { SpillStore } from './spill-store.ts';
import { type VectorFile, VectorFileSource } from './vector-file.ts';

/** What a look-up needs to go on without its table in memory. */
export interface ProbeSpill {
  readonly build: BuildSink;
  /** Where rows wait: the columns that the look-up and what follows read, by ordinal. */
  readonly live: readonly number[];
  readonly store: SpillStore;
  /** For look-ups that mark: the source that puts out the rows by their marks. */
  readonly marked: MarkedRows | undefined;
}

export interface SpilledJoinOptions {
  readonly step: ProbeStep;
  readonly spill: ProbeSpill;
  /** What follows the look-up. */
  readonly rest: readonly PipelineStep[];
  /** Puts out the table's rows without a partner. */
  readonly leftOver: InletRun | undefined;
  readonly sink: PipelineSink;
  readonly state: PipelineState;
}

interface Pair {
  readonly build: VectorFile;
  readonly probe: VectorFile;
  readonly level: number;
}

export class SpilledJoin {
  readonly options: SpilledJoinOptions;
  private runs: ReturnType<typeof makeRuns> | undefined = undefined;
  private readonly open: RowPartitions[] = [];

  constructor(options: SpilledJoinOptions) {
    this.options = options;
  }

  get isSpilled(): boolean {
    return this.options.step.table.spilled;
  }

  /** The runs over the rows that were put aside; undefined: only a moment to look at the clock. */
  *replays(poll: () => void): Generator<InletRun | undefined, void> {
    const { step, spill, leftOver } = this.options;
    const { directory } = this;
    this.runs ??= makeRuns(this.options);
    const { loader, load, replay, buildRows, probeRows } = this.runs;
    const waiting = this.pairs(spill.build.takePartitions(), spill.store.take(), 1);
    for (let pair = waiting.pop(); pair !== undefined; pair = waiting.pop()) {
      if (pair.probe.rows > 0 || this.needsTable) {
        loader.beginAt(pair.level);
        buildRows.use(pair.build);
        yield load;
        loader.finish(poll);
        const divided = loader.takePartitions();
        if (divided !== undefined) {
          const probe = new RowPartitions(directory, pair.level);
          this.open.push(probe);
          for (const _block of probe.addFile(pair.probe)) yield;
          pair.probe.close();
          waiting.push(...this.pairs(divided, probe, pair.level + 1));
          continue;
        }
        probeRows.use(pair.probe);
        yield replay;
        spill.marked?.keep(directory);
        if (leftOver !== undefined) yield leftOver;
      }
      pair.build.close();
      pair.probe.close();
    }
    step.table.clear();
  }

  close(): void {
    for (const partitions of this.open) partitions.close();
    this.open.length = 0;
    this.options.spill.store.clear();
    this.runs?.loader.clear();
  }

  private get directory(): string {
    return this.options.state.environment.context.spillDirectory;
  }

  /** Are the table's rows wanted where no row was put aside? */
  private get needsTable(): boolean {
    const { spill, leftOver } = this.options;
    return leftOver !== undefined || spill.marked?.wanted === 0;
  }

  private pairs(build: RowPartitions | undefined, probe: RowPartitions, level: number): Pair[] {
    if (build === undefined) return [];
    this.open.push(build, probe);
    return build.files.map((file, i) => ({ build: file, probe: probe.files[i], level }));
  }
}

function makeRuns({ step, spill, rest, sink, state }: SpilledJoinOptions) {
  const loader = partitionLoader(spill.build);
  const buildRows = new VectorFileSource((ordinal) => ordinal);
  const probeRows = new VectorFileSource((ordinal) => spill.live.indexOf(ordinal));
  const common = () => {
    return { filter: [], filterOrdinals: [], filtered: undefined, keys: new KeyMembers() };
  };
  const { payload, keys } = loader.options;
  const width = payload.length + keys.length;
  const ordinals = Array.from({ length: width }, (_value, i) => i);
  const load = new InletRun(
    { ...common(), source: buildRows, width, ordinals, steps: [] },
    loader,
    state,
  );
  const steps: PipelineStep[] = [{ ...step, replays: true }, ...rest];
  const replay = new InletRun(
    { ...common(), source: probeRows, width: step.leftWidth, ordinals: spill.live, steps },
    sink,
    state,
  );
  return { loader, load, replay, buildRows, probeRows };
}
