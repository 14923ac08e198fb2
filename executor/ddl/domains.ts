// CREATE DOMAIN and ALTER DOMAIN.

import type { AlterDomainStmt, Constraint, CreateDomainStmt, Node } from '@pgsql/types';
import {
  DatabaseError,
  databaseError,
  type DomainConstraint,
  elementTypeOf,
  notSupported,
  quoteIdentifier,
  type SqlType,
  typeByOid,
  type UserTypeDescriptor,
} from '#common';
import { bodyOf, generatedName, qualifiedText, resolveType, stringsOf } from '#planner';
import { TableLock } from '#storage';
import type { AlterWork } from './alter-table.ts';
import type { UtilityWork } from './contract.ts';
import { firstRow } from './inner-query.ts';
import type { DdlStatement } from './statement.ts';
import { bindStored, isNullConstant } from './stored-expression.ts';
import { typeWithCollation } from './collations.ts';
import { typeUsers } from './type-users.ts';
import { addType, claimTypeName, requireType, typePlace } from './user-types.ts';

type DomainDefinition = Extract<UserTypeDescriptor['definition'], { readonly type: 'domain' }>;
type Domain = UserTypeDescriptor & { readonly definition: DomainDefinition };

/** As in PostgreSQL, errors have no place in the statement. */
export function createDomain(ddl: DdlStatement, statement: CreateDomainStmt): string {
  try {
    return makeDomain(ddl, statement);
  } catch (error) {
    if (error instanceof DatabaseError) error.position = undefined;
    throw error;
  }
}

function makeDomain(ddl: DdlStatement, statement: CreateDomainStmt): string {
  const place = typePlace(ddl, stringsOf(statement.domainname));
  claimTypeName(ddl, place);
  const given = resolveType(statement.typeName!, ddl.bindContext, ddl.parsed);
  checkBase(ddl, given);
  const base = typeWithCollation(ddl, given, statement.collClause);
  const reader = new ConstraintReader(ddl, place.name, base);
  for (const node of statement.constraints ?? []) reader.read(bodyOf(node, 'Constraint')!);
  addType(ddl, {
    place,
    definition: {
      type: 'domain',
      base,
      notNull: reader.notNull === true,
      constraints: inOrder(reader.constraints),
      ...(reader.default === undefined ? {} : { default: reader.default }),
    },
  });
  return 'CREATE DOMAIN';
}

function checkBase(ddl: DdlStatement, base: SqlType): void {
  if (typeByOid(base.oid)?.kind !== 'pseudo') return;
  throw databaseError(
    'datatypeMismatch',
    `"${ddl.typeText(base)}" is not a valid base type for a domain`,
  );
}

/** Constraints are tested in order of their names. */
function inOrder(constraints: readonly DomainConstraint[]): DomainConstraint[] {
  return constraints.toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

/** The constraints of CREATE DOMAIN, one after another. */
class ConstraintReader {
  readonly constraints: DomainConstraint[] = [];
  notNull: boolean | undefined = undefined;
  default: DomainDefinition['default'] = undefined;
  private readonly ddl: DdlStatement;
  private readonly name: string;
  private readonly base: SqlType;

  constructor(ddl: DdlStatement, name: string, base: SqlType) {
    this.ddl = ddl;
    this.name = name;
    this.base = base;
  }

  read(constraint: Constraint): void {
    switch (constraint.contype) {
      case 'CONSTR_DEFAULT':
        if (this.default !== undefined) throw this.syntax('multiple default expressions');
        if (isNullConstant(constraint.raw_expr!)) return;
        this.default = defaultOf(this.ddl, constraint.raw_expr!, this.name, this.base);
        return;
      case 'CONSTR_NOTNULL':
      case 'CONSTR_NULL': {
        const notNull = constraint.contype === 'CONSTR_NOTNULL';
        if (this.notNull === !notNull) throw this.syntax('conflicting NULL/NOT NULL constraints');
        this.notNull = notNull;
        return;
      }
      case 'CONSTR_CHECK':
        this.constraints.push(
          checkOf(this.ddl, constraint, { name: this.name, base: this.base }, this.constraints),
        );
        return;
      case 'CONSTR_UNIQUE':
        throw this.syntax('unique constraints not possible for domains');
      case 'CONSTR_PRIMARY':
        throw this.syntax('primary key constraints not possible for domains');
      case 'CONSTR_EXCLUSION':
        throw this.syntax('exclusion constraints not possible for domains');
      case 'CONSTR_FOREIGN':
        throw this.syntax('foreign key constraints not possible for domains');
      default:
        throw databaseError(
          'featureNotSupported',
          'specifying constraint deferrability not supported for domains',
        );
    }
  }

  private syntax(message: string): Error {
    return databaseError('syntaxError', message);
  }
}

function defaultOf(
  ddl: DdlStatement,
  node: Node,
  name: string,
  base: SqlType,
): DomainDefinition['default'] {
  return bindStored(ddl, node, { place: 'columnDefault', column: { name, type: base } }).stored;
}

interface DomainPlace {
  readonly name: string;
  readonly base: SqlType;
}

function checkOf(
  ddl: DdlStatement,
  constraint: Constraint,
  { name, base }: DomainPlace,
  others: readonly DomainConstraint[],
): DomainConstraint {
  if (constraint.is_no_inherit === true) {
    throw databaseError(
      'invalidObjectDefinition',
      'check constraints for domains cannot be marked NO INHERIT',
    );
  }
  const { stored } = bindStored(ddl, constraint.raw_expr!, { place: 'check', value: base });
  const given = constraint.conname;
  if (given !== undefined && others.some((other) => other.name === given)) {
    throw databaseError(
      'duplicateObject',
      `constraint "${given}" for domain "${name}" already exists`,
    );
  }
  return {
    oid: ddl.allocateOid(),
    name: given ?? freeName(name, others),
    expression: stored,
    validated: constraint.skip_validation !== true,
  };
}

function freeName(domain: string, others: readonly DomainConstraint[]): string {
  for (let attempt = 0; ; attempt++) {
    const name = generatedName(domain, undefined, attempt === 0 ? 'check' : `check${attempt}`);
    if (!others.some((other) => other.name === name)) return name;
  }
}

// ---- ALTER DOMAIN ------------------------------------------------------------------------------

export function* alterDomain(ddl: DdlStatement, statement: AlterDomainStmt): UtilityWork {
  const domain = requireDomain(ddl, stringsOf(statement.typeName));
  switch (statement.subtype) {
    case 'T':
      setDefault(ddl, domain, statement.def);
      break;
    case 'N':
      put(ddl, domain, { notNull: false });
      break;
    case 'O':
      if (!domain.definition.notNull) yield* requireNoNulls(ddl, domain);
      put(ddl, domain, { notNull: true });
      break;
    case 'C':
      yield* addConstraint(ddl, domain, bodyOf(statement.def, 'Constraint')!);
      break;
    case 'X':
      dropConstraint(ddl, domain, statement);
      break;
    case 'V':
      yield* validateConstraint(ddl, domain, statement.name ?? '');
      break;
    default:
      throw notSupported('this form of ALTER DOMAIN');
  }
  return 'ALTER DOMAIN';
}

export function requireDomain(ddl: DdlStatement, parts: readonly string[]): Domain {
  const type = requireType(ddl, parts);
  if (type.definition.type === 'domain') return type as Domain;
  throw databaseError(
    'wrongObjectType',
    `${ddl.typeText({ oid: type.oid, typmod: -1 })} is not a domain`,
  );
}

function put(ddl: DdlStatement, domain: Domain, changes: Partial<DomainDefinition>): void {
  ddl.put({ ...domain, definition: { ...domain.definition, ...changes } });
}

function setDefault(ddl: DdlStatement, domain: Domain, node: Node | undefined): void {
  const { default: _old, ...rest } = domain.definition;
  const stored =
    node === undefined || isNullConstant(node)
      ? undefined
      : defaultOf(ddl, node, domain.name, domain.definition.base);
  const definition = stored === undefined ? rest : { ...rest, default: stored };
  ddl.put({ ...domain, definition });
}

function* addConstraint(ddl: DdlStatement, domain: Domain, constraint: Constraint): AlterWork {
  const { definition, name } = domain;
  if (constraint.contype !== 'CONSTR_CHECK') {
    // Says what is wrong with the others.
    new ConstraintReader(ddl, name, definition.base).read(constraint);
    return;
  }
  const place = { name, base: definition.base };
  const added = checkOf(ddl, constraint, place, definition.constraints);
  put(ddl, domain, { constraints: inOrder([...definition.constraints, added]) });
  if (added.validated) yield* checkValues(ddl, domain, added);
}

function dropConstraint(ddl: DdlStatement, domain: Domain, statement: AlterDomainStmt): void {
  const { constraints } = domain.definition;
  const name = statement.name ?? '';
  if (!constraints.some((each) => each.name === name)) {
    const message = `constraint "${name}" of domain "${domain.name}" does not exist`;
    if (statement.missing_ok !== true) throw databaseError('undefinedObject', message);
    ddl.notice(`${message}, skipping`);
    return;
  }
  put(ddl, domain, { constraints: constraints.filter((each) => each.name !== name) });
}

function* validateConstraint(ddl: DdlStatement, domain: Domain, name: string): AlterWork {
  const { constraints } = domain.definition;
  const found = constraints.find((each) => each.name === name);
  if (found === undefined) {
    throw databaseError(
      'undefinedObject',
      `constraint "${name}" of domain "${domain.name}" does not exist`,
    );
  }
  yield* checkValues(ddl, domain, found);
  put(ddl, domain, {
    constraints: constraints.map((each) => (each === found ? { ...each, validated: true } : each)),
  });
}

function* requireNoNulls(ddl: DdlStatement, domain: Domain): AlterWork {
  for (const { column, relation, schema, table, name } of stored(ddl, domain)) {
    const isNull = `SELECT 1 FROM ONLY ${relation} WHERE ${column} IS NULL LIMIT 1`;
    if ((yield* firstRow(ddl, isNull)) === undefined) continue;
    throw databaseError(
      'notNullViolation',
      `column "${name}" of table "${table}" contains null values`,
      { schema, table, column: name },
    );
  }
}

function* checkValues(ddl: DdlStatement, domain: Domain, constraint: DomainConstraint): AlterWork {
  const base = `pg_catalog."${domain.definition.base.oid}"`;
  for (const { column, relation, schema, table, name } of stored(ddl, domain)) {
    const failing =
      `SELECT 1 FROM (SELECT ${column}::${base} AS value FROM ONLY ${relation}) AS stored ` +
      `WHERE (${constraint.expression.sql}) IS FALSE LIMIT 1`;
    if ((yield* firstRow(ddl, failing)) === undefined) continue;
    throw databaseError(
      'checkViolation',
      `column "${name}" of table "${table}" contains values that violate the new constraint`,
      { schema, table, column: name },
    );
  }
}

interface StoredColumn {
  readonly column: string;
  readonly relation: string;
  readonly schema: string;
  readonly table: string;
  readonly name: string;
}

/** Columns of the domain and of domains over it. 0A000 for values inside of others, as in PostgreSQL. */
function* stored(ddl: DdlStatement, domain: Domain): Iterable<StoredColumn> {
  for (const user of typeUsers(ddl, domain)) {
    const table = ddl.lockTable(user.tableOid, TableLock.share);
    const { type } = table.columns[user.attributeNumber - 1];
    if (elementTypeOf(type.oid) !== 0 || typeByOid(type.oid)?.kind !== 'domain') {
      throw databaseError(
        'featureNotSupported',
        `cannot alter type "${domain.name}" because column "${user.table}.${user.column}" uses it`,
      );
    }
    const schema = ddl.schemaByOid(table.schemaOid).name;
    yield {
      column: quoteIdentifier(user.column),
      relation: qualifiedText(schema, table.name),
      schema,
      table: user.table,
      name: user.column,
    };
  }
}

export function renameDomainConstraint(
  ddl: DdlStatement,
  parts: readonly string[],
  from: string,
  to: string,
): void {
  const domain = requireDomain(ddl, parts);
  const { constraints } = domain.definition;
  if (!constraints.some(({ name }) => name === from)) {
    throw databaseError(
      'undefinedObject',
      `constraint "${from}" for domain ${domain.name} does not exist`,
    );
  }
  if (constraints.some(({ name }) => name === to)) {
    throw databaseError(
      'duplicateObject',
      `constraint "${to}" for domain ${domain.name} already exists`,
    );
  }
  put(ddl, domain, {
    constraints: inOrder(
      constraints.map((each) => (each.name === from ? { ...each, name: to } : each)),
    ),
  });
}
