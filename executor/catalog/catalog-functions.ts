// PostgreSQL's functions over the catalog, by name: one table per family. Arguments that are null
// give null, as all of them are strict.

import {
  TypeOid,
  ArrayValue,
  canonicalInteger,
  databaseError,
  type Datum,
  type EntryClass,
  type RelationDescriptor,
  type ColumnDescriptor,
  moduleOfType,
  typeByOid,
} from '#common';
import { functionRegistry } from '#functions';
import { rowSecurityStatus } from '#planner';
import type { CatalogQuestion } from './catalog-access.ts';
import { availableModules, availableVersions } from './available-modules.ts';
import { commentFunctions } from './comment-functions.ts';
import { constraintDefinition, indexDefinition, indexKeyText } from './definitions.ts';
import { referenceTriggerByOid } from './reference-triggers.ts';
import { fileNodeOf } from './file-node.ts';
import { splitName } from './names.ts';
import { objectAddressFunctions } from './object-address-functions.ts';
import { isBuiltin, isEntryVisible } from './entry-names.ts';
import { partitionAncestors, partitionTree } from './partition-tree.ts';
import { partitionConstraint, partitionKeyDefinition } from './partition-definitions.ts';
import {
  argumentDefault,
  argumentList,
  argumentsText,
  resultText,
  routineDefinition,
} from './routine-text.ts';
import { isRoutineVisible } from './routine-name.ts';
import { ruleDefinition } from './rule-text.ts';
import { triggerDefinition } from './trigger-text.ts';
import { shownExpression, shownExpressions } from './pretty-expression.ts';
import { privilegeFunctions } from './privilege-functions.ts';
import { viewText } from './view-text.ts';
import { updatableEvents, updateEvents } from './updatability.ts';
import { indexUpkeepFunctions } from './index-upkeep.ts';
import { relationFunctions } from './relation-functions.ts';
import { sizeFunctions } from './size-functions.ts';
import { statisticsFunctions } from './statistics-functions.ts';
import { statisticsColumns, statisticsDefinition } from './statistics-text.ts';

export type CatalogFunction = (question: CatalogQuestion, args: readonly Datum[]) => Datum;
export type CatalogFunctions = Readonly<Record<string, CatalogFunction>>;

const oidOf = (value: Datum | undefined): number => Number(value ?? 0);
const textOf = (value: Datum | undefined): string => (typeof value === 'string' ? value : '');

function relationOf(
  { catalog }: CatalogQuestion,
  oid: Datum | undefined,
): RelationDescriptor | undefined {
  return catalog.relationByOid(oidOf(oid));
}

/** Would row policies change what the current role sees of the table? */
function rowSecurityActive(question: CatalogQuestion, [name]: readonly Datum[]): Datum {
  const { catalog, session } = question;
  const relation =
    typeof name === 'string' ? question.names.relation(name) : relationOf(question, name);
  if (relation === undefined) return null;
  return (
    relation.kind === 'table' &&
    rowSecurityStatus(relation, catalog, session.currentUser.oid) === 'applies'
  );
}

const definitionFunctions: CatalogFunctions = {
  format_type({ names }, [oid, typmod]) {
    if (oid === null || oid === undefined) return null;
    if (oidOf(oid) === 0) return '-';
    return (
      names.typeName(oidOf(oid), typmod === null || typmod === undefined ? -1 : Number(typmod)) ??
      '???'
    );
  },
  pg_get_expr({ names, catalog }, [text, relation, pretty]) {
    if (typeof text !== 'string') return null;
    const table = catalog.tableByOid(oidOf(relation));
    return shownExpressions(names, text, {
      place: 'indexExpression',
      ...(table && { table }),
      pretty: pretty === true,
    });
  },
  pg_get_indexdef(question, [oid, column, pretty]) {
    const index = question.catalog.indexByOid(oidOf(oid));
    if (index === undefined) return null;
    const ordinal = Number(column ?? 0);
    if (ordinal === 0) return indexDefinition(question.names, index, pretty === true);
    const table = question.catalog.tableByOid(index.tableOid)!;
    const key = index.columns[ordinal - 1];
    if (key !== undefined) return indexKeyText(question.names, table, key, pretty === true);
    const included = index.included[ordinal - 1 - index.columns.length];
    return included === undefined ? '' : (table.columns[included - 1]?.name ?? '');
  },
  pg_get_constraintdef({ catalog, names }, [oid, pretty]) {
    const table = catalog.state.local.ownerOfPart(oidOf(oid));
    if (table?.kind === 'type' && table.definition.type === 'domain') {
      const check = table.definition.constraints.find((candidate) => candidate.oid === oid);
      if (check === undefined) return null;
      const text = shownExpression(names, check.expression.sql, {
        place: 'check',
        value: table.definition.base,
        pretty: pretty === true,
      });
      return `CHECK (${text})${check.validated ? '' : ' NOT VALID'}`;
    }
    if (table?.kind !== 'table') return null;
    const constraint = table.constraints.find((candidate) => candidate.oid === oid);
    return constraint === undefined
      ? null
      : constraintDefinition(names, constraint, pretty === true);
  },
  pg_get_viewdef(question, [view, pretty]) {
    const relation =
      typeof view === 'string' ? question.names.relation(view) : relationOf(question, view);
    if (relation === undefined) return null;
    const isPretty = pretty === true || typeof pretty === 'number';
    return viewText(question.names, relation, isPretty) ?? 'Not a view';
  },
  pg_get_userbyid: ({ catalog }, [oid]) =>
    catalog.roleByOid(oidOf(oid))?.name ?? `unknown (OID=${oidOf(oid)})`,
  pg_get_serial_sequence(question, [tableName, columnName]) {
    const table = requireTable(question, textOf(tableName));
    const column = table.columns.find(
      (candidate) => candidate.name === columnName && !candidate.dropped,
    );
    if (column === undefined) {
      throw databaseError(
        'undefinedColumn',
        `column "${textOf(columnName)}" of relation "${table.name}" does not exist`,
      );
    }
    for (const relation of question.catalog.userRelations()) {
      const owner = relation.kind === 'sequence' ? relation.ownedBy : undefined;
      if (owner?.tableOid === table.oid && owner.attributeNumber === column.attributeNumber) {
        return question.names.qualifiedName(relation);
      }
    }
    return null;
  },
  pg_get_triggerdef({ catalog, names }, [oid, pretty]) {
    const internal = referenceTriggerByOid(catalog, oidOf(oid));
    if (internal !== undefined)
      return triggerDefinition(names, internal.table, internal.trigger, pretty === true);
    const table = catalog.state.local.ownerOfPart(oidOf(oid));
    if (table?.kind !== 'table' && table?.kind !== 'view') return null;
    const trigger = table.triggers?.find((candidate) => candidate.oid === oid);
    return trigger === undefined ? null : triggerDefinition(names, table, trigger, pretty === true);
  },
  pg_get_ruledef({ catalog, names }, [oid, pretty]) {
    const relation = catalog.state.local.ownerOfPart(oidOf(oid));
    if (relation?.kind !== 'table' && relation?.kind !== 'view') return null;
    const rule = relation.rules?.find((each) => each.oid === oid);
    return rule === undefined ? null : ruleDefinition(names, relation, rule, pretty === true);
  },
  pg_get_partkeydef({ catalog, names }, [oid]) {
    const table = catalog.tableByOid(oidOf(oid));
    return table?.partitioning === undefined ? null : partitionKeyDefinition(names, table);
  },
  pg_get_partition_constraintdef({ catalog, names }, [oid]) {
    const table = catalog.tableByOid(oidOf(oid));
    const parent = catalog.tableByOid(table?.parents?.[0] ?? 0);
    if (table?.partitionBound === undefined || parent === undefined) return null;
    return partitionConstraint(names, parent, table.partitionBound) ?? null;
  },
  pg_partition_ancestors: ({ catalog }, [oid]) =>
    ArrayValue.of(TypeOid.regclass, partitionAncestors(catalog, oidOf(oid))),
  pg_available_extensions: () => ArrayValue.of(TypeOid.record, availableModules()),
  pg_available_extension_versions: () => ArrayValue.of(TypeOid.record, availableVersions()),
  pg_partition_tree: ({ catalog }, [oid]) =>
    ArrayValue.of(TypeOid.record, partitionTree(catalog, oidOf(oid))),
  pg_partition_root({ catalog }, [oid]) {
    let table = catalog.tableByOid(oidOf(oid));
    if (table?.partitioning === undefined && table?.partitionBound === undefined) return null;
    while (table?.partitionBound !== undefined) {
      table = catalog.tableByOid(table.parents?.[0] ?? 0);
    }
    return table?.oid ?? null;
  },
  pg_get_statisticsobjdef: ({ names }, [oid]) => statisticsDefinition(names, oidOf(oid)),
  pg_get_statisticsobjdef_columns: ({ names }, [oid]) => statisticsColumns(names, oidOf(oid)),
  pg_get_functiondef({ catalog, names }, [oid]) {
    const routine = catalog.routineByOid(oidOf(oid));
    if (routine?.routineKind === 'aggregate') {
      throw databaseError('wrongObjectType', `"${routine.name}" is an aggregate function`);
    }
    return routine === undefined ? null : routineDefinition(names, routine);
  },
  pg_get_function_sqlbody: ({ catalog }, [oid]) =>
    catalog.routineByOid(oidOf(oid))?.standardBody ?? null,
  pg_get_function_result({ catalog, names }, [oid]) {
    const routine = catalog.routineByOid(oidOf(oid));
    if (routine !== undefined) return resultText(names, routine);
    const signature = functionRegistry.functionByOid(oidOf(oid));
    if (signature === undefined) return null;
    const result = names.plainTypeName(signature.resultType) ?? '???';
    return signature.returnsSet ? `SETOF ${result}` : result;
  },
  pg_get_function_arguments(question, args) {
    const routine = question.catalog.routineByOid(oidOf(args[0]));
    if (routine === undefined) return functionArguments(question, args);
    return argumentsText(question.names, routine, { identity: false });
  },
  pg_get_function_identity_arguments(question, args) {
    const routine = question.catalog.routineByOid(oidOf(args[0]));
    if (routine === undefined) return functionArguments(question, args);
    return argumentsText(question.names, routine, { identity: true });
  },
  pg_get_function_arg_default({ catalog, names }, [oid, ordinal]) {
    const routine = catalog.routineByOid(oidOf(oid));
    return routine === undefined ? null : argumentDefault(names, routine, Number(ordinal));
  },
};

function functionArguments({ names }: CatalogQuestion, [oid]: readonly Datum[]): Datum {
  const signature = functionRegistry.functionByOid(oidOf(oid));
  if (signature === undefined) return null;
  const texts = signature.argumentTypes.map((type, position) => {
    const name = signature.argumentNames[position];
    const isVariadic = signature.variadic !== 0 && position === signature.argumentTypes.length - 1;
    const prefix = isVariadic ? 'VARIADIC ' : '';
    const named = name === undefined || name === '' ? '' : `${name} `;
    return `${prefix}${named}${names.plainTypeName(type) ?? '???'}`;
  });
  return argumentList(texts, signature);
}

function requireTable(
  question: CatalogQuestion,
  name: string,
): Extract<RelationDescriptor, { readonly columns: readonly ColumnDescriptor[] }> {
  const relation = question.names.relation(name);
  if (relation === undefined)
    throw databaseError('undefinedTable', `relation "${splitName(name).join('.')}" does not exist`);
  if (relation.kind === 'sequence' || relation.kind === 'index')
    throw databaseError('wrongObjectType', `"${relation.name}" is not a table or view`);
  return relation;
}

const alwaysVisible: CatalogFunction = () => true;

function visibleEntry(name: EntryClass): CatalogFunction {
  return ({ catalog, names }, [oid]) => {
    const entry = catalog.entryByOid(name, oidOf(oid));
    return entry === undefined ? null : isEntryVisible(names, entry);
  };
}

const visibilityFunctions: CatalogFunctions = {
  pg_table_is_visible(question, [oid]) {
    const relation = relationOf(question, oid);
    if (relation !== undefined) return question.names.isVisible(relation);
    const type = question.catalog.state.local.ownerOfPart(oidOf(oid));
    return type?.kind === 'type' ? question.names.typeIsVisible(type.name, type.oid) : null;
  },
  pg_type_is_visible(question, [oid]) {
    const { catalog, names } = question;
    const type = catalog.typeByOid(oidOf(oid));
    if (type !== undefined) {
      return names.typeIsVisible(type.oid === oid ? type.name : type.arrayName, oidOf(oid));
    }
    const brought = moduleOfType(oidOf(oid)) === undefined ? undefined : typeByOid(oidOf(oid));
    if (brought !== undefined) return names.typeIsVisible(brought.name, brought.oid);
    const relation = catalog.relationOfRowType(oidOf(oid));
    return relation === undefined ? true : names.isVisible(relation);
  },
  pg_function_is_visible({ catalog, names }, [oid]) {
    const routine = catalog.routineByOid(oidOf(oid));
    if (routine !== undefined) return isRoutineVisible(names, routine);
    const { module } = functionRegistry.functionByOid(oidOf(oid)) ?? {};
    return module === undefined || names.isModuleSearched(module);
  },
  pg_operator_is_visible: visibleEntry('operator'),
  pg_opclass_is_visible: visibleEntry('operatorClass'),
  pg_opfamily_is_visible: visibleEntry('operatorFamily'),
  pg_collation_is_visible: alwaysVisible,
  pg_conversion_is_visible: visibleEntry('conversion'),
  pg_ts_config_is_visible: visibleEntry('textSearchConfiguration'),
  pg_ts_dict_is_visible: visibleEntry('textSearchDictionary'),
  pg_ts_parser_is_visible: visibleEntry('textSearchParser'),
  pg_ts_template_is_visible: visibleEntry('textSearchTemplate'),
  pg_statistics_obj_is_visible: alwaysVisible,
  pg_is_other_temp_schema: ({ catalog, session }, [oid]) => {
    const name = catalog.schemaByOid(oidOf(oid))?.name;
    return name !== undefined && name.startsWith('pg_temp_') && !session.searchPath.includes(name);
  },
  pg_my_temp_schema: ({ catalog, session }) => {
    const name = session.searchPath.find((candidate) => candidate.startsWith('pg_temp_'));
    return name === undefined ? 0 : (catalog.findSchema(name)?.oid ?? 0);
  },
  pg_relation_is_publishable: (question, [oid]) => relationOf(question, oid)?.kind === 'table',
  pg_relation_filenode(question, [oid]) {
    const relation = relationOf(question, oid);
    return (relation && fileNodeOf(question.catalog, relation)) || null;
  },
  pg_filenode_relation({ catalog }, [space, fileNode]) {
    const wanted = oidOf(fileNode);
    const found = [...catalog.userRelations()].find(
      (relation) =>
        fileNodeOf(catalog, relation) === wanted &&
        ('tablespace' in relation ? (relation.tablespace ?? 0) : 0) === oidOf(space),
    );
    return wanted === 0 ? null : (found?.oid ?? null);
  },
  pg_sequence_last_value(question, [oid]) {
    const sequence = relationOf(question, oid);
    if (sequence?.kind !== 'sequence') return null;
    const counter = question.catalog.storage.readCounter(sequence.counterId);
    return counter?.isCalled === true ? canonicalInteger(counter.lastValue) : null;
  },
  row_security_active: rowSecurityActive,
  pg_tablespace_location({ catalog }, [oid]) {
    const space = catalog.entryByOid('tablespace', oidOf(oid));
    if (space === undefined || isBuiltin(space)) return '';
    return space.definition.location || `pg_tblspc/${space.oid}`;
  },
  pg_index_column_has_property(question, [oid, column, property]) {
    const index = question.catalog.indexByOid(oidOf(oid));
    const key = index?.columns[Number(column) - 1];
    if (key === undefined) return null;
    const answers: Readonly<Record<string, boolean>> = {
      asc: !key.descending,
      desc: key.descending,
      nulls_first: key.nullsFirst,
      nulls_last: !key.nullsFirst,
      orderable: true,
      distance_orderable: false,
      returnable: true,
      search_array: true,
      search_nulls: true,
    };
    return answers[textOf(property)] ?? null;
  },
  pg_index_has_property(_question, [, property]) {
    const answers: Readonly<Record<string, boolean>> = {
      clusterable: true,
      index_scan: true,
      bitmap_scan: true,
      backward_scan: true,
    };
    return answers[textOf(property)] ?? null;
  },
  pg_indexam_has_property(_question, [, property]) {
    const answers: Readonly<Record<string, boolean>> = {
      can_order: true,
      can_unique: true,
      can_multi_col: true,
      can_exclude: false,
      can_include: true,
    };
    return answers[textOf(property)] ?? null;
  },
  pg_get_replica_identity_index(question, [oid]) {
    const table = question.catalog.tableByOid(oidOf(oid));
    const identity = table?.replicaIdentity;
    if (typeof identity === 'string') return null;
    return identity?.indexOid ?? table?.indexes.find((index) => index.primary)?.oid ?? null;
  },
  pg_relation_filepath: (question, [oid]) => {
    const relation = relationOf(question, oid);
    return relation !== undefined && 'treeId' in relation ? `tree/${relation.treeId}` : null;
  },
  pg_relation_is_updatable: (question, [oid, triggers]) =>
    updatableEvents(relationOf(question, oid), question.catalog, { triggers: triggers === true }),
  pg_column_is_updatable(question, [oid, column, triggers]) {
    const relation = relationOf(question, oid);
    const name =
      relation !== undefined && 'columns' in relation && relation.kind !== 'index'
        ? relation.columns[Number(column) - 1]?.name
        : undefined;
    if (name === undefined) return false;
    const options = { triggers: triggers === true, column: name };
    const events = updatableEvents(relation, question.catalog, options);
    const both = updateEvents.update | updateEvents.delete;
    return (events & both) === both;
  },
};

const families: readonly CatalogFunctions[] = [
  definitionFunctions,
  visibilityFunctions,
  commentFunctions,
  objectAddressFunctions,
  privilegeFunctions,
  relationFunctions,
  sizeFunctions,
  statisticsFunctions,
  indexUpkeepFunctions,
];

export const catalogFunctions: ReadonlyMap<string, CatalogFunction> = new Map(
  families.flatMap((family) => Object.entries(family)),
);
