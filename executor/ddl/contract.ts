// DDL and other utility statements, to the statement driver like a plan: it may have to wait for a
// lock (the statement starts over), may yield in long builds, and may have to wait for a disk.

import type { RoleDescriptor, SqlType } from '#common';
import type { CatalogChanges, CatalogStore } from '#storage';
import type { ExecutionContext, again } from '../contract.ts';

export interface UtilityContext extends ExecutionContext {
  readonly store: CatalogStore;
  readonly catalogChanges: CatalogChanges;
  readonly databaseOid: number;
  /** Effective search path, implicit schemas included. */
  readonly searchPath: readonly string[];
  /** Name of the session's schema for temporary objects; made when first needed. */
  readonly temporarySchema: string;
  readonly currentRole: RoleDescriptor;
  readonly sessionRole: RoleDescriptor;
  /** Types of the statement's parameters, which only CREATE TABLE AS may have. */
  readonly parameterTypes: readonly SqlType[];
  /** BEGIN was given: what cannot run in a transaction block is refused (25001). */
  readonly inTransactionBlock: boolean;
  /** Sessions connected to a database, this one not counted. */
  otherSessions(databaseOid: number): number;
}

/** again: give the event loop a turn; a promise: await it; undefined: done. */
export type UtilityStep = typeof again | Promise<void> | undefined;

export interface UtilityExecution {
  /** May throw a DatabaseError, LockWait or StatementRestart. */
  next(): UtilityStep;
  /** The command tag, once done. */
  readonly tag: string;
  close(): void;
}

/** A statement's work: yields what next() returns, ends with the command tag. */
export type UtilityWork = Generator<Exclude<UtilityStep, undefined>, string>;
