// SET, SET LOCAL, RESET, SET TRANSACTION, SET SESSION CHARACTERISTICS, SET ROLE, SET SESSION
// AUTHORIZATION, SET TIME ZONE.

import type { Node, VariableSetStmt } from '@pgsql/types';
import { databaseError, notSupported } from '#common';
import { requireMembership, setSessionAuthorization } from '../authorization.ts';
import type { Command, Invocation } from '../command.ts';
import { noticeOf } from '../notice.ts';
import type { Session } from '../session.ts';
import { importSnapshot } from '../snapshots.ts';
import { transactionModes } from './transaction.ts';

export const setCommand: Command = {
  run: ({ session, statement }: Invocation<VariableSetStmt>) => run(session, statement),
};

function run(session: Session, statement: VariableSetStmt): string {
  const name = statement.name ?? '';
  const local = statement.is_local === true;
  if (local && !session.block.inBlock) {
    session.notice(
      noticeOf('WARNING', '25P01', 'SET LOCAL can only be used in transaction blocks'),
    );
  }
  switch (statement.kind) {
    case 'VAR_RESET_ALL':
      session.settings.resetAll();
      return 'RESET';
    case 'VAR_RESET':
    case 'VAR_SET_DEFAULT':
      reset(session, name);
      return statement.kind === 'VAR_RESET' ? 'RESET' : 'SET';
    case 'VAR_SET_MULTI':
      setMulti(session, name, statement.args ?? []);
      return 'SET';
    case 'VAR_SET_VALUE':
      setValue(session, name, { args: statement.args ?? [], local });
      return 'SET';
    default:
      throw notSupported(`SET ${name} FROM CURRENT`);
  }
}

function reset(session: Session, name: string): void {
  const lower = name.toLowerCase();
  if (lower === 'role') setRole(session, 'none', false);
  else if (lower === 'session_authorization') setSessionAuthorization(session, undefined);
  else if (lower === 'transaction_isolation')
    session.block.setModes({ isolation: 'read committed' }, false);
  else session.settings.reset(name);
}

function setMulti(session: Session, name: string, args: readonly Node[]): void {
  if (name === 'TRANSACTION SNAPSHOT') {
    setSnapshot(session, args);
    return;
  }
  const modes = transactionModes(args);
  if (name === 'TRANSACTION') {
    if (!session.block.inBlock) {
      session.notice(
        noticeOf('WARNING', '25P01', 'SET TRANSACTION can only be used in transaction blocks'),
      );
      return;
    }
    session.block.setModes(modes, session.block.hadStatement);
    return;
  }
  if (name === 'SESSION CHARACTERISTICS') {
    if (modes.isolation !== undefined)
      session.settings.set('default_transaction_isolation', modes.isolation, false);
    if (modes.readOnly !== undefined) {
      session.settings.set('default_transaction_read_only', modes.readOnly ? 'on' : 'off', false);
    }
    if (modes.deferrable !== undefined) {
      const value = modes.deferrable ? 'on' : 'off';
      session.settings.set('default_transaction_deferrable', value, false);
    }
    return;
  }
  throw notSupported(`SET ${name}`);
}

function setSnapshot(session: Session, [identifier]: readonly Node[]): void {
  const name = constantText('transaction snapshot', identifier);
  if (session.block.inBlock) importSnapshot(session, name);
  else {
    session.notice(
      noticeOf('WARNING', '25P01', 'SET TRANSACTION can only be used in transaction blocks'),
    );
  }
}

function setValue(
  session: Session,
  name: string,
  options: { args: readonly Node[]; local: boolean },
): void {
  const lower = name.toLowerCase();
  const value = valueOf(lower, options.args);
  if (lower === 'role') setRole(session, value, options.local);
  else if (lower === 'session_authorization')
    setSessionAuthorization(session, value, options.local);
  else if (lower === 'transaction_isolation') {
    session.block.setModes({ isolation: isolation(value) }, session.block.hadStatement);
  } else if (lower === 'transaction_read_only') {
    session.block.setModes(
      { readOnly: ['on', 'true', '1', 'yes'].includes(value) },
      session.block.hadStatement,
    );
  } else session.settings.set(name, value, options.local);
}

function isolation(value: string): 'read committed' | 'repeatable read' | 'serializable' {
  const lower = value.toLowerCase();
  if (lower === 'read uncommitted' || lower === 'read committed') return 'read committed';
  if (lower === 'repeatable read' || lower === 'serializable') return lower;
  throw databaseError(
    'invalidParameterValue',
    `invalid value for parameter "transaction_isolation": "${value}"`,
    {
      hint: 'Available values: serializable, repeatable read, read committed, read uncommitted.',
    },
  );
}

/** SET ROLE: undone by rollback like any setting. */
function setRole(session: Session, name: string, local: boolean): void {
  if (name !== 'none' && session.catalog().findRole(name) === undefined) {
    throw databaseError('invalidParameterValue', `role "${name}" does not exist`);
  }
  requireMembership(session, name);
  session.settings.set('role', name, local);
}

/** The arguments as one text; names in lists are quoted where they need it. */
function valueOf(name: string, args: readonly Node[]): string {
  const isList =
    name === 'search_path' || name === 'temp_tablespaces' || name === 'local_preload_libraries';
  const parts = args.map((argument) => constantText(name, argument));
  if (!isList && parts.length > 1 && name !== 'datestyle') {
    throw databaseError('invalidParameterValue', `SET ${name} takes only one argument`);
  }
  return parts.map((part) => (isList ? quoteName(part) : part)).join(', ');
}

function constantText(name: string, argument: Node): string {
  if ('A_Const' in argument) {
    const constant = argument.A_Const;
    if (constant.sval !== undefined) return constant.sval.sval ?? '';
    if (constant.ival !== undefined) return String(constant.ival.ival ?? 0);
    if (constant.fval !== undefined) return constant.fval.fval ?? '0';
    if (constant.boolval !== undefined) return constant.boolval.boolval === true ? 'true' : 'false';
  }
  if ('TypeCast' in argument) return intervalZone(argument.TypeCast.arg);
  throw databaseError('invalidParameterValue', `invalid argument for parameter "${name}"`);
}

/** SET TIME ZONE INTERVAL '-08:00' HOUR TO MINUTE, as hours. */
function intervalZone(argument: Node | undefined): string {
  const text =
    argument !== undefined && 'A_Const' in argument ? (argument.A_Const.sval?.sval ?? '') : '';
  const match = /^([+-]?)(\d{1,3})(?::(\d{2}))?/.exec(text.trim());
  if (match === null)
    throw databaseError(
      'invalidParameterValue',
      `invalid value for parameter "TimeZone": "${text}"`,
    );
  const hours = Number(match[2]) + Number(match[3] ?? 0) / 60;
  return `${match[1] === '-' ? '-' : ''}${hours}`;
}

function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
