// The seam to the system catalog: relations of pg_catalog and information_schema are computed by it,
// and read by the plan operator that knows them by oid only.

import { type Datum, assert } from '#common';
import type { ExecutionContext } from './contract.ts';

export interface SystemRelations {
  /**
   * The rows of the relation, computed as they are asked for, with the values of the columns asked for
   * (ordinals of its descriptor). They are those of one moment, whatever happens meanwhile.
   */
  rows(
    relationOid: number,
    asked: {
      readonly columns: readonly number[];
      /** Equalities that the reader will apply anyway: rows that do not satisfy them may be left out. */
      readonly lookups: readonly { readonly column: number; readonly value: Datum }[];
    },
    context: ExecutionContext,
  ): Iterable<readonly Datum[]>;
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
