// Views that show what a set-returning function gives: pg_timezone_names and pg_timezone_abbrevs.

import type { Datum } from '#common';
import { functionRegistry, notYet } from '#functions';
import type { CatalogRow, CatalogScope, RowSource, RowSources } from '../contract.ts';

/** The columns of the view are the function's. */
function viewOf(functionName: string): RowSource {
  return function* ({ context }: CatalogScope): Iterable<CatalogRow> {
    const [{ oid, outColumns }] = functionRegistry.functionsNamed(functionName);
    for (const row of functionRegistry.set(oid)?.(context.functions) ?? []) {
      if (row === notYet) continue;
      const values = row as readonly Datum[];
      yield Object.fromEntries(outColumns.map(({ name }, at) => [name, values[at]]));
    }
  };
}

export const functionViewSources: RowSources = {
  pg_timezone_names: viewOf('pg_timezone_names'),
  pg_timezone_abbrevs: viewOf('pg_timezone_abbrevs'),
};
