// pg_get_object_address(): the catalog, the oid and the column number of what a type, names and arguments
// mean (PostgreSQL's objectaddress.c). It is the way back from pg_identify_object_as_address().

import {
  databaseError,
  inputParameters,
  type RelationDescriptor,
  typeInput,
  TypeOid,
} from '#common';
import { catalogOids, defaultAclBase } from '../system-catalog/catalog-oids.ts';
import type { CatalogQuestion } from './catalog-access.ts';
import {
  type AddressShape,
  type AskedAddress,
  entryAddressShapes,
  type FindAddress,
  missing,
  typeOidOf,
} from './entry-address.ts';
import { functionWith } from './function-name.ts';
import type { CatalogNames } from './names.ts';
import { type ObjectAddress, relationType } from './object-identity.ts';
import { partOid } from './object-parts.ts';

const unsupported = new Set([
  'toast table',
  'composite type',
  'index column',
  'sequence column',
  'toast table column',
  'view column',
  'materialized view column',
  'composite type column',
]);

function invalid(message: string): Error {
  return databaseError('invalidParameterValue', message);
}

export function objectAddressOf(question: CatalogQuestion, asked: AskedAddress): ObjectAddress {
  const { type, names, args } = asked;
  const shape = shapes.get(type);
  if (shape === undefined) {
    if (unsupported.has(type)) throw invalid(`unsupported object type "${type}"`);
    throw invalid(`unrecognized object type "${type}"`);
  }
  const namesMin = shape.namesMin ?? 1;
  if (shape.names !== undefined && names.length !== shape.names)
    throw invalid(`name list length must be exactly ${shape.names}`);
  if (names.length < namesMin) throw invalid(`name list length must be at least ${namesMin}`);
  if (shape.args !== undefined && args.length !== shape.args)
    throw invalid(`argument list length must be exactly ${shape.args}`);
  return shape.find(question, asked);
}

// ---- relations and their parts ----------------------------------------------------------------

function relationNamed(names: CatalogNames, parts: readonly string[]): RelationDescriptor {
  const name = parts.at(-1) ?? '';
  const schemaName = parts.at(-2);
  if (schemaName === undefined) {
    const found = names.relationOnPath(name);
    if (found !== undefined) return found;
    throw databaseError('undefinedTable', `relation "${name}" does not exist`);
  }
  const schema = names.catalog.findSchema(schemaName);
  if (schema === undefined)
    throw databaseError('invalidSchemaName', `schema "${schemaName}" does not exist`);
  const found = names.catalog.findRelation(schema.oid, name);
  if (found !== undefined) return found;
  throw databaseError('undefinedTable', `relation "${parts.join('.')}" does not exist`);
}

const article = (type: string): string => (type === 'index' ? 'an index' : `a ${type}`);

function findRelation({ names }: CatalogQuestion, asked: AskedAddress): ObjectAddress {
  const found = relationNamed(names, asked.names);
  if (relationType(names, found) !== asked.type)
    throw databaseError('wrongObjectType', `"${found.name}" is not ${article(asked.type)}`);
  return { catalog: catalogOids.class, oid: found.oid, column: 0 };
}

function columnAddress({ names }: CatalogQuestion, { names: parts }: AskedAddress): ObjectAddress {
  if (parts.length < 2) throw databaseError('syntaxError', 'column name must be qualified');
  const found = relationNamed(names, parts.slice(0, -1));
  const name = parts.at(-1)!;
  const column =
    'columns' in found
      ? found.columns.find((each) => 'name' in each && each.name === name)
      : undefined;
  if (column === undefined || !('attributeNumber' in column)) {
    throw databaseError(
      'undefinedColumn',
      `column "${name}" of relation "${found.name}" does not exist`,
    );
  }
  return { catalog: catalogOids.class, oid: found.oid, column: column.attributeNumber };
}

function findDefault(question: CatalogQuestion, asked: AskedAddress): ObjectAddress {
  columnAddress(question, asked);
  const relation = relationNamed(question.names, asked.names.slice(0, -1));
  const name = asked.names.at(-1)!;
  const oid = partOid(relation, 'default value', name);
  if (oid === undefined)
    throw missing(`default value for column "${name}" of relation "${relation.name}"`);
  return { catalog: catalogOids.attrdef, oid, column: 0 };
}

function partFinder(
  kind: 'rule' | 'trigger' | 'policy' | 'table constraint',
  catalog: number,
): FindAddress {
  return ({ names }, asked) => {
    if (asked.names.length < 2)
      throw databaseError('syntaxError', 'must specify relation and object name');
    const relation = relationNamed(names, asked.names.slice(0, -1));
    const name = asked.names.at(-1)!;
    const oid = partOid(relation, kind, name);
    if (oid !== undefined) return { catalog, oid, column: 0 };
    const noun = kind === 'table constraint' ? 'constraint' : kind;
    const of = kind === 'rule' ? 'relation' : 'table';
    throw missing(`${noun} "${name}" for ${of} "${relation.name}"`);
  };
}

// ---- types and routines -------------------------------------------------------------------------

function findType({ names }: CatalogQuestion, { names: [text] }: AskedAddress): ObjectAddress {
  return { catalog: catalogOids.type, oid: typeOidOf(names, text), column: 0 };
}

function findDomainConstraint(
  { names }: CatalogQuestion,
  { names: [text], args: [name] }: AskedAddress,
): ObjectAddress {
  const type = names.catalog.typeByOid(typeOidOf(names, text));
  const constraint =
    type?.definition.type === 'domain'
      ? type.definition.constraints.find((each) => each.name === name)
      : undefined;
  if (constraint === undefined) throw missing(`constraint "${name}" for domain ${text}`);
  return { catalog: catalogOids.constraint, oid: constraint.oid, column: 0 };
}

function findRoutine({ names }: CatalogQuestion, asked: AskedAddress): ObjectAddress {
  const types = asked.args.map((text) => typeOidOf(names, text));
  const oid = functionWith(names, asked.names, types);
  const routine = oid === undefined ? undefined : names.catalog.routineByOid(oid);
  const title = `${asked.names.join('.')}(${types.map((type) => names.plainTypeName(type) ?? '').join(', ')})`;
  if (oid === undefined) {
    throw databaseError('undefinedFunction', `${asked.type} ${title} does not exist`);
  }
  if (routine !== undefined && routine.routineKind !== asked.type) {
    const isParameterCount = inputParameters(routine).length === types.length;
    if (isParameterCount)
      throw databaseError(
        'wrongObjectType',
        `${title} is not ${asked.type === 'aggregate' ? 'an' : 'a'} ${asked.type}`,
      );
  }
  return { catalog: catalogOids.procedure, oid, column: 0 };
}

// ---- the rest -----------------------------------------------------------------------------------

function findSchema({ catalog }: CatalogQuestion, { names: [name] }: AskedAddress): ObjectAddress {
  const found = catalog.findSchema(name);
  if (found === undefined)
    throw databaseError('invalidSchemaName', `schema "${name}" does not exist`);
  return { catalog: catalogOids.namespace, oid: found.oid, column: 0 };
}

function findRole({ catalog }: CatalogQuestion, { names: [name] }: AskedAddress): ObjectAddress {
  const found = catalog.findRole(name);
  if (found === undefined) throw missing(`role "${name}"`);
  return { catalog: catalogOids.authid, oid: found.oid, column: 0 };
}

function findDatabase(
  { catalog }: CatalogQuestion,
  { names: [name] }: AskedAddress,
): ObjectAddress {
  const found = catalog.state.databaseNamed(name);
  if (found === undefined)
    throw databaseError('invalidCatalogName', `database "${name}" does not exist`);
  return { catalog: catalogOids.database, oid: found.oid, column: 0 };
}

function findLargeObject(
  { session }: CatalogQuestion,
  { names: [text] }: AskedAddress,
): ObjectAddress {
  const oid = Number(typeInput(TypeOid.oid)(text, -1, session.functions));
  if (session.largeObjects?.().find(oid) === undefined) throw missing(`large object ${oid}`);
  return { catalog: catalogOids.largeObject, oid, column: 0 };
}

function findCollation({ catalog, names }: CatalogQuestion, asked: AskedAddress): ObjectAddress {
  const name = asked.names.at(-1)!;
  for (const schemaName of schemasOf(names, asked.names)) {
    const schema = catalog.findSchema(schemaName);
    const found = schema === undefined ? undefined : catalog.findCollation(schema.oid, name);
    if (found !== undefined) return { catalog: catalogOids.collation, oid: found.oid, column: 0 };
  }
  throw missing(`collation "${asked.names.join('.')}" for encoding "UTF8"`);
}

function findStatistics({ catalog, names }: CatalogQuestion, asked: AskedAddress): ObjectAddress {
  const schemas = schemasOf(names, asked.names).map((name) => catalog.findSchema(name)?.oid);
  for (const relation of catalog.userRelations()) {
    if (relation.kind !== 'table') continue;
    const found = relation.statistics?.find(
      (each) => each.name === asked.names.at(-1) && schemas.includes(each.schemaOid),
    );
    if (found !== undefined) return { catalog: catalogOids.statistics, oid: found.oid, column: 0 };
  }
  throw missing(`statistics object "${asked.names.join('.')}"`);
}

function findDefaultAcl(question: CatalogQuestion, asked: AskedAddress): ObjectAddress {
  const [letter] = asked.args;
  if (!['r', 'S', 'f', 'T', 'n'].includes(letter)) {
    throw invalid(`unrecognized default ACL object type "${letter[0] ?? ''}"`);
  }
  const { catalog } = question;
  const [user, schemaName] = asked.names;
  const role = catalog.findRole(user);
  if (role === undefined) throw missing(`role "${user}"`);
  const schema =
    schemaName === undefined ? 0 : findSchema(question, { ...asked, names: [schemaName] }).oid;
  const at = (catalog.database.defaultAcls ?? []).findIndex(
    (each) => each.role === role.oid && each.schema === schema && each.objectType === letter,
  );
  if (at >= 0) return { catalog: catalogOids.defaultAcl, oid: defaultAclBase + at, column: 0 };
  const where = schemaName === undefined ? '' : ` in schema "${schemaName}"`;
  throw missing(`default ACL for user "${user}"${where} on ${letter}`);
}

/** Where a name without a schema is looked for. */
function schemasOf(names: CatalogNames, parts: readonly string[]): readonly string[] {
  return parts.length > 1 ? [parts.at(-2)!] : names.searchPath;
}

const shapes: ReadonlyMap<string, AddressShape> = new Map<string, AddressShape>([
  ...['table', 'index', 'sequence', 'view', 'materialized view', 'foreign table'].map(
    (type): [string, AddressShape] => [type, { find: findRelation }],
  ),
  ['table column', { find: columnAddress }],
  ['foreign table column', { find: columnAddress }],
  ['default value', { find: findDefault }],
  ['rule', { find: partFinder('rule', catalogOids.rewrite) }],
  ['trigger', { find: partFinder('trigger', catalogOids.trigger) }],
  ['policy', { find: partFinder('policy', catalogOids.policy) }],
  ['table constraint', { find: partFinder('table constraint', catalogOids.constraint) }],
  ['aggregate', { find: findRoutine }],
  ['function', { find: findRoutine }],
  ['procedure', { find: findRoutine }],
  ['type', { names: 1, find: findType }],
  ['domain constraint', { names: 1, args: 1, find: findDomainConstraint }],
  ['schema', { names: 1, find: findSchema }],
  ['role', { names: 1, find: findRole }],
  ['database', { names: 1, find: findDatabase }],
  ['large object', { names: 1, find: findLargeObject }],
  ['collation', { find: findCollation }],
  ['statistics object', { find: findStatistics }],
  ['default acl', { args: 1, find: findDefaultAcl }],
  ...entryAddressShapes,
]);
