// Long jobs over a table's rows, in slices: filling a new index, copying rows into new trees.

import { type Datum, type IndexDescriptor, notSupported, type TableDescriptor } from '#common';
import { again } from '../contract.ts';
import type { TableBuild } from '#storage';
import type { UtilityWork } from './contract.ts';
import type { DdlStatement } from './statement.ts';

/** Rows between two looks at the clock. */
const rowsPerStep = 512;

type Work = Generator<Exclude<ReturnType<UtilityWork['next']>['value'], string>, void>;

export function* fillIndex(_ddl: DdlStatement, _table: TableDescriptor, _index: IndexDescriptor): Work {}

export interface Rewrite {
  readonly from: TableDescriptor;
  readonly to: TableDescriptor;
  readonly convert?: (row: Datum[]) => readonly Datum[];
}

export function* rewriteTable(_ddl: DdlStatement, _rewrite: Rewrite): Work {
  throw notSupported('rewriting a table');
}

/** Runs a build to its end, a slice at a time. */
export function* runBuild(ddl: DdlStatement, build: TableBuild): Work {
  const { interrupt } = ddl.context;
  try {
    while (!build.step(rowsPerStep)) {
      interrupt.check();
      if (interrupt.sliceOver()) yield again;
    }
  } finally {
    build.close();
  }
}
