// The session as routines see it (executor's ProceduralHost): contexts for their statements, their
// sub-transactions, settings, cursors and notices.

import {
  databaseError,
  type DatabaseError,
  type Datum,
  type RoleDescriptor,
  type TableDescriptor,
} from '#common';
import {
  type CursorDirection,
  type ExecutionContext,
  type InnerStatement,
  type ProceduralCursor,
  type ProceduralHost,
  type StatementScope,
  ThreadRestart,
  type TransactionMark,
  type UtilityContext,
  type Work,
  type CommandRows,
} from '#executor';
import type { FunctionContext } from '#functions';
import {
  type BindContext,
  bindTableChecks,
  type ParsedStatement,
  type PhysicalCheck,
} from '#planner';
import { LockWait, StatementRestart } from '#storage';
import { fieldOf } from '../protocol/row-description.ts';
import type { CommandResult } from './command.ts';
import { commandFor } from './commands/index.ts';
import { cursorKeysOf } from './cursor-plan.ts';
import { Cursor } from './cursor.ts';
import { planningFunctions } from './function-context.ts';
import { noticeOf } from './notice.ts';
import { Portal } from './portal.ts';
import { RoutineRows } from './routine-rows.ts';
import type { Session } from './session.ts';
import { SleepWait } from './sleeps.ts';
import { newStatement, visibleResults } from './new-statement.ts';

export class SessionProceduralHost implements ProceduralHost {
  private readonly session: Session;
  private known: BindContext | undefined;
  private knownState: object | undefined;
  private knownVersion = -1;
  private knownUser: RoleDescriptor | undefined;
  readonly planningFunctions: FunctionContext;
  private portalCount = 0;

  constructor(session: Session) {
    this.session = session;
    this.planningFunctions = planningFunctions(session.functions);
  }

  get functions(): FunctionContext {
    return this.session.functions;
  }

  executionContext(parameters: readonly Datum[]): ExecutionContext {
    return this.session.executionContext(parameters);
  }

  bindContext(): BindContext {
    // Asked for with every expression: what it depends on is compared, not computed.
    const { session, known } = this;
    const state = session.database.catalogState(session);
    const { currentUser } = session;
    const { version } = session.settings;
    if (
      known !== undefined &&
      this.knownState === state &&
      this.knownVersion === version &&
      this.knownUser === currentUser
    )
      return known;
    this.knownState = state;
    this.knownVersion = version;
    this.knownUser = currentUser;
    this.known = {
      catalog: session.catalog(),
      searchPath: session.searchPath(),
      currentUser: currentUser.name,
      formatSettings: session.functions,
      rowSecurity: session.settings.boolean('row_security'),
    };
    return this.known;
  }

  utilityContext(): UtilityContext {
    // What cannot run inside of a transaction block cannot run in a routine either.
    return { ...this.session.database.utilityContext(this.session), inTransactionBlock: true };
  }

  checksFor(table: TableDescriptor): readonly PhysicalCheck[] {
    return bindTableChecks(table, this.bindContext());
  }

  setting(name: string): string {
    return this.session.settings.get(name) ?? '';
  }

  mark(): TransactionMark {
    const { block, settings, cursors, notices } = this.session;
    return {
      storage: block.require().savepoint(),
      settings: settings.mark(),
      deferred: block.deferredChecks.length,
      cursors: cursors.mark(),
      notices: notices.seen,
    };
  }

  rollbackTo(mark: TransactionMark): void {
    const { block, settings, cursors } = this.session;
    block.require().rollbackTo(mark.storage);
    cursors.rollbackTo(mark.cursors);
    settings.rollbackTo(mark.settings);
    block.deferredChecks.length = Math.min(block.deferredChecks.length, mark.deferred);
  }

  isSignal(error: unknown): boolean {
    return (
      error instanceof LockWait ||
      error instanceof StatementRestart ||
      error instanceof SleepWait ||
      error instanceof ThreadRestart
    );
  }

  waitFor(signal: unknown, mark: TransactionMark): Promise<void> | undefined {
    if (!this.isSignal(signal)) return undefined;
    const { session } = this;
    this.rollbackTo(mark);
    session.notices.seen = mark.notices;
    session.server.metrics.statementRestarts++;
    session.sleeps.seen = 0;
    if (signal instanceof SleepWait) return session.sleeps.wait(signal, session.interrupt);
    return signal instanceof LockWait ? session.interrupt.waitFor(signal) : Promise.resolve();
  }

  endTransaction(how: 'commit' | 'rollback', chain: boolean): void {
    const { session } = this;
    const { block } = session;
    const { isolation, readOnly } = block.require();
    if (how === 'rollback') block.rollback();
    else {
      const position = block.commit();
      if (position !== undefined) session.requireSync(position);
    }
    block.require();
    if (chain) block.setModes({ isolation, readOnly }, false);
    block.require().beginStatement();
  }

  get mayEndTransaction(): boolean {
    return !this.session.block.inBlock;
  }

  notice(severity: string, notice: DatabaseError): void {
    const { message, sqlState, detail, hint, where, schema, table, column } = notice;
    const { dataType, constraint } = notice;
    this.session.notice(
      noticeOf(severity, sqlState, message, {
        ...present({ detail, hint, where, schema, table, column, dataType, constraint }),
      }),
    );
  }

  enter(options: {
    readonly settings?: Readonly<Record<string, string>>;
    readonly role?: RoleDescriptor;
  }): () => void {
    const { session } = this;
    const outerUser = session.currentUser;
    const entries = Object.entries(options.settings ?? {});
    const previous = entries.map(([name]) => [name, session.settings.get(name)] as const);
    if (options.role !== undefined) session.currentUser = options.role;
    for (const [name, value] of entries) session.settings.set(name, value, true);
    return () => {
      for (const [name, value] of previous) {
        if (value === undefined) session.settings.reset(name);
        else session.settings.set(name, value, true);
      }
      session.currentUser = outerUser;
    };
  }

  *runCommand(parsed: ParsedStatement, scope: StatementScope): Work<CommandRows | undefined> {
    const node = Object.keys(parsed.statement)[0];
    const command = commandFor(node)!;
    const { session } = this;
    const statement = newStatement(parsed, parsed.sql, scope.types);
    const portal = new Portal('', statement, scope.values.slice(), []);
    const content = (parsed.statement as Record<string, unknown>)[node];
    let result: CommandResult;
    const running = command.run({ session, portal, statement: content } as never);
    if (running instanceof Promise) {
      yield running.then((value) => {
        result = value;
      });
    } else result = running;
    if (result === undefined || typeof result === 'string') return undefined;
    const columns = result.fields.map(({ name, typeOid }) => ({ name, type: typeOid }));
    return { columns, rows: result.rows };
  }

  cursor(name: string): ProceduralCursor | undefined {
    const cursor = this.session.cursors.get(name);
    if (cursor === undefined) return undefined;
    return {
      columns: cursor.fields.map((field) => ({ name: field.name, type: field.typeOid })),
      fetch: (direction) => fetchRows(cursor, direction),
    };
  }

  openCursor(options: {
    readonly name: string | undefined;
    readonly statement: InnerStatement;
    readonly scope: StatementScope;
    readonly scroll: boolean | undefined;
  }): string {
    const { session } = this;
    const name = options.name ?? this.newPortalName();
    const { statement, scope } = options;
    if (!statement.isQuery) {
      const verb = statement.text.trim().split(/\s/)[0].toUpperCase();
      throw databaseError('invalidCursorDefinition', `cannot open ${verb} query as cursor`);
    }
    const { bound, plan } = statement.prepare(scope, true);
    if (bound.command !== 'SELECT' && bound.command !== 'VALUES') {
      throw databaseError(
        'invalidCursorDefinition',
        `cannot open ${bound.command} query as cursor`,
      );
    }
    const cached = newStatement(statement.parsed, statement.text, []);
    cached.bound = bound;
    cached.plan = plan;
    cached.fields = visibleResults(bound).map(fieldOf);
    const portal = new Portal(name, cached, scope.values.slice(), []);
    const cursor = new Cursor(
      {
        name,
        portal,
        scroll: options.scroll === false ? 'none' : 'all',
        hold: false,
        keys: cursorKeysOf(bound, plan),
        createdAt: session.server.clock.nowMicros(),
      },
      new RoutineRows(scope, plan),
    );
    session.cursors.add(cursor);
    return name;
  }

  private newPortalName(): string {
    for (;;) {
      const name = `<unnamed portal ${++this.portalCount}>`;
      if (this.session.cursors.get(name) === undefined) return name;
    }
  }

  closeCursor(name: string): void {
    if (this.session.cursors.get(name) !== undefined) this.session.cursors.close(name);
  }

  sliceOver(): boolean {
    return this.session.interrupt.sliceOver();
  }
}

function* fetchRows(cursor: Cursor, direction: CursorDirection): Work<Datum[][]> {
  const { kind, count } = direction;
  switch (kind) {
    case 'forward':
      return yield* cursor.moving(count);
    case 'backward':
      return yield* cursor.moving(-count);
    case 'absolute':
      return yield* cursor.movingTo(count);
    case 'relative':
      return yield* cursor.movingTo(Math.max(cursor.position + count, 0));
  }
}

function present(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) kept[name] = value;
  return kept;
}
