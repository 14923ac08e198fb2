// Where a pipeline's rows come from: blocks of vectors, of any length.

import type { Batch, Block, Vector } from '#common';
import { again } from '../contract.ts';
import { type Operator, pullLarge } from '../operators/operator.ts';
import { vectorOfColumn } from './datum-vector.ts';
import { VectorBatch } from './vector-batch.ts';
import type { KeyMembers } from './key-filter.ts';

/** A block whose columns may be missing: every value of such a column is null. */
export interface SourceBlock extends Omit<Block, 'vector'> {
  /** Only the values at the places `wanted` have to be there, if that is given. */
  vector(column: number, wanted?: Int32Array): Vector | undefined;
}

export interface BlockSource {
  /** What its rows must be members of; a source that can do something with that keeps them. */
  readonly keys?: KeyMembers;
  open(): void;
  next(): SourceBlock | typeof again | undefined;
  close(): void;
}

/** The rows of an interpreted operator. */
export class OperatorSource implements BlockSource {
  private readonly operator: Operator;
  private readonly types: readonly number[];

  constructor(operator: Operator, types: readonly number[]) {
    this.operator = operator;
    this.types = types;
  }
  open(): void {
    this.operator.open();
  }
  next(): SourceBlock | typeof again | undefined {
    const batch = pullLarge(this.operator);
    return batch === again || batch === undefined ? batch : batchBlock(batch, this.types);
  }
  close(): void {
    this.operator.close();
  }
}

function batchBlock(batch: Batch, types: readonly number[]): SourceBlock {
  if (batch instanceof VectorBatch) {
    const { vectors } = batch;
    return vectorBlock(batch.length, (column) => vectors[column]);
  }
  const { length, columns } = batch;
  return {
    length,
    selection: undefined,
    selected: length,
    vector: (column) => vectorOfColumn(columns[column], types[column], length),
  };
}

/** A block of whole vectors. */
export function vectorBlock(length: number, vector: SourceBlock['vector']): SourceBlock {
  return { length, selection: undefined, selected: length, vector };
}
