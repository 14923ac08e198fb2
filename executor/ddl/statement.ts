// One DDL statement being carried out: its parse tree, its context, and the catalog as it changes
// under it. Names are resolved, locked and resolved again here, so that what a handler works on is the
// newest state and stays so.

import type { RangeVar, RoleSpec } from '@pgsql/types';
import {
  assert,
  BuiltinOid,
  type CollationDescriptor,
  databaseError,
  type EntryDescriptor,
  type RelationDescriptor,
  type RoleDescriptor,
  type RoutineDescriptor,
  type SchemaDescriptor,
  type SequenceDescriptor,
  type SqlType,
  type TableDescriptor,
  type UserTypeDescriptor,
  type ViewDescriptor,
} from '#common';
import {
  accessDenied,
  type BindContext,
  hasPrivilegesOf,
  hasRights,
  mayOnSchema,
  type ParsedStatement,
  relationDenied,
  relationGrantable,
} from '#planner';
import {
  type CatalogChanges,
  isTemporarySchema,
  TableLock,
  type TableLockMode,
  type Transaction,
} from '#storage';
import { createCatalog, type StateCatalog } from '../catalog/catalog.ts';
import { CatalogNames } from '../catalog/names.ts';
import type { UtilityContext } from './contract.ts';
import { initialAcl } from './initial-acl.ts';
import {
  mustBeOwner,
  positionField,
  relationDoesNotExist,
  relationExists,
  roleDoesNotExist,
  schemaDoesNotExist,
} from './errors.ts';
import { sendInfo, sendNotice, sendWarning } from './notice.ts';

export interface NameInSchema {
  readonly schema: SchemaDescriptor;
  readonly name: string;
}

export class DdlStatement {
  readonly context: UtilityContext;
  readonly parsed: ParsedStatement;

  constructor(parsed: ParsedStatement, context: UtilityContext) {
    this.parsed = parsed;
    this.context = context;
  }

  /** Oids of the objects that a DROP names, for sql_drop triggers. */
  readonly originals = new Set<number>();

  get changes(): CatalogChanges {
    return this.context.catalogChanges;
  }

  get transaction(): Transaction {
    return this.context.transaction;
  }

  /** The newest committed catalog with this transaction's changes. */
  get catalog(): StateCatalog {
    return createCatalog(this.changes.state, this.context.storage);
  }

  /** What a query of this statement is bound against. */
  get bindContext(): BindContext {
    return {
      catalog: this.catalog,
      searchPath: this.context.searchPath,
      currentUser: this.context.currentRole.name,
      allowParameters: false,
      formatSettings: this.context.functions,
    };
  }

  /** The same for a query that becomes part of a definition. */
  get definitionContext(): BindContext {
    return { ...this.bindContext, definesOnly: true };
  }

  /** The context with the catalog as it is now, for plans that DDL runs. */
  get executionContext(): UtilityContext {
    return { ...this.context, catalog: this.catalog };
  }

  position(location: number | undefined): number | undefined {
    return this.parsed.positionOf(location);
  }

  notice(message: string, sqlState?: string, detail?: string): void {
    sendNotice(this.context, message, detail === undefined ? {} : { detail }, sqlState);
  }

  warning(message: string, sqlState?: string, detail?: string): void {
    sendWarning(this.context, message, detail === undefined ? {} : { detail }, sqlState);
  }

  info(message: string): void {
    sendInfo(this.context, message);
  }

  allocateOid(): number {
    return this.context.storage.allocateOid();
  }

  // ---- schemas -------------------------------------------------------------------------------

  schema(name: string): SchemaDescriptor {
    const found = this.catalog.findSchema(this.schemaName(name));
    if (found === undefined) throw schemaDoesNotExist(name);
    return found;
  }

  schemaByOid(oid: number): SchemaDescriptor {
    const schema = this.catalog.schemaByOid(oid);
    assert(schema !== undefined, 'a relation lives in a schema');
    return schema;
  }

  private schemaName(name: string): string {
    return name === 'pg_temp' ? this.context.temporarySchema : name;
  }

  /** Where CREATE puts a relation, and its name; the name is free of system names. 3F000, 42501. */
  creationName(relation: RangeVar): NameInSchema {
    const name = relation.relname ?? '';
    const isTemporary = relation.relpersistence === 't' || relation.schemaname === 'pg_temp';
    if (relation.catalogname !== undefined && relation.catalogname !== this.catalog.database.name) {
      throw databaseError(
        'featureNotSupported',
        `cross-database references are not implemented: "${relation.catalogname}.${relation.schemaname}.${name}"`,
      );
    }
    const isUnlogged = relation.relpersistence === 'u';
    if (isUnlogged && relation.schemaname === 'pg_temp') {
      throw databaseError(
        'invalidTableDefinition',
        'only temporary relations may be created in temporary schemas',
        positionField(this.position(relation.location)),
      );
    }
    if (isTemporary) {
      const { schemaname } = relation;
      if (schemaname !== undefined && !isTemporarySchema(this.schemaName(schemaname))) {
        throw databaseError(
          'invalidTableDefinition',
          'cannot create temporary relation in non-temporary schema',
          positionField(this.position(relation.location)),
        );
      }
      return { schema: this.temporarySchema(), name };
    }
    const { schemaname } = relation;
    if (schemaname !== undefined && this.catalog.findSchema(schemaname) === undefined) {
      throw databaseError(
        'invalidSchemaName',
        `schema "${schemaname}" does not exist`,
        positionField(this.position(relation.location)),
      );
    }
    const schema = this.creationSchema(schemaname, this.position(relation.location));
    checkWritableSchema(schema, name);
    return { schema, name };
  }

  /** Where a routine's name is looked up: temporary ones are found only with their schema. */
  routineSchemas(schema: string | undefined): readonly string[] {
    return schema === undefined
      ? this.context.searchPath.filter((name) => !isTemporarySchema(name))
      : [this.schemaName(schema)];
  }

  creationSchema(name: string | undefined, position?: number): SchemaDescriptor {
    if (name === 'pg_temp') return this.temporarySchema();
    const schema = name === undefined ? this.firstSchema() : this.schema(name);
    if (schema !== undefined) {
      this.requireSchemaRight(schema, 'C', position);
      return schema;
    }
    throw databaseError(
      'invalidSchemaName',
      'no schema has been selected to create in',
      positionField(position),
    );
  }

  private firstSchema(): SchemaDescriptor | undefined {
    for (const candidate of this.context.searchPath) {
      if (candidate === 'pg_catalog' || isTemporarySchema(candidate)) continue;
      const schema = this.catalog.findSchema(candidate);
      if (schema !== undefined) return schema;
    }
    return undefined;
  }

  private temporarySchema(): SchemaDescriptor {
    this.requireDatabaseRight('T', (database) =>
      databaseError(
        'insufficientPrivilege',
        `permission denied to create temporary tables in database "${database}"`,
      ),
    );
    const name = this.context.temporarySchema;
    const known = this.catalog.findSchema(name);
    if (known !== undefined) return known;
    const schema: SchemaDescriptor = {
      kind: 'schema',
      oid: this.allocateOid(),
      name,
      owner: BuiltinOid.bootstrapRole,
    };
    this.changes.lockName('schema', name);
    this.changes.put(schema);
    return schema;
  }

  /** Takes the name for this transaction; false when a relation has it already. */
  claimName({ schema, name }: NameInSchema): boolean {
    this.changes.lockName(schema.oid, name);
    return this.catalog.findRelation(schema.oid, name) === undefined;
  }

  /** claimName() or 42P07. */
  requireFreeName(place: NameInSchema): void {
    if (!this.claimName(place)) throw relationExists(place.name);
  }

  /** A name that no relation of the schema has: the wanted one, or the wanted one and a number. */
  freeName(
    schema: SchemaDescriptor,
    make: (label: string) => string,
    label: string,
    isTaken: (name: string) => boolean = () => false,
  ): string {
    for (let attempt = 0; ; attempt++) {
      const name = make(attempt === 0 ? label : label + String(attempt));
      if (isTaken(name) || this.catalog.findRelation(schema.oid, name) !== undefined) continue;
      this.changes.lockName(schema.oid, name);
      if (this.catalog.findRelation(schema.oid, name) === undefined) return name;
    }
  }

  // ---- relations -----------------------------------------------------------------------------

  /** The relation that a possibly qualified name means; undefined when there is none. */
  findRelation(schemaName: string | undefined, name: string): RelationDescriptor | undefined {
    const { catalog } = this;
    if (schemaName !== undefined) {
      const schema = catalog.findSchema(this.schemaName(schemaName));
      return schema === undefined ? undefined : catalog.findRelation(schema.oid, name);
    }
    const { searchPath, temporarySchema } = this.context;
    // The statement may just have made the schema for temporary objects.
    const path = searchPath.includes(temporarySchema)
      ? searchPath
      : [temporarySchema, ...searchPath];
    for (const candidate of path) {
      const schema = catalog.findSchema(candidate);
      const relation = schema === undefined ? undefined : catalog.findRelation(schema.oid, name);
      if (relation !== undefined) return relation;
    }
    return undefined;
  }

  /** Finds, locks and finds again. undefined: it does not exist. */
  lockRelation(relation: RangeVar, mode: TableLockMode): RelationDescriptor | undefined {
    const { schemaname, relname = '' } = relation;
    for (;;) {
      const found = this.findRelation(schemaname, relname);
      if (found === undefined) {
        if (
          schemaname !== undefined &&
          this.catalog.findSchema(this.schemaName(schemaname)) === undefined
        ) {
          throw schemaDoesNotExist(schemaname);
        }
        return undefined;
      }
      if (found.kind === 'system') return found;
      this.transaction.lockTable(found.kind === 'index' ? found.tableOid : found.oid, mode);
      const again = this.findRelation(schemaname, relname);
      if (again !== undefined && again.oid === found.oid) {
        this.changes.forUpdate(again.kind === 'index' ? again.tableOid : again.oid);
        return this.catalog.relationByOid(again.oid);
      }
    }
  }

  /** lockRelation() or 42P01. */
  requireRelation(relation: RangeVar, mode: TableLockMode): RelationDescriptor {
    const found = this.lockRelation(relation, mode);
    if (found !== undefined) return found;
    throw relationDoesNotExist(rangeName(relation));
  }

  /** The newest state of a table that is locked. */
  table(oid: number): TableDescriptor {
    const table = this.catalog.tableByOid(oid);
    assert(table !== undefined, 'a locked table exists');
    return table;
  }

  /** Locks a table by oid for a change of its descriptor and returns its newest state. */
  lockTable(oid: number, mode: TableLockMode = TableLock.accessExclusive): TableDescriptor {
    this.transaction.lockTable(oid, mode);
    this.changes.forUpdate(oid);
    return this.table(oid);
  }

  put(
    object:
      | CollationDescriptor
      | RoutineDescriptor
      | TableDescriptor
      | ViewDescriptor
      | SequenceDescriptor
      | SchemaDescriptor
      | RoleDescriptor
      | UserTypeDescriptor
      | EntryDescriptor,
  ): void {
    const isNew = this.catalog.state.local.object(object.oid) === undefined;
    if (!isNew || object.kind === 'role' || object.kind === 'collation') {
      this.changes.put(object);
      return;
    }
    const acl = initialAcl(this.catalog.database, object);
    this.changes.put(acl === undefined ? object : { ...object, acl });
  }

  /** 42501 unless the current role has a right on the relation. */
  requireRight(relation: Parameters<typeof relationGrantable>[0], letter: string): void {
    const role = this.context.currentRole.oid;
    if (!hasRights(this.catalog, role, relationGrantable(relation), letter))
      throw relationDenied(relation);
  }

  /** 42501 unless the current role may make objects in the schema (C) or use them (U). */
  requireSchemaRight(schema: SchemaDescriptor, letter: 'U' | 'C', position?: number): void {
    if (!mayOnSchema(this.catalog, this.context.currentRole.oid, schema, letter))
      throw accessDenied('schema', schema.name, position);
  }

  /** 42501 unless the current role may make schemas (C) or temporary tables (T) in the database. */
  requireDatabaseRight(letter: 'C' | 'T', denied: (name: string) => Error): void {
    const { database } = this.catalog;
    const { owner, acl } = database;
    const object = { kind: 'database', owner, ...(acl === undefined ? {} : { acl }) } as const;
    if (!hasRights(this.catalog, this.context.currentRole.oid, object, letter))
      throw denied(database.name);
  }

  /** Qualified where the search path would not find it, as PostgreSQL's messages name relations. */
  displayName(relation: RelationDescriptor): string {
    if (this.findRelation(undefined, relation.name)?.oid === relation.oid) return relation.name;
    return `${this.catalog.schemaByOid(relation.schemaOid)?.name ?? ''}.${relation.name}`;
  }

  /** format_type() with the modifier. */
  typeText(type: SqlType): string {
    return (
      new CatalogNames(this.catalog, this.context.searchPath).typeName(type.oid, type.typmod) ??
      '???'
    );
  }

  // ---- roles ---------------------------------------------------------------------------------

  role(name: string): RoleDescriptor {
    const role = this.catalog.findRole(name);
    if (role === undefined) throw roleDoesNotExist(name);
    return role;
  }

  roleOf(spec: RoleSpec): RoleDescriptor {
    switch (spec.roletype) {
      case 'ROLESPEC_CURRENT_USER':
      case 'ROLESPEC_CURRENT_ROLE':
        return this.role(this.context.currentRole.name);
      case 'ROLESPEC_SESSION_USER':
        return this.role(this.context.sessionRole.name);
      case 'ROLESPEC_PUBLIC':
        throw roleDoesNotExist('public');
      default:
        return this.role(spec.rolename ?? '');
    }
  }

  /** 42501 unless the current role owns the object (or is a member of the owner, or a superuser). */
  requireOwner(kind: string, object: { readonly name: string; readonly owner: number }): void {
    if (!hasPrivilegesOf(this.catalog, this.context.currentRole.oid, object.owner))
      throw mustBeOwner(kind, object.name);
  }

  /** An index belongs to whom its table belongs. 42501. */
  requireRelationOwner(
    kind: string,
    relation: Exclude<RelationDescriptor, { kind: 'system' }>,
  ): void {
    const { name } = relation;
    const { owner } = relation.kind === 'index' ? this.table(relation.tableOid) : relation;
    this.requireOwner(kind, { name, owner });
  }

  isMemberOf(roleOid: number, of: number): boolean {
    const seen = new Set<number>();
    const pending = [roleOid];
    while (pending.length > 0) {
      const oid = pending.pop()!;
      if (oid === of) return true;
      if (seen.has(oid)) continue;
      seen.add(oid);
      const role = this.catalog.roleByOid(oid);
      if (role === undefined) continue;
      if (role.superuser) return true;
      pending.push(...role.memberOf);
    }
    return false;
  }
}

export function rangeName(relation: RangeVar): string {
  return relation.schemaname === undefined
    ? (relation.relname ?? '')
    : `${relation.schemaname}.${relation.relname}`;
}

export function checkWritableSchema(schema: SchemaDescriptor, name: string): void {
  if (schema.oid === BuiltinOid.pgCatalogSchema || schema.oid === BuiltinOid.informationSchema) {
    throw databaseError(
      'insufficientPrivilege',
      `permission denied to create "${schema.name}.${name}"`,
      {
        detail: 'System catalog modifications are currently disallowed.',
      },
    );
  }
}
