// information_schema's relations about tables, views, schemas, sequences, routines and privileges.

import { informationRoutineRow } from './routines.ts';
import { type RelationDescriptor, type TriggerEvent, typeByOid } from '#common';
import { allFunctions } from '#functions';
import { viewText } from '../../catalog/view-text.ts';
import { updatableEvents, updateEvents } from '../../catalog/updatability.ts';
import type { CatalogRow, CatalogScope, Lookups, RowSources } from '../contract.ts';
import { systemRelationByOid } from '../relations.ts';
import { dataType, shownRelations, yesNo } from './information-columns.ts';

function* tableRows(scope: CatalogScope, lookups: Lookups): Iterable<CatalogRow> {
  const { catalog } = scope;
  const takes = (relation: RelationDescriptor, event: number): boolean =>
    (updatableEvents(relation, catalog, { triggers: false }) & event) !== 0;
  for (const relation of shownRelations(scope, lookups)) {
    const isView =
      relation.kind === 'view' || systemRelationByOid(relation.oid)?.relationKind === 'v';
    const isTemporary = relation.kind === 'table' && relation.persistence === 'temporary';
    yield {
      table_catalog: catalog.database.name,
      table_schema: catalog.schemaByOid(relation.schemaOid)?.name ?? '',
      table_name: relation.name,
      table_type: isTemporary ? 'LOCAL TEMPORARY' : isView ? 'VIEW' : 'BASE TABLE',
      is_insertable_into: yesNo(!isView || takes(relation, updateEvents.insert)),
      is_typed: 'NO',
      commit_action: isTemporary ? 'PRESERVE' : null,
    };
  }
}

function* viewRows(scope: CatalogScope): Iterable<CatalogRow> {
  const { catalog } = scope;
  for (const view of catalog.userRelations()) {
    if (view.kind !== 'view') continue;
    const events = updatableEvents(view, catalog, { triggers: false });
    const changes = updateEvents.update | updateEvents.delete;
    const isTriggered = (event: TriggerEvent): boolean =>
      (view.triggers ?? []).some(
        (trigger) => trigger.timing === 'instead of' && trigger.events.includes(event),
      );
    yield {
      table_catalog: catalog.database.name,
      table_schema: catalog.schemaByOid(view.schemaOid)?.name ?? '',
      table_name: view.name,
      view_definition: viewText(scope.names, view, false) ?? null,
      check_option: view.checkOption.toUpperCase(),
      is_updatable: yesNo((events & changes) === changes),
      is_insertable_into: yesNo((events & updateEvents.insert) !== 0),
      is_trigger_updatable: yesNo(isTriggered('update')),
      is_trigger_deletable: yesNo(isTriggered('delete')),
      is_trigger_insertable_into: yesNo(isTriggered('insert')),
    };
  }
}

function* viewTableRows({ catalog }: CatalogScope): Iterable<CatalogRow> {
  for (const view of catalog.userRelations()) {
    if (view.kind !== 'view') continue;
    for (const oid of view.definition.dependencies) {
      const used = catalog.relationByOid(oid);
      if (used === undefined || !('rowTypeOid' in used)) continue;
      yield {
        view_catalog: catalog.database.name,
        view_schema: catalog.schemaByOid(view.schemaOid)?.name ?? '',
        view_name: view.name,
        table_catalog: catalog.database.name,
        table_schema: catalog.schemaByOid(used.schemaOid)?.name ?? '',
        table_name: used.name,
      };
    }
  }
}

function* schemaRows({ catalog }: CatalogScope): Iterable<CatalogRow> {
  for (const schema of catalog.schemas()) {
    yield {
      catalog_name: catalog.database.name,
      schema_name: schema.name,
      schema_owner: catalog.roleByOid(schema.owner)?.name ?? '',
    };
  }
}

const integerBits: Readonly<Record<string, number>> = { smallint: 16, integer: 32, bigint: 64 };

function* sequenceRows({ catalog }: CatalogScope): Iterable<CatalogRow> {
  for (const sequence of catalog.userRelations()) {
    if (sequence.kind !== 'sequence') continue;
    const isIdentity =
      sequence.ownedBy !== undefined &&
      catalog.tableByOid(sequence.ownedBy.tableOid)?.columns[sequence.ownedBy.attributeNumber - 1]
        ?.identity !== undefined;
    if (isIdentity) continue;
    const type = dataType({ oid: sequence.dataType, typmod: -1 });
    yield {
      sequence_catalog: catalog.database.name,
      sequence_schema: catalog.schemaByOid(sequence.schemaOid)?.name ?? '',
      sequence_name: sequence.name,
      data_type: type,
      numeric_precision: integerBits[type] ?? null,
      numeric_precision_radix: 2,
      numeric_scale: 0,
      start_value: sequence.start,
      minimum_value: sequence.minimum,
      maximum_value: sequence.maximum,
      increment: sequence.increment,
      cycle_option: yesNo(sequence.cycle),
    };
  }
}

function* routineRows(scope: CatalogScope): Iterable<CatalogRow> {
  const { catalog } = scope;
  for (const routine of catalog.routines()) yield informationRoutineRow(scope, routine);
  for (const signature of allFunctions()) {
    yield {
      specific_catalog: catalog.database.name,
      specific_schema: 'pg_catalog',
      specific_name: `${signature.name}_${signature.oid}`,
      routine_catalog: catalog.database.name,
      routine_schema: 'pg_catalog',
      routine_name: signature.name,
      routine_type:
        signature.kind === 'procedure'
          ? 'PROCEDURE'
          : signature.kind === 'function'
            ? 'FUNCTION'
            : null,
      data_type: dataType({ oid: signature.resultType, typmod: -1 }),
      type_udt_catalog: catalog.database.name,
      type_udt_schema: 'pg_catalog',
      type_udt_name: typeByOid(signature.resultType)?.name ?? null,
      dtd_identifier: '0',
      routine_body: 'EXTERNAL',
      external_language: 'INTERNAL',
      parameter_style: 'GENERAL',
      is_deterministic: yesNo(signature.volatility === 'immutable'),
      sql_data_access: 'MODIFIES',
      is_null_call: yesNo(signature.strict),
      schema_level_routine: 'YES',
      max_dynamic_result_sets: 0,
      security_type: 'INVOKER',
      as_locator: 'NO',
      is_udt_dependent: 'NO',
    };
  }
}

export const informationObjectSources: RowSources = {
  tables: tableRows,
  views: viewRows,
  view_table_usage: viewTableRows,
  schemata: schemaRows,
  sequences: sequenceRows,
  routines: routineRows,
  information_schema_catalog_name: ({ catalog }) => [{ catalog_name: catalog.database.name }],
  enabled_roles: ({ catalog }) => [...catalog.roles()].map(({ name }) => ({ role_name: name })),
  applicable_roles: ({ catalog }) =>
    [...catalog.roles()].flatMap((role) =>
      role.memberOf.map((oid) => ({
        grantee: role.name,
        role_name: catalog.roleByOid(oid)?.name ?? null,
        is_grantable: 'NO',
      })),
    ),
  character_sets: ({ catalog }) => [
    {
      character_set_name: 'UTF8',
      character_repertoire: 'UCS',
      form_of_use: 'UTF8',
      default_collate_catalog: catalog.database.name,
      default_collate_schema: 'pg_catalog',
      default_collate_name: 'C.UTF-8',
    },
  ],
};
