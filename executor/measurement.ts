// What EXPLAIN ANALYZE reports per plan node.

import { type Operator, type Pulled, pullLarge } from './operators/operator.ts';
import { again } from './contract.ts';

export interface NodeMeasurement {
  /** Times the node was started. */
  loops: number;
  rows: number;
  milliseconds: number;
  /** Until the first batch of the first start. */
  startupMilliseconds: number;
  spilledBytes: number;
  /** Rows that a filter of the node removed. */
  rowsRemoved: number;
  /** Further lines: compiled pipelines, blocks read. */
  readonly notes: Map<string, string>;
}

function newMeasurement(): NodeMeasurement {
  return {
    loops: 0,
    rows: 0,
    milliseconds: 0,
    startupMilliseconds: 0,
    spilledBytes: 0,
    rowsRemoved: 0,
    notes: new Map(),
  };
}

/** The node's entry, made when it is not there yet. */
export function measurementOf(
  measurements: Map<number, NodeMeasurement>,
  nodeId: number,
): NodeMeasurement {
  let measurement = measurements.get(nodeId);
  if (measurement === undefined) {
    measurement = newMeasurement();
    measurements.set(nodeId, measurement);
  }
  return measurement;
}

/** Counts rows and time of the operator that it wraps. */
export class MeasuredOperator implements Operator {
  private readonly inner: Operator;
  private readonly measurement: NodeMeasurement;

  constructor(inner: Operator, measurement: NodeMeasurement) {
    this.inner = inner;
    this.measurement = measurement;
  }

  open(): void {
    const start = performance.now();
    this.measurement.loops++;
    this.inner.open();
    this.measurement.milliseconds += performance.now() - start;
  }

  next(): Pulled {
    return this.measured(() => this.inner.next());
  }

  nextLarge(): Pulled {
    return this.measured(() => pullLarge(this.inner));
  }

  private measured(pull: () => Pulled): Pulled {
    const start = performance.now();
    const pulled = pull();
    const measurement = this.measurement;
    measurement.milliseconds += performance.now() - start;
    if (pulled !== again && pulled !== undefined) {
      if (measurement.rows === 0) measurement.startupMilliseconds = measurement.milliseconds;
      measurement.rows += pulled.length;
    }
    return pulled;
  }

  close(): void {
    this.inner.close();
  }
}
