// Objects that stand in the descriptors of others (defaults of columns, rules, policies, statistics,
// default privileges), and collations and large objects: their identities, for object-identity.ts.

import {
  type CatalogObject,
  type DefaultAcl,
  quoteIdentifier,
  type RelationDescriptor,
} from '#common';
import {
  catalogOids,
  defaultAclBase,
  defaultOid,
  rewriteOid,
} from '../system-catalog/catalog-oids.ts';
import type { CatalogNames } from './names.ts';
import type { KnownObject, ObjectAddress } from './object-identity.ts';
import { statisticsByOid } from './statistics-text.ts';

type Ruled = Extract<RelationDescriptor, { readonly kind: 'table' | 'view' }>;

/** What default privileges are on, by pg_default_acl.defaclobjtype. */
const defaultAclWords: Readonly<Record<DefaultAcl['objectType'], readonly [string, string]>> = {
  r: ['relations', 'tables'],
  S: ['sequences', 'sequences'],
  f: ['functions', 'functions'],
  T: ['types', 'types'],
  n: ['schemas', 'schemas'],
};

export function objectPartAt(names: CatalogNames, address: ObjectAddress): KnownObject | undefined {
  const { oid } = address;
  switch (address.catalog) {
    case catalogOids.attrdef:
      return defaultAt(names, oid);
    case catalogOids.rewrite:
      return ruleAt(names, oid);
    case catalogOids.policy:
      return policyAt(names, oid);
    case catalogOids.statistics:
      return statisticsAt(names, oid);
    case catalogOids.collation: {
      const collation = names.catalog.collationByOid(oid);
      return collation === undefined
        ? undefined
        : inSchema(names, 'collation', collation.schemaOid, collation.name);
    }
    case catalogOids.defaultAcl:
      return defaultAclAt(names, oid);
    default:
      return undefined;
  }
}

function inSchema(names: CatalogNames, type: string, schemaOid: number, name: string): KnownObject {
  const schema = names.catalog.schemaByOid(schemaOid)?.name ?? '';
  const identity = `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
  const isVisible = names.searchPath.includes(schema);
  return {
    type,
    schema: quoteIdentifier(schema),
    name: quoteIdentifier(name),
    identity,
    addressNames: [schema, name],
    addressArguments: [],
    description: `${type} ${isVisible ? quoteIdentifier(name) : identity}`,
  };
}

function* ruledRelations(names: CatalogNames): Iterable<Ruled> {
  for (const relation of names.catalog.userRelations())
    if (relation.kind === 'table' || relation.kind === 'view') yield relation;
}

/** A part of a relation with a name of its own. */
function partOf(names: CatalogNames, relation: Ruled, type: string, part: string): KnownObject {
  const schema = names.catalog.schemaByOid(relation.schemaOid)?.name ?? '';
  const kind =
    relation.kind === 'table' && relation.materialized !== undefined
      ? 'materialized view'
      : relation.kind;
  return {
    type,
    schema: null,
    name: null,
    identity: `${quoteIdentifier(part)} on ${names.qualifiedName(relation)}`,
    addressNames: [schema, relation.name, part],
    addressArguments: [],
    description: `${type} ${part} on ${kind} ${names.relationName(relation)}`,
  };
}

function defaultAt(names: CatalogNames, oid: number): KnownObject | undefined {
  for (const relation of names.catalog.userRelations()) {
    if (relation.kind !== 'table') continue;
    const column = relation.columns.find(
      (each) =>
        !each.dropped &&
        (each.default ?? each.generated) !== undefined &&
        defaultOid(relation, each.attributeNumber) === oid,
    );
    if (column === undefined) continue;
    const schema = names.catalog.schemaByOid(relation.schemaOid)?.name ?? '';
    return {
      type: 'default value',
      schema: null,
      name: null,
      identity: `for ${names.qualifiedName(relation)}.${quoteIdentifier(column.name)}`,
      addressNames: [schema, relation.name, column.name],
      addressArguments: [],
      description: `default value for column ${column.name} of table ${names.relationName(relation)}`,
    };
  }
  return undefined;
}

function ruleAt(names: CatalogNames, oid: number): KnownObject | undefined {
  for (const relation of ruledRelations(names)) {
    const isQuery = relation.kind === 'view' || relation.materialized !== undefined;
    if (isQuery && rewriteOid(relation) === oid) return partOf(names, relation, 'rule', '_RETURN');
    const rule = relation.rules?.find((each) => each.oid === oid);
    if (rule !== undefined) return partOf(names, relation, 'rule', rule.name);
  }
  return undefined;
}

function policyAt(names: CatalogNames, oid: number): KnownObject | undefined {
  for (const relation of ruledRelations(names)) {
    if (relation.kind !== 'table') continue;
    const policy = relation.policies?.find((each) => each.oid === oid);
    if (policy !== undefined) return partOf(names, relation, 'policy', policy.name);
  }
  return undefined;
}

function statisticsAt(names: CatalogNames, oid: number): KnownObject | undefined {
  const found = statisticsByOid(names, oid);
  if (found === undefined) return undefined;
  const { schemaOid, name } = found.statistics;
  return inSchema(names, 'statistics object', schemaOid, name);
}

function defaultAclAt(names: CatalogNames, oid: number): KnownObject | undefined {
  const entry = names.catalog.database.defaultAcls?.[oid - defaultAclBase];
  if (entry === undefined) return undefined;
  const role = names.catalog.roleByOid(entry.role)?.name ?? '';
  const schema = names.catalog.schemaByOid(entry.schema)?.name;
  const [described, plural] = defaultAclWords[entry.objectType];
  const where = schema === undefined ? '' : ` in schema ${quoteIdentifier(schema)}`;
  return {
    type: 'default acl',
    schema: null,
    name: null,
    identity: `for role ${quoteIdentifier(role)}${where} on ${plural}`,
    addressNames: schema === undefined ? [role] : [role, schema],
    addressArguments: [entry.objectType],
    description: `default privileges on new ${described} belonging to role ${role}${schema === undefined ? '' : ` in schema ${schema}`}`,
  };
}

/** The oids of a relation's parts by their names, of one kind. */
export function partOid(
  relation: CatalogObject | RelationDescriptor,
  kind: 'rule' | 'trigger' | 'policy' | 'table constraint' | 'default value',
  name: string,
): number | undefined {
  if (relation.kind !== 'table' && relation.kind !== 'view') return undefined;
  const named = <Part extends { readonly name: string; readonly oid: number }>(
    parts: readonly Part[] | undefined,
  ): number | undefined => parts?.find((each) => each.name === name)?.oid;
  switch (kind) {
    case 'rule': {
      const isQuery = relation.kind === 'view' || relation.materialized !== undefined;
      return isQuery && name === '_RETURN' ? rewriteOid(relation) : named(relation.rules);
    }
    case 'trigger':
      return named(relation.triggers);
    case 'policy':
      return relation.kind === 'table' ? named(relation.policies) : undefined;
    case 'table constraint':
      return relation.kind === 'table' ? named(relation.constraints) : undefined;
    case 'default value': {
      const column = relation.columns.find((each) => each.name === name && !each.dropped);
      return relation.kind === 'table' && (column?.default ?? column?.generated) !== undefined
        ? defaultOid(relation, column!.attributeNumber)
        : undefined;
    }
  }
}
