// The session's own commands, by AST node: adding one is a file and a line here. What is not listed is
// DDL and goes to executor/ddl.

import type { FieldDescription } from '../../protocol/messages.ts';
import type { Command } from '../command.ts';
import type { CachedStatement } from '../plan-cache.ts';
import type { Session } from '../session.ts';
import { callCommand, doCommand } from './call.ts';
import { constraintsCommand } from './constraints.ts';
import { copyCommand } from './copy.ts';
import { closeCursorCommand, declareCursorCommand, fetchCommand } from './cursor.ts';
import { discardCommand } from './discard.ts';
import { explainCommand } from './explain.ts';
import { listenCommand, notifyCommand, unlistenCommand } from './notify.ts';
import { deallocateCommand, executeCommand, prepareCommand } from './prepare.ts';
import { setCommand } from './set.ts';
import { showCommand } from './show.ts';
import { transactionCommand } from './transaction.ts';

const commands: Readonly<Record<string, Command>> = {
  TransactionStmt: transactionCommand,
  VariableSetStmt: setCommand,
  VariableShowStmt: showCommand,
  PrepareStmt: prepareCommand,
  ExecuteStmt: executeCommand,
  DeallocateStmt: deallocateCommand,
  DeclareCursorStmt: declareCursorCommand,
  FetchStmt: fetchCommand,
  ClosePortalStmt: closeCursorCommand,
  ExplainStmt: explainCommand,
  CopyStmt: copyCommand,
  CallStmt: callCommand,
  DoStmt: doCommand,
  DiscardStmt: discardCommand,
  ConstraintsSetStmt: constraintsCommand,
  ListenStmt: listenCommand,
  NotifyStmt: notifyCommand,
  UnlistenStmt: unlistenCommand,
};

export function commandFor(node: string): Command | undefined {
  return Object.hasOwn(commands, node) ? commands[node] : undefined;
}

/** Result columns of a command, for Describe. */
export function commandFields(
  session: Session,
  statement: CachedStatement,
): readonly FieldDescription[] | undefined {
  const command = commandFor(statement.node);
  const content = (statement.parsed.statement as Record<string, unknown>)[statement.node];
  return command?.fields?.(session, content as never);
}
