// EXPLAIN [(options)] of a query, EXECUTE or CREATE TABLE AS. With ANALYZE the query runs and its
// rows are counted, not sent.

import type { ExplainStmt, Node } from '@pgsql/types';
import { databaseError, notSupported, TypeOid, type Datum } from '#common';
import { explainPlan, type ExplainOptions } from '#planner';
import { queryIdOf, statementText } from '../../observability/statement-statistics.ts';
import { plainField } from '../../protocol/row-description.ts';
import type { Command, CommandRows, Invocation } from '../command.ts';
import type { CachedStatement } from '../plan-cache.ts';
import { QueryExecution } from '../query-execution.ts';
import { CountedRows } from '../row-target.ts';
import { innerQuery, newParsedStatement } from '../inner-statement.ts';
import { parseBoolean } from '../settings/check-value.ts';
import { executeArguments } from './prepare.ts';

interface Options {
  analyze: boolean;
  verbose: boolean;
  costs: boolean;
  timing: boolean;
  summary: boolean | undefined;
  format: NonNullable<ExplainOptions['format']>;
}

const formatTypes = {
  text: TypeOid.text,
  json: TypeOid.json,
  xml: TypeOid.xml,
  yaml: TypeOid.text,
};

export const explainCommand: Command = {
  run: (invocation: Invocation<ExplainStmt>) => explain(invocation),
  fields: (_session, statement: ExplainStmt) => [
    plainField('QUERY PLAN', formatTypes[readOptions(statement.options ?? []).format]),
  ],
};

async function explain(invocation: Invocation<ExplainStmt>): Promise<CommandRows> {
  const { session, statement, portal } = invocation;
  const options = readOptions(statement.options ?? [], (location) =>
    portal.statement.parsed.positionOf(location),
  );
  const planningStart = performance.now();
  const { target, parameters } = explained(invocation);
  const plan = session.compiler.plan(target, parameters);
  const planningMilliseconds = performance.now() - planningStart;
  const summary = options.summary ?? options.analyze;
  const shown: ExplainOptions = {
    format: options.format,
    costs: options.costs,
    verbose: options.verbose,
    timing: options.timing,
    ...(options.verbose && session.showsQueryId
      ? { queryId: queryIdOf(explainedText(target)) }
      : {}),
    ...(summary ? { planningMilliseconds } : {}),
  };
  let lines: string[];
  if (options.analyze) {
    const start = performance.now();
    const execution = new QueryExecution(session, plan, parameters, { instrument: true });
    await execution.fetch(new CountedRows(), Infinity);
    const executionMilliseconds = performance.now() - start;
    const measured = { ...shown, measurements: execution.measurements };
    const shownPlan = execution.replanned ?? plan;
    lines = explainPlan(shownPlan, summary ? { ...measured, executionMilliseconds } : measured);
  } else {
    lines = explainPlan(plan, shown);
  }
  const fields = [plainField('QUERY PLAN', formatTypes[options.format])];
  return { fields, rows: lines.map((line) => [line]), tag: 'EXPLAIN' };
}

/** Without the words that ask for the explanation. */
function explainedText(target: CachedStatement): string {
  return statementText(target).replace(
    /^\s*explain\b(?:\s*\([^)]*\)|\s*\b(?:analyze|analyse|verbose)\b)*/i,
    '',
  );
}

/** The query that is explained, bound, with the parameters to run it. */
function explained(invocation: Invocation<ExplainStmt>): {
  readonly target: CachedStatement;
  readonly parameters: readonly Datum[];
} {
  const { session, statement, portal } = invocation;
  const { query: created } =
    'CreateTableAsStmt' in statement.query! ? statement.query.CreateTableAsStmt : statement;
  const query = created!;
  if ('ExecuteStmt' in query) {
    const prepared = session.prepared.require(query.ExecuteStmt.name ?? '');
    return {
      target: session.compiler.current(prepared.statement, prepared.parameterTypes),
      parameters: executeArguments(
        session,
        portal.statement.parsed,
        prepared,
        query.ExecuteStmt.params ?? [],
      ),
    };
  }
  const inner = innerQuery(portal.statement.parsed);
  if (inner === undefined) throw notSupported('EXPLAIN of a statement that is not a query');
  const parsed = newParsedStatement(portal.statement.parsed, inner);
  const target = session.compiler.inner(parsed, portal.text, portal.statement.parameterTypes);
  return { target, parameters: portal.parameters };
}

type PositionOf = (location: number | undefined) => number | undefined;

function readOptions(elements: readonly Node[], positionOf: PositionOf = () => undefined): Options {
  const options: Options = {
    analyze: false,
    verbose: false,
    costs: true,
    timing: true,
    summary: undefined,
    format: 'text',
  };
  const measured: string[] = [];
  for (const element of elements) {
    if (!('DefElem' in element)) continue;
    const { defname = '', arg, location } = element.DefElem;
    const position = positionOf(location);
    if (defname === 'format') options.format = formatOf(argumentText(arg), position);
    else {
      const value = arg === undefined ? true : flagOf(defname, argumentText(arg));
      if (value && measuredOptions.has(defname)) measured.push(defname);
      setFlag(options, defname, value, position);
    }
  }
  if (!options.analyze && measured.length > 0) {
    throw databaseError(
      'invalidParameterValue',
      `EXPLAIN option ${measured[0].toUpperCase()} requires ANALYZE`,
    );
  }
  return options;
}

/** What only a run can tell. */
const measuredOptions: ReadonlySet<string> = new Set(['wal', 'timing']);

function setFlag(
  options: Options,
  name: string,
  value: boolean,
  position: number | undefined,
): void {
  switch (name) {
    case 'analyze':
    case 'verbose':
    case 'costs':
    case 'timing':
    case 'summary':
      options[name] = value;
      return;
    case 'buffers':
    case 'wal':
    case 'settings':
    case 'generic_plan':
      return;
    default:
      throw databaseError('syntaxError', `unrecognized EXPLAIN option "${name}"`, at(position));
  }
}

function flagOf(name: string, text: string): boolean {
  const value = parseBoolean(text);
  if (value === undefined) throw databaseError('syntaxError', `${name} requires a Boolean value`);
  return value;
}

function at(position: number | undefined): { readonly position?: number } {
  return position === undefined ? {} : { position };
}

function formatOf(text: string, position: number | undefined): Options['format'] {
  const lower = text.toLowerCase();
  if (lower === 'text' || lower === 'json' || lower === 'yaml' || lower === 'xml') return lower;
  throw databaseError(
    'invalidParameterValue',
    `unrecognized value for EXPLAIN option "format": "${text}"`,
    at(position),
  );
}

function argumentText(argument: Node | undefined): string {
  if (argument === undefined) return '';
  if ('String' in argument) return argument.String.sval ?? '';
  if ('Integer' in argument) return String(argument.Integer.ival ?? 0);
  if ('Boolean' in argument) return argument.Boolean.boolval === true ? 'true' : 'false';
  if ('A_Const' in argument) {
    const { sval, ival, boolval } = argument.A_Const;
    return (
      sval?.sval ??
      (boolval === undefined ? String(ival?.ival ?? 0) : String(boolval.boolval === true))
    );
  }
  return '';
}
