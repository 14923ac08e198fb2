// Turns a run of tuples into vectors: straight into typed arrays where the type and the values allow.

import {
  type Datum,
  fillBoolean,
  fillFloat64,
  fillGeneric,
  fillInt32,
  fillSafeInt64,
  fillScaledIntegers,
  type TupleLayout,
  type TupleRun,
  TypeOid,
  type Vector,
} from '#common';
import {
  type BatchShape,
  commonVersion,
  readRowByRow,
  type RowRun,
} from '../table/column-batch.ts';
import type { RowSource } from '../table/contract.ts';
import { pseudoType } from '../table/row-sources.ts';
import { datumVector, integerVector, vectorForm } from './datum-vectors.ts';

/** One vector per source; they own their memory. */
export function runVectors(shape: BatchShape, run: RowRun): Vector[] {
  const version = commonVersion(shape.format, run.tuples);
  return shape.sources.map((source) => {
    if (source.kind === 'attribute' && version !== undefined) {
      const position = version.positions[source.attributeNumber - 1];
      if (position >= 0) return tupleVector(version.layout, position, run.tuples);
    }
    const values = readRowByRow(shape, source, run).values as Datum[];
    return datumVector(vectorForm(sourceType(shape, source)), values);
  });
}

function sourceType(shape: BatchShape, source: RowSource): number {
  if (source.kind === 'attribute') {
    return shape.format.columns[source.attributeNumber - 1].type.oid;
  }
  if (source.kind === 'rowKey') return TypeOid.text;
  return pseudoType(source.name);
}

function tupleVector(layout: TupleLayout, position: number, run: TupleRun): Vector {
  const { length } = run;
  const { typeOid } = layout.columns[position];
  const nulls = new Uint8Array(length);
  switch (typeOid) {
    case TypeOid.int4:
    case TypeOid.date: {
      const values = new Int32Array(length);
      const anyNull = fillInt32(layout, position, run, values, nulls);
      const vector = integerVector(values, 0, nullFlags(nulls, anyNull));
      const isFinite = typeOid === TypeOid.int4 || isFiniteDate(vector.min, vector.max);
      return isFinite ? vector : genericVector(layout, position, run);
    }
    case TypeOid.int8:
    case TypeOid.time:
    case TypeOid.timestamp:
    case TypeOid.timestamptz: {
      const values = new Float64Array(length);
      const found = fillSafeInt64(layout, position, run, values, nulls);
      return found < 0
        ? genericVector(layout, position, run)
        : integerVector(values, 0, nullFlags(nulls, found === 1));
    }
    case TypeOid.numeric: {
      const values = new Float64Array(length);
      const scale = fillScaledIntegers(layout, position, run, values, nulls);
      return scale < 0
        ? genericVector(layout, position, run)
        : integerVector(values, scale, nullFlags(nulls, nulls.includes(1)));
    }
    case TypeOid.float4:
    case TypeOid.float8: {
      const values = new Float64Array(length);
      const anyNull = fillFloat64(layout, position, run, values, nulls);
      return { kind: 'float', values, nulls: nullFlags(nulls, anyNull) };
    }
    case TypeOid.bool: {
      const values = new Uint8Array(length);
      const anyNull = fillBoolean(layout, position, run, values, nulls);
      return { kind: 'boolean', values, nulls: nullFlags(nulls, anyNull) };
    }
    default:
      return genericVector(layout, position, run);
  }
}

function genericVector(layout: TupleLayout, position: number, run: TupleRun): Vector {
  const values: Datum[] = [];
  fillGeneric(layout, position, run, values);
  return datumVector(vectorForm(layout.columns[position].typeOid), values);
}

function isFiniteDate(min: number, max: number): boolean {
  return min > -2147483648 && max < 2147483647;
}

/** Fills mark a null by any bit; a vector by 1. */
function nullFlags(nulls: Uint8Array, anyNull: boolean): Uint8Array | undefined {
  if (!anyNull) return undefined;
  for (let i = 0; i < nulls.length; i++) if (nulls[i] !== 0) nulls[i] = 1;
  return nulls;
}
