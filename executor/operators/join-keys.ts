// Evaluates the key columns of a join (or of any hashing operator) for a whole batch.

import { type Batch, type Datum, type Expression, columnValue } from '#common';
import { type HashKey, keyHasher } from '../rows/key-hash.ts';
import type { Runtime } from '../runtime.ts';
import { compileColumn } from './simple-operators.ts';

/** One hash key per row; undefined where a key column is null. */
export type JoinKeys = (batch: Batch) => readonly (HashKey | undefined)[];

export function compileJoinKeys(expressions: readonly Expression[], runtime: Runtime): JoinKeys {
  const makers = expressions.map((expression) => compileColumn(expression, runtime));
  const hash = keyHasher(expressions.map((expression) => expression.type.oid));
  const values: Datum[] = expressions.map(() => null);
  return (batch) => {
    const columns = makers.map((maker) => maker(batch));
    const keys: (HashKey | undefined)[] = [];
    for (let row = 0; row < batch.length; row++) {
      let complete = true;
      for (let i = 0; i < columns.length; i++) {
        const value = columnValue(columns[i], row);
        if (value === null) complete = false;
        values[i] = value;
      }
      keys.push(complete ? hash(values) : undefined);
    }
    return keys;
  };
}
