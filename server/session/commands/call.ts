// CALL and DO. They are driven step by step: a procedure waits for locks where it meets them, gives
// others their turn, and may end transactions when it was called outside of a block.

import type { CallStmt, DoStmt } from '@pgsql/types';
import { type Datum, sqlType } from '#common';
import { InnerStatement, type StatementScope } from '#executor';
import { bindCallStatement, type ParsedStatement } from '#planner';
import type { FieldDescription } from '../../protocol/messages.ts';
import { fieldOf } from '../../protocol/row-description.ts';
import type { Command, CommandResult, Invocation } from '../command.ts';
import { driveWork } from '../drive-work.ts';
import type { Session } from '../session.ts';

export const callCommand: Command = {
  run: (invocation: Invocation<CallStmt>) => call(invocation),
  fields: (session: Session, statement: CallStmt) => outputFields(session, statement),
};

export const doCommand: Command = {
  run: ({ session, portal }: Invocation<DoStmt>) => {
    const statement = innerStatement(portal.statement.parsed);
    session.block.hadStatement = true;
    session.block.require().beginStatement();
    const { mayEndTransaction } = session.routines.host;
    const work = session.routines.doStatement(statement, 'waiting', mayEndTransaction);
    return driveWork(session, work).then(() => 'DO');
  },
};

async function call(invocation: Invocation<CallStmt>): Promise<CommandResult> {
  const { session, portal } = invocation;
  const { parsed, parameterTypes } = portal.statement;
  const statement = innerStatement(parsed);
  session.block.hadStatement = true;
  session.block.require().beginStatement();
  const { mayEndTransaction } = session.routines.host;
  const scope = parameterScope(session, portal.parameters, parameterTypes);
  const work = session.routines.callProcedure(statement, scope, mayEndTransaction);
  const { outputs, record } = await driveWork(session, work);
  if (record === undefined) return 'CALL';
  const fields = outputs.map(({ name, type }) => outputField(name, type));
  return { fields, rows: [record.fields], tag: 'CALL' };
}

function outputField(name: string, type: number): FieldDescription {
  return fieldOf({ id: 0, name, type: sqlType(type), tableOid: 0, attributeNumber: 0 });
}

function outputFields(
  session: Session,
  statement: CallStmt,
): readonly FieldDescription[] | undefined {
  const parsed = { ...emptySource, statement: { CallStmt: statement } };
  const bound = bindCallStatement(parsed, session.compiler.bindContext([]));
  if (bound.outputs.length === 0) return undefined;
  return bound.outputs.map(({ name, type }) => outputField(name, type));
}

const emptySource: Omit<ParsedStatement, 'statement'> = {
  sql: '',
  start: 0,
  end: 0,
  temporalClauses: new Map(),
  positionOf: () => undefined,
};

function innerStatement(parsed: ParsedStatement): InnerStatement {
  return new InnerStatement(parsed.sql.slice(parsed.start, parsed.end).trim(), parsed);
}

/** The client's parameters, $1, $2 …. */
function parameterScope(
  session: Session,
  values: readonly Datum[],
  types: StatementScope['types'],
): StatementScope {
  return {
    host: session.routines.host,
    values,
    types,
    conflict: 'useColumn',
    find: () => undefined,
    parameter: (number) =>
      types[number - 1] === undefined
        ? undefined
        : { index: number - 1, type: types[number - 1], rest: [] },
    fields: () => undefined,
    readOnly: false,
    pace: 'waiting',
  };
}
