// The operator classes of inverted indexes, by name.

import type { InvertedClass } from './contract.ts';
import { arrayClass } from './array-terms.ts';
import { hstoreClass } from './hstore-terms.ts';
import { jsonbClass, jsonbPathClass } from './jsonb-terms.ts';
import { scalarClassName } from '../index-classes.ts';
import { scalarClass } from './scalar-terms.ts';
import { textSearchClass } from './text-search-terms.ts';
import { trigramClass } from './trigram-terms.ts';

const classes: Readonly<Record<string, (type: number) => InvertedClass>> = {
  array_ops: arrayClass,
  jsonb_ops: () => jsonbClass,
  jsonb_path_ops: () => jsonbPathClass,
  tsvector_ops: () => textSearchClass,
  gin_trgm_ops: () => trigramClass,
  gin_hstore_ops: () => hstoreClass,
  [scalarClassName]: scalarClass,
};

/** For columns of a type; 0A000 when its elements have no order. */
export function invertedClass(name: string, type: number): InvertedClass | undefined {
  return classes[name]?.(type);
}
