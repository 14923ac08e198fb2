// BEGIN, COMMIT, ROLLBACK, savepoints; two-phase.ts has the two phases.

import type { Node, TransactionStmt } from '@pgsql/types';
import { databaseError } from '#common';
import type { IsolationLevel } from '#storage';
import type { Command, CommandResult, Invocation } from '../command.ts';
import { noticeOf } from '../notice.ts';
import type { Session } from '../session.ts';
import { isolationOf } from '../transaction-block.ts';
import { finishPrepared, prepareTransaction } from './two-phase.ts';

export const transactionCommand: Command = {
  run: (invocation: Invocation<TransactionStmt>) => run(invocation.session, invocation.statement),
};

function run(session: Session, statement: TransactionStmt): CommandResult | Promise<CommandResult> {
  const { block } = session;
  switch (statement.kind) {
    case 'TRANS_STMT_START':
    case 'TRANS_STMT_BEGIN':
      return begin(session, statement);
    case 'TRANS_STMT_COMMIT':
      return commit(session, statement);
    case 'TRANS_STMT_ROLLBACK':
      return rollback(session, statement);
    case 'TRANS_STMT_SAVEPOINT':
      requireBlock(session, 'SAVEPOINT');
      block.require();
      block.savepoint(statement.savepoint_name!);
      return 'SAVEPOINT';
    case 'TRANS_STMT_RELEASE':
      requireBlock(session, 'RELEASE SAVEPOINT');
      block.release(statement.savepoint_name!);
      return 'RELEASE';
    case 'TRANS_STMT_ROLLBACK_TO':
      requireBlock(session, 'ROLLBACK TO SAVEPOINT');
      block.rollbackTo(statement.savepoint_name!);
      return 'ROLLBACK';
    case 'TRANS_STMT_PREPARE':
      return prepareTransaction(session, statement);
    default:
      return finishPrepared(session, statement);
  }
}

function begin(session: Session, statement: TransactionStmt): string {
  const { block } = session;
  const begins = block.begin();
  if (!begins)
    session.notice(noticeOf('WARNING', '25001', 'there is already a transaction in progress'));
  if (statement.options !== undefined) {
    try {
      block.setModes(transactionModes(statement.options), session.isInPipeline);
    } catch (error) {
      if (begins) block.unbegin();
      throw error;
    }
  }
  return statement.kind === 'TRANS_STMT_START' ? 'START TRANSACTION' : 'BEGIN';
}

async function materializeThenCommit(
  session: Session,
  statement: TransactionStmt,
): Promise<string> {
  for (const cursor of session.cursors.toMaterialize()) await cursor.materialize();
  return finishCommit(session, statement);
}

function commit(session: Session, statement: TransactionStmt): string | Promise<string> {
  const { block } = session;
  if (!block.inBlock) {
    if (statement.chain === true) throw noBlock('COMMIT AND CHAIN');
    session.notice(noticeOf('WARNING', '25P01', 'there is no transaction in progress'));
  }
  if (!block.isFailed && session.cursors.toMaterialize().length > 0)
    return materializeThenCommit(session, statement);
  return finishCommit(session, statement);
}

function finishCommit(session: Session, statement: TransactionStmt): string {
  const { block } = session;
  const modes = chainModes(session);
  const position = block.commit();
  if (position !== undefined) session.requireSync(position);
  if (statement.chain === true) chain(session, modes);
  return position === undefined ? 'ROLLBACK' : 'COMMIT';
}

function rollback(session: Session, statement: TransactionStmt): string {
  const { block } = session;
  if (!block.inBlock) {
    if (statement.chain === true) throw noBlock('ROLLBACK AND CHAIN');
    session.notice(noticeOf('WARNING', '25P01', 'there is no transaction in progress'));
  }
  const modes = chainModes(session);
  if (block.active !== undefined) session.requireSync(block.active.dependsOn);
  block.rollback();
  if (statement.chain === true) chain(session, modes);
  return 'ROLLBACK';
}

interface Modes {
  readonly isolation?: IsolationLevel;
  readonly isolationName?: string;
  readonly readOnly?: boolean;
  readonly deferrable?: boolean;
}

function chainModes(session: Session): Modes {
  const { active } = session.block;
  return active === undefined ? {} : { isolation: active.isolation, readOnly: active.readOnly };
}

function chain(session: Session, modes: Modes): void {
  session.block.begin();
  session.block.setModes(modes, false);
}

function noBlock(what: string): Error {
  return databaseError('noActiveSqlTransaction', `${what} can only be used in transaction blocks`);
}

function requireBlock(session: Session, what: string): void {
  if (!session.block.inBlock) throw noBlock(what);
}

/** Options of BEGIN and SET TRANSACTION: DefElems transaction_isolation, transaction_read_only, transaction_deferrable. */
export function transactionModes(options: readonly Node[]): Modes {
  let isolationName: string | undefined;
  let readOnly: boolean | undefined;
  let deferrable: boolean | undefined;
  for (const option of options) {
    if (!('DefElem' in option)) continue;
    const { defname, arg } = option.DefElem;
    const constant = arg !== undefined && 'A_Const' in arg ? arg.A_Const : undefined;
    if (defname === 'transaction_isolation') isolationName = constant?.sval?.sval ?? '';
    if (defname === 'transaction_read_only') readOnly = (constant?.ival?.ival ?? 0) !== 0;
    if (defname === 'transaction_deferrable') deferrable = (constant?.ival?.ival ?? 0) !== 0;
  }
  return {
    ...(isolationName === undefined
      ? {}
      : { isolationName, isolation: isolationOf(isolationName) }),
    ...(readOnly === undefined ? {} : { readOnly }),
    ...(deferrable === undefined ? {} : { deferrable }),
  };
}
