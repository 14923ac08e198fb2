// A statement that reads one row by its key, outside of a transaction block: what OLTP clients send most. It ends
// in the turn of the event loop in which it began, so it needs no transaction of its own: no locks that others
// could see, no snapshot that anyone must keep, nothing to commit.
//
// What does not fit answers false, and takes the ordinary way with the same result.

import type { Datum } from '#common';
import { fastPath } from '#executor';
import type { PhysicalPlan } from '#planner';
import type { Transaction } from '#storage';
import { startSpan } from '../observability/tracing.ts';
import { isCurrent } from './current-plans.ts';
import type { Portal } from './portal.ts';
import { queryTag } from './query-tag.ts';
import type { Session } from './session.ts';
import type { StatementCompiler } from './statement-compiler.ts';
import type { RunOptions } from './statement-runner.ts';

export class LoneReads {
  private readonly session: Session;
  private readonly compiler: StatementCompiler;
  private readonly transaction: Transaction;

  constructor(session: Session, compiler: StatementCompiler) {
    this.session = session;
    this.compiler = compiler;
    this.transaction = session.server.storage.begin({
      isolation: 'read committed',
      readOnly: true,
      momentary: true,
    });
  }

  /** Runs a portal that has not begun, and writes its reply; false: nothing has happened. */
  run(portal: Portal, { output, maxRows, simple }: RunOptions): boolean {
    const { session, transaction } = this;
    const { statement } = portal;
    // With a limit of one row, the client is told that there may be more.
    if (!session.block.isUnused || maxRows === 1) return false;
    const plan = this.compiler.plan(statement, portal.parameters);
    const path = fastPath(plan);
    if (path === undefined || !path.readsOnly) return false;
    const context = session.executionContext(portal.parameters, transaction);
    if (!isCurrent(plan, context.catalog) || !this.isReadable(plan)) return false;
    const span = startSpan('execute', { 'db.statement': statement.text });
    const values: Datum[] = [];
    transaction.beginStatement();
    const count = path.execute(context, values);
    output.require(transaction.dependsOn);
    if (simple) output.describe(statement.fields!, []);
    if (count === 1) output.values(portal.encoder(), values);
    portal.state = 'done';
    session.use.commits++;
    portal.rowCount = count;
    output.complete(queryTag(statement.bound!.command, count));
    span?.end();
    return true;
  }

  private isReadable({ relations }: PhysicalPlan): boolean {
    for (let index = 0; index < relations.length; index++) {
      const { oid, access } = relations[index];
      if (access !== 'read' || !this.transaction.isReadable(oid)) return false;
    }
    return true;
  }
}
