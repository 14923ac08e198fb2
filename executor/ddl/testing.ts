// A session in the test's own process: storage in a temporary directory, one database, statements run
// to their end. What the server's sessions do, without sockets.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BuiltinOid, type DatabaseError, type Datum, defaultFormatSettings } from '#common';
import type { FunctionContext } from '#functions';
import { loadParser, parseStatements } from '#planner';
import {
  type CatalogStore,
  LockWait,
  openCatalog,
  openStorage,
  type OpenStorage,
  StatementRestart,
  type Transaction,
} from '#storage';
import { again } from '../contract.ts';
import { createCatalog } from '../catalog/catalog.ts';
import type { UtilityContext } from './contract.ts';
import { openUtility } from './open-utility.ts';

export class TestSession {
  readonly storage: OpenStorage;
  readonly store: CatalogStore;
  readonly notices: string[] = [];
  transaction: Transaction | undefined = undefined;
  private inBlock = false;
  private deferred: (() => void)[] = [];

  constructor(storage: OpenStorage, store: CatalogStore) {
    this.storage = storage;
    this.store = store;
  }

  /** Runs statements; the tag of the last one. */
  async run(sql: string): Promise<string> {
    let tag = '';
    for (const parsed of parseStatements(sql)) {
      const transaction = this.begin();
      const savepoint = transaction.savepoint();
      for (;;) {
        try {
          transaction.beginStatement();
          const execution = openUtility(parsed, this.context(transaction));
          for (let step = execution.next(); step !== undefined; step = execution.next()) {
            if (step === again) await new Promise((resolve) => setImmediate(resolve));
            else await step;
          }
          tag = execution.tag;
          break;
        } catch (error) {
          if (error instanceof LockWait) {
            transaction.rollbackTo(savepoint);
            await error.granted;
          } else if (error instanceof StatementRestart) transaction.rollbackTo(savepoint);
          else {
            transaction.rollback();
            this.transaction = undefined;
            throw error;
          }
        }
      }
      if (!this.inBlock) this.commit();
    }
    return tag;
  }

  begin(): Transaction {
    this.transaction ??= this.storage.begin({ isolation: 'read committed', readOnly: false });
    return this.transaction;
  }

  beginBlock(): void {
    this.begin();
    this.inBlock = true;
  }

  commit(): void {
    for (const check of this.deferred) check();
    this.deferred = [];
    this.transaction?.commit();
    this.transaction = undefined;
    this.inBlock = false;
  }

  rollback(): void {
    this.deferred = [];
    this.transaction?.rollback();
    this.transaction = undefined;
    this.inBlock = false;
  }

  context(transaction: Transaction): UtilityContext {
    const databaseOid = BuiltinOid.postgresDatabase;
    const catalogChanges = this.store.forTransaction(transaction, databaseOid);
    const catalog = createCatalog(catalogChanges.state, this.storage);
    const role = catalog.findRole('postgres')!;
    return {
      parameterTypes: [],
      storage: this.storage,
      transaction,
      catalog,
      functions: {
        ...defaultFormatSettings,
        searchPath: ['pg_catalog', 'public'],
        currentUser: 'postgres',
        transactionTimestamp: 0,
        setting: (): undefined => undefined,
      } as Partial<FunctionContext> as FunctionContext,
      parameters: [] as Datum[],
      workMemBytes: 1 << 24,
      spillDirectory: tmpdir(),
      interrupt: { check: () => undefined, sliceOver: () => false },
      session: {
        notice: (notice: DatabaseError) => {
          this.notices.push(
            notice.message + (notice.detail === undefined ? '' : `\n${notice.detail}`),
          );
        },
        deferConstraintCheck: (check) => {
          this.deferred.push(check);
        },
        constraintsDeferred: (_oid, initially) => initially,
        currentRow: () => undefined,
        currentRowMoved: () => undefined,
      },
      store: this.store,
      catalogChanges,
      databaseOid,
      searchPath: ['pg_catalog', 'public'],
      temporarySchema: 'pg_temp_1',
      currentRole: role,
      sessionRole: role,
      inTransactionBlock: this.inBlock,
      otherSessions: () => 0,
    };
  }
}

export async function withSession(use: (session: TestSession) => Promise<void>): Promise<void> {
  await loadParser();
  const directory = mkdtempSync(join(tmpdir(), 'lattice-ddl-'));
  const storage = await openStorage({
    directory,
    onFatal: (error) => {
      throw error;
    },
  });
  try {
    await use(new TestSession(storage, await openCatalog(storage)));
  } finally {
    await storage.close();
    rmSync(directory, { recursive: true });
  }
}
