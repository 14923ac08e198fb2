// pg_aggregate: PostgreSQL's own rows, and those of aggregates that users have made.

import { type RoutineDescriptor, type AggregateSteps } from '#common';
import type { CatalogRow, CatalogScope, RowSources } from '../contract.ts';
import { constantRows } from '../constants.ts';
import { systemRelations } from '../relations.ts';

const kinds = { normal: 'n', ordered: 'o', hypothetical: 'h' } as const;

let builtin: readonly CatalogRow[] | undefined;

function builtinRows(): readonly CatalogRow[] {
  if (builtin === undefined) {
    const relation = systemRelations().find(({ name }) => name === 'pg_aggregate');
    const names = relation?.columns.map(({ name }) => name) ?? [];
    builtin =
      relation === undefined
        ? []
        : constantRows(relation).map((row) =>
            Object.fromEntries(names.map((name, place) => [name, row[place]])),
          );
  }
  return builtin;
}

const noSteps: Pick<AggregateSteps, 'stepOid' | 'stateType' | 'finishOid'> & {
  readonly inverseOid: number;
} = { stepOid: 0, stateType: 0, finishOid: 0, inverseOid: 0 };

function aggregateRow({ oid, aggregate }: RoutineDescriptor): CatalogRow {
  const definition = aggregate!;
  const moving: AggregateSteps & { readonly inverseOid: number } = definition.moving ?? noSteps;
  const modify = definition.finishModify ?? 'r';
  return {
    aggfnoid: oid,
    aggkind: kinds[definition.aggregateKind],
    aggnumdirectargs: definition.directArgumentCount,
    aggtransfn: definition.stepOid,
    aggfinalfn: definition.finishOid,
    aggcombinefn: definition.combineOid ?? 0,
    aggserialfn: definition.serializeOid ?? 0,
    aggdeserialfn: definition.deserializeOid ?? 0,
    aggmtransfn: moving.stepOid,
    aggminvtransfn: moving.inverseOid,
    aggmfinalfn: moving.finishOid,
    aggfinalextra: definition.finishExtra ?? false,
    aggmfinalextra: moving.finishExtra ?? false,
    aggfinalmodify: modify,
    aggmfinalmodify: moving.finishModify ?? modify,
    aggsortop: definition.sortOperatorOid ?? 0,
    aggtranstype: definition.stateType,
    aggtransspace: definition.stateSpace ?? 0,
    aggmtranstype: moving.stateType,
    aggmtransspace: moving.stateSpace ?? 0,
    agginitval: definition.initial ?? null,
    aggminitval: moving.initial ?? null,
  };
}

function* aggregateRows({ catalog }: CatalogScope): Iterable<CatalogRow> {
  yield* builtinRows();
  for (const routine of catalog.routines()) {
    if (routine.aggregate !== undefined) yield aggregateRow(routine);
  }
}

export const aggregateSources: RowSources = { pg_aggregate: aggregateRows };
