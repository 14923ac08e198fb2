// pg_type, pg_enum, pg_range: the built-in types, those that users have made, the row types of
// relations, and arrays of all of them.

import {
  BuiltinOid,
  builtinTypes,
  multirangeInfoOf,
  type RegisteredType,
  type RelationDescriptor,
  TypeOid,
  typeByOid,
  type UserTypeDescriptor,
  moduleOfType,
  registeredTypeByName,
} from '#common';
import { moduleSchemaOid, typeCollation } from '#planner';
import { expressionText } from '../../catalog/expression-text.ts';
import { constantRows } from '../constants.ts';
import { systemRelationNamed } from '../relations.ts';
import { operatorClassOf } from './operator-classes.ts';
import {
  aclArray,
  type CatalogRow,
  type CatalogScope,
  type Lookups,
  type RowSources,
} from '../contract.ts';

const kinds = {
  base: 'b',
  pseudo: 'p',
  composite: 'c',
  domain: 'd',
  enum: 'e',
  range: 'r',
} as const;
const arraySubscriptHandler = 6179;
const rawSubscriptHandler = 6180;
const arrayAnalyze = 3816;
/** What types of a fixed length that are no arrays consist of: names of "char", geometric types of floats and points. */
const rawElements: ReadonlyMap<number, number> = new Map<number, number>([
  [TypeOid.name, TypeOid.char],
  [TypeOid.point, TypeOid.float8],
  [TypeOid.line, TypeOid.float8],
  [TypeOid.lseg, TypeOid.point],
  [TypeOid.box, TypeOid.point],
]);

/** The columns that the registry knows; `place` says where the type lives. */
function typeRow(type: RegisteredType, place: TypePlace): CatalogRow {
  const { facts } = type;
  const elementOid = rawElements.get(type.oid) ?? type.elementOid;
  const isUserType = type.oid >= BuiltinOid.firstUserOid;
  const isArray = type.category === 'A' && (isUserType || type.name.startsWith('_'));
  return {
    oid: type.oid,
    typname: type.name,
    typnamespace: place.schemaOid,
    typowner: place.owner,
    typlen: type.length,
    typbyval: facts.byValue,
    typtype: multirangeInfoOf(type.oid) === undefined ? kinds[type.kind] : 'm',
    typcategory: type.category,
    typispreferred: type.preferred,
    typisdefined: true,
    typdelim: type.delimiter,
    typrelid: place.relationOid ?? 0,
    typsubscript:
      type.kind === 'domain'
        ? 0
        : isArray
          ? arraySubscriptHandler
          : elementOid === 0
            ? 0
            : rawSubscriptHandler,
    typelem: elementOid,
    typarray: type.arrayOid,
    typinput: facts.input,
    typoutput: facts.output,
    typreceive: facts.receive,
    typsend: facts.send,
    typmodin: facts.modifierInput,
    typmodout: facts.modifierOutput,
    typanalyze: isArray ? arrayAnalyze : 0,
    typalign: facts.alignment,
    typstorage: facts.storage,
    typnotnull: false,
    typbasetype: facts.base,
    typtypmod: facts.baseModifier,
    typndims: 0,
    typcollation: facts.collation,
  };
}

interface TypePlace {
  readonly schemaOid: number;
  readonly owner: number;
  /** pg_class's row of a composite type. */
  readonly relationOid?: number;
}

const builtinPlace: TypePlace = {
  schemaOid: BuiltinOid.pgCatalogSchema,
  owner: BuiltinOid.bootstrapRole,
};

type RowTyped = RelationDescriptor & {
  readonly rowTypeOid: number;
  readonly rowArrayOid?: number;
  readonly owner: number;
};

/** The row type of a relation, and the array type over it. */
function* rowTypeRows(relation: RowTyped): Iterable<CatalogRow> {
  const { schemaOid, owner, oid: relationOid, rowTypeOid, rowArrayOid } = relation;
  const type = typeByOid(rowTypeOid);
  if (type !== undefined) yield typeRow(type, { schemaOid, owner, relationOid });
  const array = rowArrayOid === undefined ? undefined : typeByOid(rowArrayOid);
  if (array !== undefined) yield typeRow(array, { schemaOid, owner });
}

function* userTypeRows(scope: CatalogScope, type: UserTypeDescriptor): Iterable<CatalogRow> {
  const { definition, schemaOid, owner, acl } = type;
  const relationOid = definition.type === 'composite' ? definition.relationOid : 0;
  const own = typeByOid(type.oid);
  const array = typeByOid(type.arrayOid);
  if (own !== undefined) {
    yield {
      ...typeRow(own, { schemaOid, owner, relationOid }),
      typacl: aclArray(scope, acl),
      ...domainColumns(scope, type),
    };
  }
  if (array !== undefined) yield typeRow(array, { schemaOid, owner });
  if (definition.type !== 'range') return;
  for (const oid of [definition.multirangeOid, definition.multirangeArrayOid]) {
    const part = typeByOid(oid);
    if (part !== undefined) yield typeRow(part, { schemaOid, owner });
  }
}

function domainColumns({ names }: CatalogScope, { definition }: UserTypeDescriptor): CatalogRow {
  if (definition.type !== 'domain') return {};
  const shown =
    definition.default === undefined ? null : expressionText(names, definition.default.sql);
  return {
    typnotnull: definition.notNull,
    typtypmod: definition.base.typmod,
    typdefault: shown,
    typdefaultbin: shown,
  };
}

function* typeRows(scope: CatalogScope, lookups: Lookups): Iterable<CatalogRow> {
  const { catalog } = scope;
  const oid = lookups.get('oid');
  if (oid !== undefined) {
    const builtin =
      typeof oid === 'number' && oid < BuiltinOid.firstUserOid ? typeByOid(oid) : undefined;
    if (builtin !== undefined) yield* registeredTypeRow(scope, builtin);
    else if (typeof oid === 'number') yield* rowsOfOid(scope, oid);
    return;
  }
  const name = lookups.get('typname');
  const builtin = typeof name === 'string' ? registeredTypeByName(name) : undefined;
  if (name === undefined) for (const type of builtinTypes) yield* registeredTypeRow(scope, type);
  else if (builtin !== undefined) yield* registeredTypeRow(scope, builtin);
  for (const relation of catalog.userRelations()) {
    if ('rowTypeOid' in relation && mayBeNamed(relation.name, name)) yield* rowTypeRows(relation);
  }
  for (const type of catalog.types()) {
    for (const row of userTypeRows(scope, type)) {
      if (name === undefined || row['typname'] === name) yield row;
    }
  }
}

/** A type of a module is there where that is installed. */
function* registeredTypeRow({ catalog }: CatalogScope, type: RegisteredType): Iterable<CatalogRow> {
  const module = moduleOfType(type.oid);
  const schemaOid = module === undefined ? undefined : moduleSchemaOid(catalog, module);
  if (module === undefined) yield typeRow(type, builtinPlace);
  else if (schemaOid !== undefined) yield typeRow(type, { ...builtinPlace, schemaOid });
}

function* rowsOfOid(scope: CatalogScope, oid: number): Iterable<CatalogRow> {
  const type = scope.catalog.typeByOid(oid);
  if (type !== undefined) yield* userTypeRows(scope, type);
  const owner = scope.catalog.state.local.ownerOfPart(oid);
  if (owner !== undefined && 'rowTypeOid' in owner) yield* rowTypeRows(owner);
}

/** The name asked for is the relation's or that of the array type over its rows. */
function mayBeNamed(relation: string, name: unknown): boolean {
  return name === undefined || relation === name || `_${relation}` === name;
}

function* enumRows({ catalog }: CatalogScope, lookups: Lookups): Iterable<CatalogRow> {
  const wanted = lookups.get('enumtypid');
  for (const type of catalog.types()) {
    if (type.definition.type !== 'enum' || (wanted !== undefined && wanted !== type.oid)) continue;
    for (const { oid, label, order } of type.definition.labels) {
      yield { oid, enumtypid: type.oid, enumsortorder: Math.fround(order), enumlabel: label };
    }
  }
}

function* rangeRows({ catalog }: CatalogScope): Iterable<CatalogRow> {
  const relation = systemRelationNamed(BuiltinOid.pgCatalogSchema, 'pg_range')!;
  for (const row of constantRows(relation)) {
    yield Object.fromEntries(relation.columns.map(({ name }, at) => [name, row[at]]));
  }
  for (const { oid, definition } of catalog.types()) {
    if (definition.type === 'range') yield rangeRow(oid, definition);
  }
}

function rangeRow(
  rangeType: number,
  definition: Extract<UserTypeDescriptor['definition'], { readonly type: 'range' }>,
): CatalogRow {
  const subtype = definition.subtype.oid;
  return {
    rngtypid: rangeType,
    rngsubtype: subtype,
    rngmultitypid: definition.multirangeOid,
    rngcollation: typeCollation(definition.subtype),
    rngsubopc: definition.operatorClassOid ?? operatorClassOf(subtype),
    rngcanonical: 0,
    rngsubdiff: definition.subtypeDiffOid ?? 0,
  };
}

export const typeSources: RowSources = {
  pg_type: typeRows,
  pg_enum: enumRows,
  pg_range: rangeRows,
};
