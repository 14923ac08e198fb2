// CREATE [OR REPLACE] VIEW.

import type { SelectStmt, ViewStmt } from '@pgsql/types';
import {
  type ColumnDescriptor,
  databaseError,
  notSupported,
  quoteIdentifier,
  type SqlType,
  type StoredExpression,
  TypeOid,
} from '#common';
import {
  bindStatement,
  type BoundQuery,
  bodyOf,
  definitionElements,
  editText,
  type ParsedStatement,
  parseStatements,
  queryObstacle,
  type StarReference,
  starReferences,
  stringsOf,
  type TextEdit,
  viewQueryStart,
  withoutCheckOption,
} from '#planner';
import { TableLock } from '#storage';
import { columnSpecifiedTwice, wrongRelationKind } from './errors.ts';
import { qualifyingEdits } from './qualified-text.ts';
import { requireNoTypeNamed } from './user-types.ts';
import { type ViewOptions, withViewOptions } from './view-options.ts';
import { checkColumnType, checkDerivedCollation } from './table-elements.ts';
import { droppableFunctions } from '../routine-use.ts';
import type { DdlStatement, NameInSchema } from './statement.ts';

export function createView(ddl: DdlStatement, statement: ViewStmt): string {
  const query = bodyOf(statement.query, 'SelectStmt');
  if (query === undefined) throw notSupported('a view over a statement that is not a query');
  if (query.intoClause !== undefined) {
    throw databaseError('featureNotSupported', 'views must not contain SELECT INTO');
  }
  const definitions = query.withClause?.ctes ?? [];
  if (
    definitions.some((node) => !('SelectStmt' in (bodyOf(node, 'CommonTableExpr')?.ctequery ?? {})))
  ) {
    throw databaseError(
      'featureNotSupported',
      'views must not contain data-modifying statements in WITH',
    );
  }
  const queryStatement: ParsedStatement = { ...ddl.parsed, statement: { SelectStmt: query } };
  const bound = bindStatement(queryStatement, ddl.definitionContext);
  const columns = viewColumns(bound, stringsOf(statement.aliases));
  const { definition, usesTemporary } = viewDefinition(ddl, queryStatement, bound);
  let range = statement.view!;
  if (usesTemporary && range.relpersistence !== 't') {
    ddl.notice(`view "${range.relname ?? ''}" will be a temporary view`);
    range = { ...range, relpersistence: 't' };
  }
  const place = ddl.creationName(range);
  const options = viewOptions(statement);
  if (options.checkOption !== 'none') requireUpdatable(ddl, definition.sql);
  if (!ddl.claimName(place)) {
    if (statement.replace !== true) ddl.requireFreeName(place);
    replaceView(ddl, place, { columns, definition, options });
    return 'CREATE VIEW';
  }
  requireNoTypeNamed(ddl, place);
  ddl.put({
    kind: 'view',
    oid: ddl.allocateOid(),
    name: place.name,
    schemaOid: place.schema.oid,
    owner: ddl.context.currentRole.oid,
    rowTypeOid: ddl.allocateOid(),
    rowArrayOid: ddl.allocateOid(),
    columns,
    definition,
    ...options,
  });
  return 'CREATE VIEW';
}

function viewOptions(statement: ViewStmt): ViewOptions {
  const checkOption =
    statement.withCheckOption === 'LOCAL_CHECK_OPTION'
      ? 'local'
      : statement.withCheckOption === 'CASCADED_CHECK_OPTION'
        ? 'cascaded'
        : 'none';
  return withViewOptions({ checkOption }, definitionElements(statement.options));
}

/** CHECK OPTION is for views that can be written through. */
function requireUpdatable(ddl: DdlStatement, sql: string): void {
  const select = bodyOf(parseStatements(sql)[0]?.statement, 'SelectStmt');
  const hint = select === undefined ? undefined : queryObstacle(select, ddl.catalog);
  if (hint === undefined) return;
  throw databaseError(
    'featureNotSupported',
    'WITH CHECK OPTION is supported only on automatically updatable views',
    { hint },
  );
}

function viewColumns(bound: BoundQuery, aliases: readonly string[]): ColumnDescriptor[] {
  if (aliases.length > bound.results.length) {
    throw databaseError('syntaxError', 'CREATE VIEW specifies more column names than columns');
  }
  const seen = new Set<string>();
  return bound.results.map((result, index) => {
    const name = aliases[index] ?? result.name;
    if (seen.has(name)) throw columnSpecifiedTwice(name);
    seen.add(name);
    const type: SqlType =
      result.type.oid === TypeOid.unknown ? { oid: TypeOid.text, typmod: -1 } : result.type;
    checkColumnType(name, type.oid);
    checkDerivedCollation(name, type);
    return { name, attributeNumber: index + 1, type, notNull: false, dropped: false };
  });
}

interface Replacement {
  readonly columns: readonly ColumnDescriptor[];
  readonly definition: StoredExpression;
  readonly options: ViewOptions;
}

/** The old columns must stay as they are; new ones may follow. 42P16. */
function replaceView(ddl: DdlStatement, place: NameInSchema, replacement: Replacement): void {
  const range = { schemaname: place.schema.name, relname: place.name };
  const found = ddl.requireRelation(range, TableLock.accessExclusive);
  if (found.kind !== 'view') throw wrongRelationKind(found.name, 'a view');
  ddl.requireOwner('view', found);
  const refuse = (message: string, hint?: string): Error =>
    databaseError('invalidTableDefinition', message, hint === undefined ? {} : { hint });
  if (replacement.columns.length < found.columns.length)
    throw refuse('cannot drop columns from view');
  found.columns.forEach((old, index) => {
    const column = replacement.columns[index];
    if (column.name !== old.name) {
      throw refuse(
        `cannot change name of view column "${old.name}" to "${column.name}"`,
        'Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.',
      );
    }
    if (column.type.oid !== old.type.oid || column.type.typmod !== old.type.typmod) {
      throw refuse(
        `cannot change data type of view column "${old.name}" from ${ddl.typeText(old.type)} to ${ddl.typeText(column.type)}`,
      );
    }
  });
  if (replacement.definition.dependencies.includes(found.oid)) {
    throw databaseError(
      'invalidObjectDefinition',
      `infinite recursion detected in rules for relation "${found.name}"`,
    );
  }
  const { options: _options, ...rest } = found;
  ddl.put({
    ...rest,
    columns: replacement.columns,
    definition: replacement.definition,
    ...replacement.options,
  });
}

interface ViewText {
  readonly definition: StoredExpression;
  /** It reads a temporary relation, so it is temporary itself. */
  readonly usesTemporary: boolean;
}

/** The query's text, cut out of the statement, with names qualified and stars written out. */
export function viewDefinition(
  ddl: DdlStatement,
  parsed: ParsedStatement,
  bound: BoundQuery,
): ViewText {
  const query = bodyOf(parsed.statement, 'SelectStmt')!;
  const qualifying = qualifyingEdits(ddl, parsed, droppableFunctions([bound.plan]));
  const { usesTemporary } = qualifying;
  const dependencies = new Set(qualifying.dependencies);
  const edits: TextEdit[] = [...qualifying.edits];
  for (const star of starReferences(parsed, query)) {
    edits.push({ start: star.start, end: star.end, text: starText(ddl, parsed, star) });
  }
  for (const { oid } of bound.relations)
    if (!isInsideView(ddl, oid, dependencies)) dependencies.add(oid);
  for (const oid of namedRelations(bound.plan)) dependencies.add(oid);
  const start = viewQueryStart(parsed.sql, parsed.start);
  const shifted = edits.map((edit) => ({
    ...edit,
    start: edit.start - start,
    end: edit.end - start,
  }));
  const text = editText(parsed.sql.slice(start, parsed.end), shifted);
  const written = withoutCheckOption(text.replace(/;\s*$/, '')).trim();
  const sql = recursiveText(query, written);
  return { definition: { sql, dependencies: [...dependencies] }, usesTemporary };
}

/** CREATE RECURSIVE VIEW name (columns) AS query: the parser puts WITH RECURSIVE around it, the text has none. */
function recursiveText(query: SelectStmt, written: string): string {
  const { withClause } = query;
  const hasNoPlace = withClause !== undefined && (withClause.location ?? -1) < 0;
  const definition = hasNoPlace ? bodyOf(withClause.ctes?.[0], 'CommonTableExpr') : undefined;
  if (definition === undefined) return written;
  const name = quoteIdentifier(definition.ctename ?? '');
  const columns = stringsOf(definition.aliascolnames).map(quoteIdentifier).join(', ');
  return `WITH RECURSIVE ${name}(${columns}) AS (${written}) SELECT ${columns} FROM ${name}`;
}

/** Tables that are read through another view are that view's business. */
function isInsideView(ddl: DdlStatement, oid: number, direct: ReadonlySet<number>): boolean {
  for (const dependency of direct) {
    const relation = ddl.catalog.relationByOid(dependency);
    if (relation?.kind === 'view') return true;
  }
  return direct.has(oid);
}

/** The columns that a star stands for, as its FROM clause has them now. */
function starText(ddl: DdlStatement, parsed: ParsedStatement, star: StarReference): string {
  const { qualifier } = star;
  const columnsOf = (fields: readonly string[]): readonly string[] =>
    columnsUnder(ddl, parsed, star.select, fields);
  const prefix = qualifier.map((part) => `${quoteIdentifier(part)}.`).join('');
  const names = columnsOf(qualifier);
  const isUnique = new Set(names).size === names.length;
  if (qualifier.length > 0 || isUnique)
    return names.map((name) => prefix + quoteIdentifier(name)).join(', ');
  throw databaseError(
    'duplicateColumn',
    `column "${names.find((name, at) => names.indexOf(name) !== at)!}" specified more than once`,
  );
}

/** Names of SELECT *, or q.*, over the FROM clause of a query. */
function columnsUnder(
  ddl: DdlStatement,
  parsed: ParsedStatement,
  select: SelectStmt,
  qualifier: readonly string[],
): readonly string[] {
  const fields = [...qualifier.map((sval) => ({ String: { sval } })), { A_Star: {} }];
  const { withClause } = bodyOf(parsed.statement, 'SelectStmt')!;
  const query: SelectStmt = {
    targetList: [{ ResTarget: { val: { ColumnRef: { fields, location: -1 } }, location: -1 } }],
    ...(select.fromClause === undefined ? {} : { fromClause: select.fromClause }),
    ...(withClause === undefined ? {} : { withClause }),
    limitOption: 'LIMIT_OPTION_DEFAULT',
    op: 'SETOP_NONE',
  };
  return bindStatement(
    { ...parsed, statement: { SelectStmt: query } },
    ddl.definitionContext,
  ).results.map(({ name }) => name);
}

/** Binds a view's text; what it reads and gives. */
export function bindViewText(ddl: DdlStatement, sql: string): BoundQuery {
  const [parsed] = parseStatements(sql);
  return bindStatement(parsed, ddl.definitionContext);
}

/** Relations that literals of the query name: nextval('sequence'). */
function namedRelations(plan: BoundQuery['plan']): ReadonlySet<number> {
  const found = new Set<number>();
  const pending: unknown[] = [plan];
  const seen = new Set<unknown>();
  while (pending.length > 0) {
    const node = pending.pop();
    if (typeof node !== 'object' || node === null || seen.has(node)) continue;
    seen.add(node);
    if ('kind' in node && node.kind === 'constant' && 'value' in node && 'type' in node) {
      const isRelation = (node.type as SqlType).oid === TypeOid.regclass;
      if (isRelation && typeof node.value === 'number') found.add(node.value);
      continue;
    }
    // Descriptors are no part of the query.
    for (const [name, value] of Object.entries(node)) if (name !== 'table') pending.push(value);
  }
  return found;
}
