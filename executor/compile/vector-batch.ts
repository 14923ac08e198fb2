// Rows that leave compiled pipelines: a batch that keeps its vectors, for readers who understand them (another
// pipeline, the way to another thread), and makes columns when somebody else asks.

import type { Batch, Column, Vector } from '#common';
import { sliceBatch } from '../rows/gather.ts';
import { columnOfVector } from './datum-vector.ts';

export class VectorBatch implements Batch {
  readonly length: number;
  /** undefined: every value is null. All are of the batch's length. */
  readonly vectors: readonly (Vector | undefined)[];
  readonly types: readonly number[];
  /** Nobody else has the vectors' memory, so it may go with a message. */
  readonly isOwn: boolean;
  private made: readonly Column[] | undefined = undefined;

  constructor(
    length: number,
    vectors: readonly (Vector | undefined)[],
    types: readonly number[],
    isOwn = false,
  ) {
    this.length = length;
    this.isOwn = isOwn;
    this.vectors = vectors;
    this.types = types;
  }

  get columns(): readonly Column[] {
    this.made ??= this.vectors.map((vector, i) =>
      columnOfVector(vector, this.types[i], { start: 0, end: this.length }),
    );
    return this.made;
  }
}

/** Values start .. end - 1, in memory of their own. */
export function slicedVector(
  vector: Vector | undefined,
  { start, end }: { readonly start: number; readonly end: number },
): Vector | undefined {
  if (vector === undefined) return undefined;
  if (vector.kind === 'datum') return { kind: 'datum', values: vector.values.slice(start, end) };
  const nulls = vector.nulls?.slice(start, end);
  if (vector.kind === 'dictionary')
    return { ...vector, codes: vector.codes.slice(start, end), nulls };
  return { ...vector, values: vector.values.slice(start, end), nulls } as Vector;
}

/** Rows start .. end - 1 of a batch, as vectors if it has them. */
export function slicedBatch(batch: Batch, start: number, end: number): Batch {
  if (start === 0 && end === batch.length) return batch;
  if (!(batch instanceof VectorBatch)) return sliceBatch(batch, start, end);
  const vectors = batch.vectors.map((vector) => slicedVector(vector, { start, end }));
  return new VectorBatch(end - start, vectors, batch.types);
}
