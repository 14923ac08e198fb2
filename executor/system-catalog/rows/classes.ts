// pg_class, pg_attribute, pg_attrdef, pg_index: relations and their columns.

import {
  type ColumnDescriptor,
  type Datum,
  type IndexDescriptor,
  queryOf,
  type RelationDescriptor,
  type SqlType,
  type TableDescriptor,
  typeByOid,
  TypeOid,
  type UserTypeDescriptor,
} from '#common';
import { defaultIndexClass, orderingFacts } from '#functions';
import { expressionText } from '../../catalog/expression-text.ts';
import { partitionBoundText } from '../../catalog/partition-definitions.ts';
import { indexColumnNames } from '../../catalog/index-column-names.ts';
import {
  aclArray,
  type CatalogRow,
  type CatalogScope,
  type Lookups,
  optionArray,
  type RowSources,
  vector,
} from '../contract.ts';
import { defaultOid } from '../catalog-oids.ts';
import { fileNodeOf } from '../../catalog/file-node.ts';
import { systemRelationByOid } from '../relations.ts';

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

/** The relations that a lookup by oid, or by name and schema, leaves; all of them without one. */
function* asked(
  { catalog }: CatalogScope,
  lookups: Lookups,
  oidColumn: string,
): Iterable<RelationDescriptor> {
  const oid = lookups.get(oidColumn);
  if (oid !== undefined) {
    const relation = typeof oid === 'number' ? catalog.relationByOid(oid) : undefined;
    if (relation !== undefined) yield relation;
    return;
  }
  const name = lookups.get('relname');
  if (typeof name === 'string') {
    for (const schema of catalog.schemas()) {
      const relation = catalog.findRelation(schema.oid, name);
      if (relation !== undefined) yield relation;
    }
    return;
  }
  const schema = lookups.get('relnamespace');
  for (const relation of catalog.relations()) {
    if (schema === undefined || relation.schemaOid === schema) yield relation;
  }
}

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

/** A column of anything that has columns, as pg_attribute shows it. */
interface AttributeFacts {
  readonly name: string;
  readonly type: SqlType;
  readonly number: number;
  readonly column?: ColumnDescriptor;
  /** Of an expression of an index. */
  readonly statisticsTarget?: number | undefined;
}

function attributesOf(scope: CatalogScope, relation: RelationDescriptor): AttributeFacts[] {
  if (relation.kind === 'sequence') {
    return [
      { name: 'last_value', type: { oid: TypeOid.int8, typmod: -1 }, number: 1 },
      { name: 'log_cnt', type: { oid: TypeOid.int8, typmod: -1 }, number: 2 },
      { name: 'is_called', type: { oid: TypeOid.bool, typmod: -1 }, number: 3 },
    ];
  }
  if (relation.kind === 'index') return indexAttributes(scope, relation);
  return relation.columns.map((column) => ({
    name: column.name,
    type: column.type,
    number: column.attributeNumber,
    column,
  }));
}

function indexAttributes({ catalog }: CatalogScope, index: IndexDescriptor): AttributeFacts[] {
  const table = catalog.tableByOid(index.tableOid)!;
  const numbers = [
    ...index.columns.map(({ attributeNumber }) => attributeNumber),
    ...index.included,
  ];
  const names = indexColumnNames(table, index.columns, index.included);
  return numbers.map((attribute, position) => {
    const column = attribute === 0 ? undefined : table.columns[attribute - 1];
    return {
      name: names[position] ?? column?.name ?? 'expr',
      type: column?.type ?? index.columns[position].type ?? { oid: TypeOid.text, typmod: -1 },
      number: position + 1,
      statisticsTarget: index.columns[position]?.statisticsTarget,
    };
  });
}

function attributeRow(
  scope: CatalogScope,
  relation: { readonly oid: number },
  { name, type, number, column, statisticsTarget }: AttributeFacts,
): CatalogRow {
  const facts = typeByOid(type.oid);
  const isDropped = column?.dropped ?? false;
  const hasDefault = column?.default !== undefined || column?.generated !== undefined;
  return {
    attrelid: relation.oid,
    attname: name,
    atttypid: isDropped ? 0 : type.oid,
    attstattarget: column?.statisticsTarget ?? statisticsTarget ?? -1,
    attlen: facts?.length ?? -1,
    attnum: number,
    attndims:
      facts !== undefined && facts.elementOid !== 0 && facts.category === 'A' && facts.length === -1
        ? 1
        : 0,
    attcacheoff: -1,
    atttypmod: type.typmod,
    attbyval: facts?.facts.byValue ?? false,
    attalign: facts?.facts.alignment ?? 'd',
    attstorage: facts?.facts.storage ?? 'x',
    attcompression: '',
    attnotnull: column?.notNull ?? false,
    atthasdef: hasDefault,
    atthasmissing: column?.missingValue !== undefined,
    attidentity: column?.identity === undefined ? '' : column.identity === 'always' ? 'a' : 'd',
    attgenerated: column?.generated === undefined ? '' : 's',
    attisdropped: isDropped,
    attislocal: column?.isLocal ?? true,
    attinhcount: column?.inheritCount ?? 0,
    attcollation: type.collation ?? facts?.facts.collation ?? 0,
    attfdwoptions: optionArray(column?.foreignOptions),
    attacl: aclArray(scope, column?.acl),
  };
}

/** What PostgreSQL keeps with every stored row. */
const systemColumns: readonly AttributeFacts[] = [
  { name: 'tableoid', type: { oid: TypeOid.oid, typmod: -1 }, number: -6 },
  { name: 'cmax', type: { oid: TypeOid.cid, typmod: -1 }, number: -5 },
  { name: 'xmax', type: { oid: TypeOid.xid, typmod: -1 }, number: -4 },
  { name: 'cmin', type: { oid: TypeOid.cid, typmod: -1 }, number: -3 },
  { name: 'xmin', type: { oid: TypeOid.xid, typmod: -1 }, number: -2 },
  { name: 'ctid', type: { oid: TypeOid.tid, typmod: -1 }, number: -1 },
];

function hasSystemColumns(relation: RelationDescriptor): boolean {
  if (relation.kind === 'system') return systemRelationByOid(relation.oid)?.relationKind === 'r';
  return relation.kind === 'table' || relation.kind === 'sequence';
}

function* attributeRows(scope: CatalogScope, lookups: Lookups): Iterable<CatalogRow> {
  for (const composite of compositeTypes(scope, lookups, 'attrelid')) {
    for (const column of composite.columns) {
      const { name, type, attributeNumber: number } = column;
      yield attributeRow(scope, { oid: composite.relationOid }, { name, type, number, column });
    }
  }
  for (const relation of asked(scope, lookups, 'attrelid')) {
    for (const attribute of attributesOf(scope, relation))
      yield attributeRow(scope, relation, attribute);
    if (hasSystemColumns(relation)) {
      for (const { name, type, number } of systemColumns) {
        const row = attributeRow(scope, relation, { name, type, number });
        yield { ...row, attnotnull: true, attstattarget: 0 };
      }
    }
  }
}

function* defaultRows(scope: CatalogScope, lookups: Lookups): Iterable<CatalogRow> {
  for (const relation of asked(scope, lookups, 'adrelid')) {
    if (relation.kind !== 'table') continue;
    for (const column of relation.columns) {
      const stored = column.generated ?? column.default;
      if (stored === undefined || column.dropped) continue;
      yield {
        oid: defaultOid(relation, column.attributeNumber),
        adrelid: relation.oid,
        adnum: column.attributeNumber,
        adbin: expressionText(scope.names, stored.sql),
      };
    }
  }
}

function* indexRows(scope: CatalogScope, lookups: Lookups): Iterable<CatalogRow> {
  const { catalog } = scope;
  const indexOid = lookups.get('indexrelid');
  if (typeof indexOid === 'number') {
    const index = catalog.indexByOid(indexOid);
    if (index !== undefined) yield indexRow(scope, catalog.tableByOid(index.tableOid)!, index);
    return;
  }
  for (const relation of asked(scope, lookups, 'indrelid')) {
    if (relation.kind !== 'table') continue;
    for (const index of relation.indexes) yield indexRow(scope, relation, index);
  }
}

const descendingBit = 1;
const nullsFirstBit = 2;

function indexRow(
  { names }: CatalogScope,
  table: TableDescriptor,
  index: IndexDescriptor,
): CatalogRow {
  const keys = index.columns.map(({ attributeNumber }) => attributeNumber);
  const types = keys.map((attribute) =>
    attribute === 0 ? TypeOid.text : table.columns[attribute - 1].type.oid,
  );
  const expressions = index.columns.flatMap(({ expression }) =>
    expression === undefined ? [] : [expressionText(names, expression.sql)],
  );
  const constraint = table.constraints.find(
    (candidate) => 'indexOid' in candidate && candidate.indexOid === index.oid,
  );
  return {
    indexrelid: index.oid,
    indrelid: table.oid,
    indnatts: keys.length + index.included.length,
    indnkeyatts: keys.length,
    indisunique: index.unique,
    indnullsnotdistinct: index.nullsNotDistinct,
    indisprimary: index.primary,
    indisexclusion: constraint?.type === 'exclude',
    indimmediate: constraint?.deferrable !== true,
    indisclustered: false,
    indisvalid: index.valid,
    indcheckxmin: false,
    indisready: true,
    indislive: true,
    indisreplident:
      typeof table.replicaIdentity === 'object' && table.replicaIdentity.indexOid === index.oid,
    indkey: vector(TypeOid.int2, [...keys, ...index.included]),
    indcollation: vector(
      TypeOid.oid,
      index.columns.map(
        ({ attributeNumber, collation }, at) =>
          collation ??
          table.columns[attributeNumber - 1]?.type.collation ??
          typeByOid(types[at])?.facts.collation ??
          0,
      ),
    ),
    indclass: vector(
      TypeOid.oid,
      types.map((type, at) => index.columns[at].operatorClassOid ?? operatorClassOf(type)),
    ),
    indoption: vector(
      TypeOid.int2,
      index.columns.map(
        (column) =>
          (column.descending ? descendingBit : 0) | (column.nullsFirst ? nullsFirstBit : 0),
      ),
    ),
    indexprs: expressions.length === 0 ? null : expressions.join(', '),
    indpred: index.predicate === undefined ? null : expressionText(names, index.predicate.sql),
  };
}

const classes = new Map<number, number>();
const textType: number = TypeOid.text;

export function operatorClassOf(typeOid: number): number {
  if (classes.size === 0) {
    for (const { accessMethod, inputType, oid } of orderingFacts().classes) {
      if (accessMethod === 'btree') classes.set(inputType, oid);
    }
  }
  const known = classes.get(typeOid === TypeOid.varchar ? textType : typeOid);
  return known ?? defaultIndexClass('btree', typeOid)?.oid ?? 0;
}

interface CompositeRelation {
  readonly type: UserTypeDescriptor;
  readonly relationOid: number;
  readonly columns: readonly ColumnDescriptor[];
}

/** Composite types, which have a place in pg_class as well; those that the lookups leave. */
function* compositeTypes(
  { catalog }: CatalogScope,
  lookups: Lookups,
  oidColumn: string,
): Iterable<CompositeRelation> {
  const oid = lookups.get(oidColumn);
  const name = lookups.get('relname');
  for (const type of catalog.types()) {
    const { definition } = type;
    if (definition.type !== 'composite') continue;
    if (oid !== undefined && oid !== definition.relationOid) continue;
    if (name !== undefined && name !== type.name) continue;
    yield { type, relationOid: definition.relationOid, columns: definition.columns };
  }
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
  for (const relation of asked(scope, lookups, 'oid')) yield classRow(scope, relation);
}

export const classSources: RowSources = {
  pg_class: classRows,
  pg_attribute: attributeRows,
  pg_attrdef: defaultRows,
  pg_index: indexRows,
};
