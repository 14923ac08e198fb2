// Objects by their catalog and oid, whatever they are: what they are called in messages
// (getObjectDescription), and what they are by type, schema, name and identity (getObjectIdentity).

import {
  type CatalogObject,
  type EntryDescriptor,
  type IndexDescriptor,
  inputParameters,
  quoteIdentifier,
  type RelationDescriptor,
  type RoutineDescriptor,
} from '#common';
import { functionRegistry } from '#functions';
import { systemRelationByOid } from '../system-catalog/relations.ts';
import { catalogOids } from '../system-catalog/catalog-oids.ts';
import { describeEntry, functionTitle } from './entry-names.ts';
import { entryClasses } from './entry-classes.ts';
import { entryIdentity } from './entry-identity.ts';
import type { CatalogNames } from './names.ts';
import { objectPartAt } from './object-parts.ts';
import { qualifiedType } from './qualified-type.ts';

export interface ObjectAddress {
  readonly catalog: number;
  readonly oid: number;
  /** Attribute number; 0: the whole object. */
  readonly column: number;
}

export interface ObjectIdentity {
  readonly type: string;
  readonly schema: string | null;
  /** Only where it is unique in its schema. */
  readonly name: string | null;
  readonly identity: string;
  readonly addressNames: readonly string[];
  readonly addressArguments: readonly string[];
}

/** Everything that is asked of an object. */
export interface KnownObject extends ObjectIdentity {
  readonly description: string;
}

const entryClassByCatalog = new Map(
  Object.values(entryClasses).map((facts, place) => [
    facts.catalog,
    Object.keys(entryClasses)[place] as EntryDescriptor['definition']['class'],
  ]),
);

/** undefined: there is none. */
export function objectAt(names: CatalogNames, address: ObjectAddress): KnownObject | undefined {
  const entryClass = entryClassByCatalog.get(address.catalog);
  if (entryClass !== undefined) {
    const found = names.catalog.entryByOid(entryClass, address.oid);
    if (found === undefined) return undefined;
    return { ...entryIdentity(names, found), description: describeEntry(names, found) };
  }
  switch (address.catalog) {
    case catalogOids.class:
      return relationAt(names, address);
    case catalogOids.procedure:
      return routineAt(names, address.oid);
    case catalogOids.type:
      return typeAt(names, address.oid);
    case catalogOids.constraint:
    case catalogOids.trigger:
      return partAt(names, address);
    case catalogOids.namespace:
      return named('schema', names.catalog.schemaByOid(address.oid)?.name);
    case catalogOids.authid:
      return named('role', names.catalog.roleByOid(address.oid)?.name);
    case catalogOids.database: {
      const database = names.catalog.state.shared.object(address.oid);
      return named('database', database?.kind === 'database' ? database.name : undefined);
    }
    default:
      return objectPartAt(names, address);
  }
}

function named(type: string, name: string | undefined): KnownObject | undefined {
  if (name === undefined) return undefined;
  return {
    type,
    schema: null,
    name: quoteIdentifier(name),
    identity: quoteIdentifier(name),
    addressNames: [name],
    addressArguments: [],
    description: `${type} ${name}`,
  };
}

export function relationType(names: CatalogNames, relation: RelationDescriptor): string {
  if (relation.kind === 'system')
    return systemRelationByOid(relation.oid)?.relationKind === 'v' ? 'view' : 'table';
  if (relation.kind !== 'table') return relation.kind;
  if (relation.materialized !== undefined) return 'materialized view';
  return relation.foreign === undefined ? 'table' : 'foreign table';
}

function schemaOf(names: CatalogNames, schemaOid: number): string {
  return names.catalog.schemaByOid(schemaOid)?.name ?? '';
}

function relationAt(names: CatalogNames, { oid, column }: ObjectAddress): KnownObject | undefined {
  const relation = names.catalog.relationByOid(oid);
  if (relation === undefined) return undefined;
  const type = relationType(names, relation);
  const schema = schemaOf(names, relation.schemaOid);
  const common = { schema: quoteIdentifier(schema), name: quoteIdentifier(relation.name) };
  const identity = names.qualifiedName(relation);
  const description = `${type} ${names.relationName(relation)}`;
  if (column === 0) {
    const addressNames = [schema, relation.name];
    return { type, ...common, identity, addressNames, addressArguments: [], description };
  }
  const attribute = 'columns' in relation ? relation.columns[column - 1] : undefined;
  if (attribute === undefined || !('name' in attribute)) return undefined;
  return {
    type: `${type} column`,
    ...common,
    identity: `${identity}.${quoteIdentifier(attribute.name)}`,
    addressNames: [schema, relation.name, attribute.name],
    addressArguments: [],
    description: `column ${attribute.name} of ${description}`,
  };
}

function routineAt(names: CatalogNames, oid: number): KnownObject | undefined {
  const routine = names.catalog.routineByOid(oid);
  const signature = functionRegistry.functionByOid(oid);
  if (signature === undefined) return undefined;
  const schema = routine === undefined ? 'pg_catalog' : schemaOf(names, routine.schemaOid);
  const types = argumentTypes(routine) ?? signature.argumentTypes;
  const texts = types.map((type) => qualifiedType(names, type));
  const kind = signature.kind === 'window' ? 'function' : signature.kind;
  return {
    type: kind,
    schema: quoteIdentifier(schema),
    name: null,
    identity: `${quoteIdentifier(schema)}.${quoteIdentifier(signature.name)}(${texts.join(',')})`,
    addressNames: [schema, signature.name],
    addressArguments: texts,
    description: `function ${functionTitle(names, oid)}`,
  };
}

function argumentTypes(routine: RoutineDescriptor | undefined): readonly number[] | undefined {
  return routine === undefined ? undefined : inputParameters(routine).map(({ type }) => type);
}

function typeAt(names: CatalogNames, oid: number): KnownObject | undefined {
  const text = names.plainTypeName(oid);
  if (text === undefined) return undefined;
  const type = names.catalog.typeByOid(oid) ?? names.catalog.rowType(oid);
  const schema = type === undefined ? 'pg_catalog' : schemaOf(names, type.schemaOid);
  const identity = qualifiedType(names, oid);
  return {
    type: 'type',
    schema: quoteIdentifier(schema),
    name: quoteIdentifier(names.storedTypeName(oid)),
    identity,
    addressNames: [identity],
    addressArguments: [],
    description: `type ${text}`,
  };
}

/** Constraints, triggers, defaults and rules: parts of a relation or of a domain. */
function partAt(names: CatalogNames, { catalog, oid }: ObjectAddress): KnownObject | undefined {
  const owner = names.catalog.state.local.ownerOfPart(oid);
  if (owner?.kind === 'type') return domainConstraint(names, owner, oid);
  if (owner?.kind !== 'table' && owner?.kind !== 'view') return undefined;
  const isTrigger = catalog === catalogOids.trigger;
  const part = isTrigger
    ? owner.triggers?.find((each) => each.oid === oid)
    : owner.kind === 'table'
      ? owner.constraints.find((each) => each.oid === oid)
      : undefined;
  if (part === undefined) return undefined;
  const schema = schemaOf(names, owner.schemaOid);
  return {
    type: isTrigger ? 'trigger' : 'table constraint',
    schema: isTrigger ? null : quoteIdentifier(schema),
    name: null,
    identity: `${quoteIdentifier(part.name)} on ${names.qualifiedName(owner)}`,
    addressNames: [schema, owner.name, part.name],
    addressArguments: [],
    description: `${isTrigger ? 'trigger' : 'constraint'} ${part.name} on ${relationType(names, owner)} ${names.relationName(owner)}`,
  };
}

function domainConstraint(
  names: CatalogNames,
  domain: Extract<CatalogObject, { readonly kind: 'type' }>,
  oid: number,
): KnownObject | undefined {
  if (domain.definition.type !== 'domain') return undefined;
  const part = domain.definition.constraints.find((each) => each.oid === oid);
  if (part === undefined) return undefined;
  const text = qualifiedType(names, domain.oid);
  return {
    type: 'domain constraint',
    schema: quoteIdentifier(schemaOf(names, domain.schemaOid)),
    name: null,
    identity: `${quoteIdentifier(part.name)} on ${text}`,
    addressNames: [text],
    addressArguments: [part.name],
    description: `constraint ${part.name}`,
  };
}

/** The catalog that an object of a database stands in. */
export function catalogOf(object: CatalogObject | IndexDescriptor): number {
  switch (object.kind) {
    case 'entry':
      return entryClasses[object.definition.class].catalog;
    case 'routine':
      return catalogOids.procedure;
    case 'type':
      return catalogOids.type;
    case 'schema':
      return catalogOids.namespace;
    case 'role':
      return catalogOids.authid;
    case 'database':
      return catalogOids.database;
    default:
      return catalogOids.class;
  }
}
