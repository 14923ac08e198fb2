// The world as a statement on an executor thread sees it: a snapshot to read, the session's values as
// they were when it started, and nothing that only the main thread has. Asking for such a thing ends
// the attempt with MainThreadNeeded, and the statement runs in the main thread instead.

import { epochDifferenceMicros, systemClock, systemRandom } from '#common';
import type { CatalogAccess, FunctionContext, SequenceAccess } from '#functions';
import type { Catalog } from '#planner';
import type { SnapshotReader, StorageEngine, Transaction } from '#storage';
import type { ExecutionContext, Interrupt, SessionAccess } from '../contract.ts';
import type { ParallelContext } from '../parallel/contract.ts';
import { MainThreadNeeded } from './main-thread-needed.ts';
import type { SessionValues, StatementMessage } from './protocol.ts';
import { decodeValues } from './value-transfer.ts';

/** The main thread wants the statement to stop; nobody is told. */
export class StatementStopped extends Error {}

export interface ThreadContextOptions {
  readonly start: StatementMessage;
  readonly reader: SnapshotReader;
  readonly interrupt: Interrupt;
  readonly notice: (severity: string, message: string) => void;
  readonly parallel: ParallelContext | undefined;
}

export function threadContext(options: ThreadContextOptions): ExecutionContext {
  const { start, reader, interrupt, parallel } = options;
  return {
    get storage(): StorageEngine {
      throw new MainThreadNeeded();
    },
    get catalog(): Catalog {
      throw new MainThreadNeeded();
    },
    get session(): SessionAccess {
      throw new MainThreadNeeded();
    },
    // Plans that come here only read, so they use the half that a reader has.
    transaction: reader as unknown as Transaction,
    functions: new ThreadFunctionContext(start.session, options),
    parameters: decodeValues(start.parameters),
    workMemBytes: start.workMemBytes,
    ...(start.statementMemoryBytes === undefined
      ? {}
      : { statementMemoryBytes: start.statementMemoryBytes }),
    spillDirectory: start.spillDirectory,
    interrupt,
    ...(parallel === undefined ? {} : { parallel }),
  };
}

class ThreadFunctionContext implements FunctionContext {
  readonly dateStyle: string;
  readonly intervalStyle: string;
  readonly timeZone: string;
  readonly extraFloatDigits: number;
  readonly byteaOutput: 'hex' | 'escape';
  readonly transactionTimestamp: number;
  readonly statementTimestamp: number;
  readonly currentUser: string;
  readonly sessionUser: string;
  readonly databaseName: string;
  readonly searchPath: readonly string[];
  readonly backendPid: number;
  readonly #transactionId: number;
  readonly #options: ThreadContextOptions;

  constructor(values: SessionValues, options: ThreadContextOptions) {
    this.dateStyle = values.dateStyle;
    this.intervalStyle = values.intervalStyle;
    this.timeZone = values.timeZone;
    this.extraFloatDigits = values.extraFloatDigits;
    this.byteaOutput = values.byteaOutput;
    this.transactionTimestamp = values.transactionTimestamp;
    this.statementTimestamp = values.statementTimestamp;
    this.currentUser = values.currentUser;
    this.sessionUser = values.sessionUser;
    this.databaseName = values.databaseName;
    this.searchPath = values.searchPath;
    this.backendPid = values.backendPid;
    this.#transactionId = values.transactionId;
    this.#options = options;
  }

  get sequences(): SequenceAccess {
    throw new MainThreadNeeded();
  }
  get catalog(): CatalogAccess {
    throw new MainThreadNeeded();
  }
  clockTimestamp(): number {
    return systemClock.nowMicros() - epochDifferenceMicros;
  }
  /** The session may have seeded its numbers. */
  random(): number {
    throw new MainThreadNeeded();
  }
  setSeed(): void {
    throw new MainThreadNeeded();
  }
  randomBytes(length: number): Uint8Array {
    return systemRandom.bytes(length);
  }
  setting(): string | undefined {
    throw new MainThreadNeeded();
  }
  setSetting(): string {
    throw new MainThreadNeeded();
  }
  sleep(): void {
    throw new MainThreadNeeded();
  }
  notice(severity: string, message: string): void {
    this.#options.notice(severity, message);
  }
  checkCancel(): void {
    this.#options.interrupt.check();
  }
  transactionId(): number {
    return this.#transactionId;
  }
}

/** Reads the session's values for a statement that goes to a thread. */
export function sessionValues(functions: FunctionContext): SessionValues {
  return {
    dateStyle: functions.dateStyle,
    intervalStyle: functions.intervalStyle,
    timeZone: functions.timeZone,
    extraFloatDigits: functions.extraFloatDigits,
    byteaOutput: functions.byteaOutput,
    transactionTimestamp: functions.transactionTimestamp,
    statementTimestamp: functions.statementTimestamp,
    currentUser: functions.currentUser,
    sessionUser: functions.sessionUser,
    databaseName: functions.databaseName,
    searchPath: [...functions.searchPath],
    backendPid: functions.backendPid,
    transactionId: functions.transactionId(),
  };
}
