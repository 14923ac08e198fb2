// PREPARE, EXECUTE, DEALLOCATE. The same store as the protocol's named statements.

import type { DeallocateStmt, ExecuteStmt, Node, PrepareStmt } from '@pgsql/types';
import { databaseError, type Datum, type SqlType } from '#common';
import { evaluateConstant } from '#executor';
import { bindArgument, resolveType, type BindContext, type ParsedStatement } from '#planner';
import type { Command, CommandResult, Invocation } from '../command.ts';
import { QueryExecution } from '../query-execution.ts';
import { ClientRows, CollectedRows } from '../row-target.ts';
import type { FieldDescription } from '../../protocol/messages.ts';
import { RowEncoder } from '../../protocol/row-encoder.ts';
import { Portal } from '../portal.ts';
import type { PreparedStatement } from '../prepared-statements.ts';
import type { Session } from '../session.ts';
import { newParsedStatement } from '../inner-statement.ts';
import { queryTag } from '../query-tag.ts';

function typeOf(node: Node, context: BindContext, source: ParsedStatement): SqlType {
  if (!('TypeName' in node)) throw databaseError('syntaxError', 'a type name is expected');
  return resolveType(node.TypeName, context, source);
}

export const prepareCommand: Command = {
  run: ({ session, statement, portal }: Invocation<PrepareStmt>) => {
    const name = statement.name ?? '';
    const context = session.compiler.bindContext([]);
    const types = (statement.argtypes ?? []).map((type) =>
      typeOf(type, context, portal.statement.parsed),
    );
    const inner = newParsedStatement(portal.statement.parsed, statement.query!);
    const prepared = session.compiler.inner(inner, portal.text, types);
    session.prepared.requireFree(name);
    session.prepared.add({ name, text: portal.text, statement: prepared, fromSql: true });
    return 'PREPARE';
  },
};

export const executeCommand: Command = {
  run: (invocation: Invocation<ExecuteStmt>) => execute(invocation),
  fields: (session: Session, statement: ExecuteStmt) => {
    const prepared = session.prepared.find(statement.name ?? '');
    return prepared === undefined ? undefined : session.resultFields(prepared.statement);
  },
};

function execute(invocation: Invocation<ExecuteStmt>): CommandResult | Promise<CommandResult> {
  const { session, statement, portal, output, simple, maxRows } = invocation;
  const prepared = session.prepared.require(statement.name ?? '');
  const current = session.compiler.current(prepared.statement, prepared.parameterTypes);
  const values = executeArguments(
    session,
    portal.statement.parsed,
    prepared,
    statement.params ?? [],
  );
  if (current.node === 'EmptyStmt') return 'EXECUTE';
  // The protocol's Parse names statements of any kind.
  if (!current.isQuery)
    return session.runNamed(
      new Portal(portal.name, current, values, portal.resultFormats),
      invocation,
    );
  const execution = new QueryExecution(session, session.compiler.plan(current, values), values, {
    recompile: () => session.compiler.recompiled(current),
  });
  const fields = current.fields ?? [];
  if (maxRows !== Infinity && current.fields !== undefined)
    return collected(execution, { fields, command: current.bound!.command });
  if (simple && current.fields !== undefined) output.describe(fields, []);
  const encoder = new RowEncoder(
    fields.map((field) => field.typeOid),
    portal.resultFormats,
  );
  const outcome = execution.fetch(new ClientRows(output, encoder), Infinity);
  const tag = (): string => queryTag(current.bound!.command, execution.rowCount);
  return typeof outcome === 'string' ? tag() : outcome.then(tag);
}

/** For a client that takes the rows in parts. */
async function collected(
  execution: QueryExecution,
  { fields, command }: { readonly fields: readonly FieldDescription[]; readonly command: string },
): Promise<CommandResult> {
  const target = new CollectedRows();
  await execution.fetch(target, Infinity);
  return { fields, rows: target.collected, tag: queryTag(command, target.collected.length) };
}

/** CREATE TABLE … AS EXECUTE, with the prepared query in the place of its name; undefined for all else. */
export function tableOfPrepared(
  session: Session,
  { statement }: Portal,
):
  | {
      readonly parsed: ParsedStatement;
      readonly parameters: readonly Datum[];
      readonly parameterTypes: readonly SqlType[];
    }
  | undefined {
  const tree = statement.parsed.statement;
  if (!('CreateTableAsStmt' in tree)) return undefined;
  const { query } = tree.CreateTableAsStmt;
  if (query === undefined || !('ExecuteStmt' in query)) return undefined;
  const prepared = session.prepared.require(query.ExecuteStmt.name ?? '');
  const parameters = executeArguments(
    session,
    statement.parsed,
    prepared,
    query.ExecuteStmt.params ?? [],
  );
  const { parsed, node } = prepared.statement;
  if (node !== 'SelectStmt')
    throw databaseError('wrongObjectType', 'prepared statement is not a SELECT');
  const named = { ...tree.CreateTableAsStmt, query: parsed.statement };
  return {
    parsed: newParsedStatement(parsed, { CreateTableAsStmt: named }),
    parameters,
    parameterTypes: prepared.parameterTypes,
  };
}

/** Values of EXECUTE's arguments. */
export function executeArguments(
  session: Session,
  parsed: ParsedStatement,
  prepared: PreparedStatement,
  args: readonly Node[],
): Datum[] {
  return argumentValues(session, parsed, {
    name: prepared.name,
    types: prepared.parameterTypes,
    args,
  });
}

/** EXECUTE's arguments: constant expressions, coerced to the parameters' types as by assignment. */
function argumentValues(
  session: Session,
  parsed: ParsedStatement,
  call: {
    readonly name: string;
    readonly types: readonly SqlType[];
    readonly args: readonly Node[];
  },
): Datum[] {
  // As in PostgreSQL, which looks at arguments only where there are parameters.
  if (call.types.length === 0) return [];
  if (call.args.length !== call.types.length) {
    throw databaseError(
      'syntaxError',
      `wrong number of parameters for prepared statement "${call.name}"`,
      {
        detail: `Expected ${call.types.length} parameters but got ${call.args.length}.`,
      },
    );
  }
  const context = session.compiler.bindContext([]);
  return call.args.map((argument, index) => {
    const expression = bindArgument(argument, call.types[index], parsed, context);
    return evaluateConstant(expression, session.executionContext([]));
  });
}

export const deallocateCommand: Command = {
  run: ({ session, statement }: Invocation<DeallocateStmt>) => {
    if (statement.name === undefined) {
      session.prepared.closeAll();
      return 'DEALLOCATE ALL';
    }
    session.prepared.require(statement.name);
    session.prepared.close(statement.name);
    return 'DEALLOCATE';
  },
};
