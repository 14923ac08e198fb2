// pg_class: relations, and composite types, which have a place there as well.

import { type Datum, queryOf, type RelationDescriptor } from '#common';
import { fileNodeOf } from '../../catalog/file-node.ts';
import { partitionBoundText } from '../../catalog/partition-definitions.ts';
import {
  aclArray,
  type CatalogRow,
  type CatalogScope,
  type Lookups,
  optionArray,
  type RowSources,
} from '../contract.ts';
import { systemRelationByOid } from '../relations.ts';
import { askedRelations, type CompositeRelation, compositeTypes } from './asked-relations.ts';

const heapAccessMethod = 2;
const accessMethods: Readonly<Record<string, number>> = { btree: 403, hash: 405 };
const pageBytes = 8192;

const relationKinds: Readonly<Record<RelationDescriptor['kind'], string>> = {
  table: 'r',
  view: 'v',
  sequence: 'S',
  index: 'i',
  system: 'r',
};

/** A partitioned table, and an index of one, have kinds of their own. */
function kindOf({ catalog }: CatalogScope, relation: RelationDescriptor): string {
  const table =
    relation.kind === 'index'
      ? catalog.tableByOid(relation.tableOid)
      : relation.kind === 'table'
        ? relation
        : undefined;
  if (relation.kind === 'table' && relation.materialized !== undefined) return 'm';
  if (relation.kind === 'table' && relation.foreign !== undefined) return 'f';
  if (table?.partitioning === undefined) return relationKinds[relation.kind];
  return relation.kind === 'index' ? 'I' : 'p';
}

function isPart(relation: RelationDescriptor): boolean {
  if (relation.kind === 'index') return relation.parentOid !== undefined;
  return relation.kind === 'table' && relation.partitionBound !== undefined;
}

/** What pg_get_expr() makes FOR VALUES … of. */
function boundOf({ catalog }: CatalogScope, relation: RelationDescriptor): Datum {
  if (relation.kind !== 'table' || relation.partitionBound === undefined) return null;
  const parent = catalog.tableByOid(relation.parents?.[0] ?? 0);
  return parent?.partitioning === undefined
    ? null
    : partitionBoundText(parent, relation.partitionBound);
}

function hasChildren({ catalog }: CatalogScope, relation: RelationDescriptor): boolean {
  const table =
    relation.kind === 'index'
      ? catalog.tableByOid(relation.tableOid)
      : relation.kind === 'table'
        ? relation
        : undefined;
  return (table?.children ?? []).length > 0;
}

/** A view's check option is one of its options. */
function optionsOf(relation: RelationDescriptor): Readonly<Record<string, string>> | undefined {
  const options = 'options' in relation ? relation.options : undefined;
  if (relation.kind !== 'view' || relation.checkOption === 'none') return options;
  return { ...options, check_option: relation.checkOption };
}

/** Views are temporary with their schema. */
function persistenceIn({ catalog }: CatalogScope, schemaOid: number): 'temporary' | 'permanent' {
  return catalog.schemaByOid(schemaOid)?.name.startsWith('pg_temp') === true
    ? 'temporary'
    : 'permanent';
}

function classRow(scope: CatalogScope, relation: RelationDescriptor): CatalogRow {
  const { catalog } = scope;
  const { kind } = relation;
  const isTable = kind === 'table';
  const table = isTable ? relation : undefined;
  const system = kind === 'system' ? systemRelationByOid(relation.oid) : undefined;
  const persistence =
    'persistence' in relation ? relation.persistence : persistenceIn(scope, relation.schemaOid);
  const treeId = 'treeId' in relation ? relation.treeId : 0;
  // What costs a look at the rows is looked at only when it is asked for.
  const estimate = (): { readonly rows: number; readonly rowBytes: number } | undefined =>
    treeId === 0 ? undefined : catalog.storage.estimate(treeId);
  const owner = kind === 'index' ? catalog.tableByOid(relation.tableOid)!.owner : relation.owner;
  const hasReferences =
    table !== undefined &&
    (table.referencedBy.length > 0 || table.constraints.some(({ type }) => type === 'foreign'));
  return {
    oid: relation.oid,
    relname: relation.name,
    relnamespace: relation.schemaOid,
    reltype: 'rowTypeOid' in relation ? relation.rowTypeOid : 0,
    reloftype: table?.ofTypeOid ?? 0,
    relowner: owner,
    relam: accessMethodOf(relation),
    relfilenode: system?.relationKind === 'r' ? relation.oid : fileNodeOf(catalog, relation),
    reltablespace: 'tablespace' in relation ? (relation.tablespace ?? 0) : 0,
    get relpages() {
      const { rows, rowBytes } = estimate() ?? { rows: 0, rowBytes: 0 };
      return Math.ceil((rows * rowBytes) / pageBytes);
    },
    get reltuples() {
      if (kind === 'sequence') return 1;
      return kind === 'view' ? 0 : Math.fround(estimate()?.rows ?? -1);
    },
    relallvisible: 0,
    reltoastrelid: 0,
    relhasindex: (table?.indexes.length ?? 0) > 0,
    relisshared: false,
    relpersistence: { permanent: 'p', unlogged: 'u', temporary: 't' }[persistence],
    relkind: system?.relationKind ?? kindOf(scope, relation),
    relnatts: columnCount(relation),
    relchecks: table?.constraints.filter(({ type }) => type === 'check').length ?? 0,
    relhasrules:
      queryOf(relation) !== undefined || ('rules' in relation && relation.rules !== undefined),
    relhastriggers:
      hasReferences || ('triggers' in relation && (relation.triggers?.length ?? 0) > 0),
    relhassubclass: hasChildren(scope, relation),
    relrowsecurity: table?.rowSecurity?.enabled ?? false,
    relforcerowsecurity: table?.rowSecurity?.forced ?? false,
    relispopulated: table?.materialized?.populated ?? true,
    relreplident: replicaIdentityOf(relation),
    relispartition: isPart(relation),
    relrewrite: 0,
    relfrozenxid: isTable ? 3 : 0,
    relminmxid: isTable ? 1 : 0,
    relacl: 'acl' in relation ? aclArray({ catalog }, relation.acl) : null,
    get relpartbound() {
      return boundOf(scope, relation);
    },
    reloptions: 'options' in relation || kind === 'view' ? optionArray(optionsOf(relation)) : null,
  };
}

function replicaIdentityOf(relation: RelationDescriptor): string {
  if (relation.kind !== 'table') return 'n';
  const { replicaIdentity } = relation;
  if (replicaIdentity === undefined) return 'd';
  return typeof replicaIdentity === 'object' ? 'i' : replicaIdentity === 'full' ? 'f' : 'n';
}

function accessMethodOf(relation: RelationDescriptor): number {
  if (relation.kind === 'index') return accessMethods[relation.method] ?? accessMethods['btree'];
  if (relation.kind === 'table' && relation.partitioning !== undefined) return 0;
  if (relation.kind === 'table' && relation.foreign !== undefined) return 0;
  return relation.kind === 'table' || relation.kind === 'system' ? heapAccessMethod : 0;
}

function columnCount(relation: RelationDescriptor): number {
  if (relation.kind === 'sequence') return 3;
  if (relation.kind === 'index') return relation.columns.length + relation.included.length;
  return relation.columns.length;
}

function compositeRow({ type, relationOid, columns }: CompositeRelation): CatalogRow {
  return {
    oid: relationOid,
    relname: type.name,
    relnamespace: type.schemaOid,
    reltype: type.oid,
    reloftype: 0,
    relowner: type.owner,
    relam: 0,
    relfilenode: 0,
    reltablespace: 0,
    relpages: 0,
    reltuples: 0,
    relallvisible: 0,
    reltoastrelid: 0,
    relhasindex: false,
    relisshared: false,
    relpersistence: 'p',
    relkind: 'c',
    relnatts: columns.length,
    relchecks: 0,
    relhasrules: false,
    relhastriggers: false,
    relhassubclass: false,
    relrowsecurity: false,
    relforcerowsecurity: false,
    relispopulated: true,
    relreplident: 'n',
    relispartition: false,
    relrewrite: 0,
    relfrozenxid: 0,
    relminmxid: 0,
  };
}

function* classRows(scope: CatalogScope, lookups: Lookups): Iterable<CatalogRow> {
  for (const composite of compositeTypes(scope, lookups, 'oid')) yield compositeRow(composite);
  for (const relation of askedRelations(scope, lookups, 'oid')) yield classRow(scope, relation);
}

export const classSources: RowSources = { pg_class: classRows };
