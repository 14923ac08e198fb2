// COPY as plans: rows that are read go through the plan of an INSERT whose VALUES are replaced by a
// feed, so defaults, generated columns, checks and keys are those of INSERT; rows that are written come
// from the plan of a SELECT.

import type { CopyStmt, Node } from '@pgsql/types';
import {
  baseTypeOf,
  databaseError,
  sqlType,
  type ColumnDescriptor,
  type SqlType,
  type TableDescriptor,
} from '#common';
import {
  bindStatement,
  bindTableChecks,
  optimize,
  parseStatements,
  quoteIdentifier,
  rowSecurityStatus,
  type BindContext,
  type ParsedStatement,
  type PhysicalNode,
  type PhysicalPlan,
} from '#planner';

export interface CopyTarget {
  readonly table: TableDescriptor;
  readonly schemaName: string;
  readonly columns: readonly ColumnDescriptor[];
}

/** The table and columns that a COPY names. 42P01, 42703, 42701, 42809. */
export function copyTarget(statement: CopyStmt, context: BindContext): CopyTarget {
  const { relname = '', schemaname } = statement.relation!;
  const { catalog } = context;
  const schemas = schemaname === undefined ? context.searchPath : [schemaname];
  for (const schemaName of schemas) {
    const schema = catalog.findSchema(schemaName);
    const relation = schema === undefined ? undefined : catalog.findRelation(schema.oid, relname);
    if (relation === undefined) continue;
    const isView = relation.kind === 'table' && relation.materialized !== undefined;
    if (isView && statement.is_from === true) {
      throw databaseError('wrongObjectType', `cannot copy to materialized view "${relname}"`);
    }
    if (relation.kind !== 'table') {
      const direction = statement.is_from === true ? 'to' : 'from';
      throw databaseError(
        'wrongObjectType',
        `cannot copy ${direction} ${relation.kind} "${relname}"`,
        {
          ...(direction === 'from' ? { hint: 'Try the COPY (SELECT ...) TO variant.' } : {}),
        },
      );
    }
    return {
      table: relation,
      schemaName,
      columns: namedColumns(relation, statement.attlist ?? []),
    };
  }
  const shown = schemaname === undefined ? relname : `${schemaname}.${relname}`;
  throw databaseError('undefinedTable', `relation "${shown}" does not exist`);
}

function namedColumns(table: TableDescriptor, names: readonly Node[]): readonly ColumnDescriptor[] {
  const live = table.columns.filter((column) => !column.dropped);
  if (names.length === 0) return live.filter((column) => column.generated === undefined);
  const chosen: ColumnDescriptor[] = [];
  for (const node of names) {
    const name = 'String' in node ? (node.String.sval ?? '') : '';
    const column = live.find((candidate) => candidate.name === name);
    if (column === undefined) {
      throw databaseError(
        'undefinedColumn',
        `column "${name}" of relation "${table.name}" does not exist`,
      );
    }
    if (chosen.includes(column)) {
      throw databaseError('duplicateColumn', `column "${name}" specified more than once`);
    }
    if (column.generated !== undefined) {
      throw databaseError('invalidColumnReference', `column "${name}" is a generated column`, {
        detail: 'Generated columns cannot be used in COPY.',
      });
    }
    chosen.push(column);
  }
  return chosen;
}

function qualifiedName(target: CopyTarget): string {
  return `${quoteIdentifier(target.schemaName)}.${quoteIdentifier(target.table.name)}`;
}

/** The INSERT that rows are fed to; WHERE of the COPY filters them. */
export function insertPlan(
  target: CopyTarget,
  context: BindContext,
  where: Node | undefined,
): PhysicalPlan {
  const names = target.columns.map((column) => quoteIdentifier(column.name)).join(', ');
  // A field is read as what a domain is over; the INSERT's cast applies the domain, to nulls as well.
  const types: SqlType[] = target.columns.map((column) => sqlType(baseTypeOf(column.type.oid)));
  const row = `(${target.columns.map((_, index) => `$${index + 1}`).join(', ')})`;
  const overriding = target.columns.some((column) => column.identity === 'always')
    ? 'OVERRIDING SYSTEM VALUE '
    : '';
  const table = quoteIdentifier(target.table.name);
  // Two rows, so that VALUES stays a source of its own.
  const rows = `VALUES ${row}, ${row}`;
  const source = where === undefined ? rows : `SELECT * FROM (${rows}) AS ${table} (${names})`;
  // The grammar has no list of no columns and no row of no values.
  const text =
    names === ''
      ? `INSERT INTO ${qualifiedName(target)} SELECT FROM (VALUES (1), (2)) AS ${table}`
      : `INSERT INTO ${qualifiedName(target)} (${names}) ${overriding}${source}`;
  const [parsed] = parseStatements(text);
  const bound = bindStatement(where === undefined ? parsed : withCondition(parsed, where), {
    ...context,
    parameterTypes: types,
    allowParameters: true,
  });
  const plan = optimize(bound, context.catalog, {
    checksFor: (table) => bindTableChecks(table, context),
  });
  refusePolicies(target.table, context);
  return { ...plan, root: feedInstead(plan.root, types) };
}

/** 0A000: rows that are loaded pass no row policies. */
function refusePolicies(table: TableDescriptor, { catalog, currentUser }: BindContext): void {
  const role = catalog.findRole(currentUser);
  if (role === undefined || rowSecurityStatus(table, catalog, role.oid) !== 'applies') return;
  throw databaseError('featureNotSupported', 'COPY FROM not supported with row-level security', {
    hint: 'Use INSERT statements instead.',
  });
}

function withCondition(parsed: ParsedStatement, where: Node): ParsedStatement {
  const { InsertStmt } = parsed.statement as { InsertStmt: { selectStmt: { SelectStmt: object } } };
  const SelectStmt = { ...InsertStmt.selectStmt.SelectStmt, whereClause: where };
  return {
    ...parsed,
    statement: { InsertStmt: { ...InsertStmt, selectStmt: { SelectStmt } } },
  };
}

/** Puts the feed in the place of the VALUES. */
function feedInstead(node: PhysicalNode, types: readonly SqlType[]): PhysicalNode {
  if (node.kind === 'values') {
    const { id, estimatedRows, startupCost, totalCost } = node;
    return { kind: 'feed', id, types, estimatedRows, startupCost, totalCost };
  }
  if (node.kind === 'insert') return { ...node, source: feedInstead(node.source, types) };
  if (node.kind === 'project' || node.kind === 'filter')
    return { ...node, input: feedInstead(node.input, types) };
  throw databaseError('internalError', `COPY met an unexpected plan node: ${node.kind}`);
}

/** The SELECT that rows come from: the table's columns or the query of COPY (…) TO. */
export function selectPlan(
  statement: CopyStmt,
  outer: ParsedStatement,
  context: BindContext,
): PhysicalPlan {
  const parsed =
    statement.query === undefined
      ? tableQuery(statement, context)
      : { ...outer, statement: statement.query };
  const bound = bindStatement(parsed, { ...context, allowParameters: false });
  if (bound.command === 'MERGE') {
    throw databaseError('featureNotSupported', 'MERGE not supported in COPY');
  }
  if (bound.command !== 'SELECT' && bound.command !== 'VALUES' && bound.results.length === 0) {
    throw databaseError('featureNotSupported', 'COPY query must have a RETURNING clause');
  }
  return optimize(bound, context.catalog, {
    checksFor: (table) => bindTableChecks(table, context),
  });
}

function tableQuery(statement: CopyStmt, context: BindContext): ParsedStatement {
  const target = copyTarget(statement, context);
  if (target.table.partitioning !== undefined) {
    throw databaseError(
      'wrongObjectType',
      `cannot copy from partitioned table "${target.table.name}"`,
      { hint: 'Try the COPY (SELECT ...) TO variant.' },
    );
  }
  const names = target.columns.map((column) => quoteIdentifier(column.name)).join(', ');
  return parseStatements(`SELECT ${names} FROM ONLY ${qualifiedName(target)}`)[0];
}
