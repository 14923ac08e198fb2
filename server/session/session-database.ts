// A session's view of its database: the catalog as its transaction sees it, the search path, its
// temporary schema, its sequences' state.

import type { DatabaseDescriptor, Datum, RoleDescriptor, SchemaDescriptor, SqlType } from '#common';
import {
  catalogAccess,
  createCatalog,
  emptyOnCommit,
  SequenceState,
  sequenceAccess,
  type StateCatalog,
  type UtilityContext,
} from '#executor';
import type { CatalogAccess, SequenceAccess } from '#functions';
import { hasRights, mayOnSchema } from '#planner';
import {
  dropTemporarySchema,
  temporarySchemaName,
  type CatalogState,
  LargeObjects,
  type Transaction,
} from '#storage';
import type { Server } from '../server.ts';
import { effectiveSearchPath } from './search-path.ts';
import { callBackendFunction } from './backend-functions.ts';
import type { Session } from './session.ts';

interface CachedAccess {
  readonly catalog: StateCatalog;
  readonly path: readonly string[];
  readonly user: RoleDescriptor;
  readonly access: CatalogAccess;
}

export class SessionDatabase {
  readonly descriptor: DatabaseDescriptor;
  private readonly server: Server;
  private readonly sequenceState = new SequenceState();
  private pathCache:
    | { readonly key: string; readonly state: CatalogState; readonly path: readonly string[] }
    | undefined;
  /** What catalog functions answer depends on the session and its user. */
  private readonly accessCache = new WeakMap<Session, CachedAccess>();

  constructor(server: Server, descriptor: DatabaseDescriptor) {
    this.server = server;
    this.descriptor = descriptor;
  }

  get name(): string {
    return this.descriptor.name;
  }

  private state(transaction: Transaction | undefined): CatalogState {
    const { catalogStore } = this.server;
    const changes = transaction === undefined ? undefined : catalogStore.changesOf(transaction);
    return changes === undefined ? catalogStore.snapshot(this.descriptor.oid) : changes.state;
  }

  /** CONNECT. */
  mayConnect(user: RoleDescriptor): boolean {
    const { owner, acl } = this.descriptor;
    const object = { kind: 'database', owner, ...(acl === undefined ? {} : { acl }) } as const;
    return hasRights(this.catalog(undefined), user.oid, object, 'c');
  }

  /** Another object whenever anything in the catalog, as the session sees it, has changed. */
  catalogState(session: Session): CatalogState {
    return this.state(session.block.active);
  }

  catalog(transaction: Transaction | undefined): StateCatalog {
    return createCatalog(this.state(transaction), this.server.storage);
  }

  /** The transaction has changed the catalog: what is bound now must not be shared. */
  hasUncommittedChanges(transaction: Transaction | undefined): boolean {
    return (
      transaction !== undefined && this.server.catalogStore.changesOf(transaction) !== undefined
    );
  }

  /** The table's data are this transaction's own: it was made or truncated in it, so nobody else sees them. */
  isOwnTree(session: Session, tableOid: number): boolean {
    const own = this.catalog(session.block.active).tableByOid(tableOid);
    const committed = this.server.catalogStore.snapshot(this.descriptor.oid).local.object(tableOid);
    return own !== undefined && (committed?.kind !== 'table' || committed.treeId !== own.treeId);
  }

  temporarySchema(session: Session): string {
    return temporarySchemaName(session.processId);
  }

  searchPath(session: Session): readonly string[] {
    const state = this.state(session.block.active);
    const setting = session.settings.require('search_path');
    const key = `${setting}\u0000${session.currentUser.name}`;
    const cached = this.pathCache;
    if (cached !== undefined && cached.key === key && cached.state === state) return cached.path;
    const temporary = this.temporarySchema(session);
    const path = effectiveSearchPath(setting, {
      currentUser: session.currentUser.name,
      temporarySchema: state.schemaNamed(temporary) === undefined ? undefined : temporary,
      exists: (name) => this.mayUse(state.schemaNamed(name), session),
    });
    this.pathCache = { key, state, path };
    return path;
  }

  private mayUse(schema: SchemaDescriptor | undefined, session: Session): boolean {
    if (schema === undefined || session.currentUser.superuser) return schema !== undefined;
    const catalog = this.catalog(session.block.active);
    return mayOnSchema(catalog, session.currentUser.oid, schema, 'U');
  }

  catalogAccess(session: Session): CatalogAccess {
    const catalog = this.catalog(session.block.active);
    const path = this.searchPath(session);
    const user = session.currentUser;
    const cached = this.accessCache.get(session);
    if (cached?.catalog === catalog && cached.path === path && cached.user === user)
      return cached.access;
    const access = catalogAccess(catalog, this.facts(session));
    this.accessCache.set(session, { catalog, path, user, access });
    return access;
  }

  private facts(session: Session): Parameters<typeof catalogAccess>[1] {
    return {
      searchPath: this.searchPath(session),
      currentUser: session.currentUser,
      functions: session.functions,
      largeObjects: () => new LargeObjects(session.block.require(), this.descriptor.oid),
      call: (name, args) => callBackendFunction(session, name, args),
    };
  }

  sequences(session: Session): SequenceAccess {
    return sequenceAccess({
      role: session.currentUser,
      catalog: this.catalog(session.block.active),
      storage: this.server.storage,
      transaction: session.block.require(),
      state: this.sequenceState,
    });
  }

  forgetSequences(): void {
    this.sequenceState.forget();
  }

  /** `parameters`: of the statement, where it may have some. */
  utilityContext(
    session: Session,
    parameters: readonly Datum[] = [],
    parameterTypes: readonly SqlType[] = [],
  ): UtilityContext {
    const context = session.executionContext(parameters);
    const { catalogStore } = this.server;
    return {
      ...context,
      parameterTypes,
      searchPath: this.searchPath(session),
      currentRole: session.currentUser,
      sessionRole: session.sessionUser,
      databaseOid: this.descriptor.oid,
      catalogChanges: catalogStore.forTransaction(context.transaction, this.descriptor.oid),
      temporarySchema: this.temporarySchema(session),
      store: catalogStore,
      inTransactionBlock: session.inTransactionBlock,
      otherSessions: (databaseOid) => this.server.sessions.countIn(databaseOid, session),
    };
  }

  /** ON COMMIT DELETE ROWS. */
  emptyTemporaryTables(session: Session): void {
    const transaction = session.block.active;
    if (transaction?.hasWrites !== true) return;
    if (this.state(transaction).schemaNamed(this.temporarySchema(session)) === undefined) return;
    emptyOnCommit(this.utilityContext(session));
  }

  /** Removes the session's temporary tables; at the end of the session or by DISCARD. */
  dropTemporaryObjects(session: Session): void {
    const { storage, catalogStore } = this.server;
    const name = this.temporarySchema(session);
    if (catalogStore.snapshot(this.descriptor.oid).schemaNamed(name) === undefined) return;
    const transaction = storage.begin({ isolation: 'read committed', readOnly: false });
    transaction.beginStatement();
    dropTemporarySchema(catalogStore.forTransaction(transaction, this.descriptor.oid), name);
    transaction.commit();
  }
}
