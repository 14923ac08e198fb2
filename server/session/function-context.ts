// What SQL functions see of the session (functions/contract.ts). One object per session; what changes
// per statement (clock readings, transaction) is read through it.

import { epochDifferenceMicros, seededRandom, systemRandom, type RandomSource } from '#common';
import type {
  CatalogAccess,
  FileTables,
  FunctionContext,
  RoutineCalls,
  SequenceAccess,
} from '#functions';
import { SessionFileTables } from './file-tables.ts';
import type { Session } from './session.ts';
import { noticeOf } from './notice.ts';

export class SessionFunctionContext implements FunctionContext {
  private readonly session: Session;
  readonly files: FileTables;
  private source: RandomSource = systemRandom;
  /** Microseconds since 2000-01-01, set when a statement begins. */
  statementTimestamp = 0;

  constructor(session: Session) {
    this.session = session;
    this.files = new SessionFileTables(session);
  }

  get dateStyle(): string {
    return this.session.settings.formats.dateStyle;
  }
  get intervalStyle(): string {
    return this.session.settings.formats.intervalStyle;
  }
  get timeZone(): string {
    return this.session.settings.formats.timeZone;
  }
  get extraFloatDigits(): number {
    return this.session.settings.formats.extraFloatDigits;
  }
  get byteaOutput(): 'hex' | 'escape' {
    return this.session.settings.formats.byteaOutput;
  }
  get transactionTimestamp(): number {
    return this.session.block.require().startTimestamp - epochDifferenceMicros;
  }
  clockTimestamp(): number {
    return this.session.server.clock.nowMicros() - epochDifferenceMicros;
  }
  random(): number {
    return this.source.next();
  }
  setSeed(seed: number): void {
    this.source = seededRandom(seed);
  }
  randomBytes(length: number): Uint8Array {
    return systemRandom.bytes(length);
  }
  get currentUser(): string {
    return this.session.currentUser.name;
  }
  get sessionUser(): string {
    return this.session.sessionUser.name;
  }
  get databaseName(): string {
    return this.session.databaseName;
  }
  get searchPath(): readonly string[] {
    return this.session.searchPath();
  }
  get sequences(): SequenceAccess {
    return this.session.sequences();
  }
  get catalog(): CatalogAccess {
    return this.session.catalogAccess();
  }
  get routines(): RoutineCalls {
    return this.session.routines;
  }
  setting(name: string): string | undefined {
    return this.session.settings.get(name) === undefined
      ? undefined
      : this.session.settings.show(name);
  }
  setSetting(name: string, value: string, local: boolean): string {
    this.session.settings.set(name, value, local);
    return this.session.settings.show(name);
  }
  notice(severity: string, message: string): void {
    this.session.notice(noticeOf(severity, severity === 'WARNING' ? '01000' : '00000', message));
  }
  checkCancel(): void {
    this.session.interrupt.check();
  }
  get backendPid(): number {
    return this.session.processId;
  }
  transactionId(): number {
    return this.session.block.require().id;
  }
  sleep(milliseconds: number): void {
    this.session.sleeps.sleep(milliseconds);
  }
}

/** The session's functions as constant folding calls them: a loop that is long enough to ask is left for execution, where it can be cancelled. */
export function planningFunctions(functions: SessionFunctionContext): FunctionContext {
  return Object.create(functions, { checkCancel: { value: refuseLongWork } }) as FunctionContext;
}

function refuseLongWork(): never {
  throw new Error('too long for planning');
}
