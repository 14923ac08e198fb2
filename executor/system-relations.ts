// The seam to the system catalog: relations of pg_catalog and information_schema are computed by it,
// and read by the plan operator that knows them by oid only.

import { type Datum, assert } from '#common';
import type { ExecutionContext } from './contract.ts';

export interface SystemRelations {
  /**
   * All rows of the relation, one value per column of its descriptor. `lookups` are equalities that the
   * reader will apply anyway: rows that do not satisfy them may be left out.
   */
  rows(
    relationOid: number,
    lookups: readonly { readonly column: number; readonly value: Datum }[],
    context: ExecutionContext,
  ): readonly (readonly Datum[])[];
}

let installed: SystemRelations | undefined;

/** Called once, when the system catalog is loaded. */
export function installSystemRelations(relations: SystemRelations): void {
  installed = relations;
}

export function installedSystemRelations(): SystemRelations {
  assert(installed !== undefined, 'the system catalog is installed');
  return installed;
}
