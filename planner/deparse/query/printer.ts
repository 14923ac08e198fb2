// A query as PostgreSQL prints it (ruleutils.c): the parse tree says how it is built, the record of its binding
// which relations, columns, casts and operators it uses.

import type { CommonTableExpr, Node, SelectStmt, WithClause } from '@pgsql/types';
import { type Expression, notSupported, type RelationDescriptor } from '#common';
import { bodyOf, listItems, nodeTag, stringsOf } from '../../bind/node.ts';
import type { QueryRecord, RecordedSelect, RecordedSort } from '../../bind/query-record.ts';
import { directionText } from '../deparse.ts';
import { quoteIdentifier } from '../identifier.ts';
import { ExpressionPrinter } from './expression.ts';
import { FromPrinter } from './from.ts';
import { indentStep, newLine, startsWithLine, variableStep } from './layout.ts';
import { Level } from './level.ts';
import { windowClause } from './window.ts';

/** How relations, types and routines are called where the text will be read. */
export interface PrintNames {
  relation(relation: RelationDescriptor): string;
  type(oid: number): string;
  routine(oid: number): string | undefined;
}

export interface PrintOptions {
  readonly pretty: boolean;
  readonly names: PrintNames;
}

export interface QueryPlace {
  readonly level: Level | undefined;
  readonly indent: number;
  /** Names of the result's columns that whoever reads the query knows; undefined: those it has. */
  readonly columns?: readonly string[] | undefined;
  /** Columns are named even where nobody would need it. */
  readonly namesVisible: boolean;
}

export class QueryPrinter {
  readonly record: QueryRecord;
  readonly options: PrintOptions;
  /** Names that the outermost level must not use. */
  private readonly reserved: readonly string[];

  constructor(record: QueryRecord, options: PrintOptions, reserved: readonly string[] = []) {
    this.record = record;
    this.options = options;
    this.reserved = reserved;
  }

  /** get_select_query_def() */
  query(statement: SelectStmt, place: QueryPlace): string {
    const { withClause } = statement;
    const head = withClause === undefined ? '' : this.withText(withClause, place);
    const isCombined = statement.op !== undefined && statement.op !== 'SETOP_NONE';
    return head + (isCombined ? this.combined(statement, place) : this.plain(statement, place));
  }

  private withText(clause: WithClause, place: QueryPlace): string {
    const { indent } = place;
    const level = this.levelOf(undefined, place);
    const inner = indent + indentStep;
    const parts = (clause.ctes ?? []).map((node) => {
      const cte = bodyOf(node, 'CommonTableExpr')!;
      const query = bodyOf(cte.ctequery, 'SelectStmt');
      if (query === undefined) throw notSupported('printing this WITH query');
      const names = stringsOf(cte.aliascolnames).map(quoteIdentifier);
      const columns = names.length === 0 ? '' : `(${names.join(', ')})`;
      const text = this.query(query, { level, indent: inner, namesVisible: true });
      return `${quoteIdentifier(cte.ctename ?? '')}${columns} AS ${materialized(cte)}(${newLine(inner)}${text}${newLine(inner)})${this.addedColumns(cte, level, inner)}`;
    });
    const word = clause.recursive === true ? ' WITH RECURSIVE ' : ' WITH ';
    return `${word}${parts.join(', ')}${newLine(indent)}`;
  }

  /** SEARCH and CYCLE. */
  private addedColumns(cte: CommonTableExpr, level: Level, indent: number): string {
    const { search_clause: search, cycle_clause: cycle } = cte;
    const list = (nodes: readonly Node[] | undefined): string =>
      stringsOf(nodes).map(quoteIdentifier).join(', ');
    let sql = '';
    if (search !== undefined) {
      const order = search.search_breadth_first === true ? 'BREADTH' : 'DEPTH';
      const name = quoteIdentifier(search.search_seq_column ?? '');
      sql += ` SEARCH ${order} FIRST BY ${list(search.search_col_list)} SET ${name}`;
    }
    if (cycle !== undefined) {
      const marks = this.record.marks.get(cycle);
      const expressions = new ExpressionPrinter(this, level, indent);
      const values = (marks ?? []).map((mark) => expressions.text(mark));
      const to = marks === undefined ? '' : ` TO ${values[0]} DEFAULT ${values[1]}`;
      const mark = quoteIdentifier(cycle.cycle_mark_column ?? '');
      const path = quoteIdentifier(cycle.cycle_path_column ?? '');
      sql += ` CYCLE ${list(cycle.cycle_col_list)} SET ${mark}${to} USING ${path}`;
    }
    return sql;
  }

  /** The level of a query within the one of the place. */
  private levelOf(select: RecordedSelect | undefined, { level }: QueryPlace): Level {
    return new Level(level, select?.scope, level === undefined ? this.reserved : []);
  }

  private plain(statement: SelectStmt, place: QueryPlace): string {
    const values = this.record.values.get(statement);
    if (values !== undefined) return this.valuesText(statement, values, place);
    const select = this.record.selects.get(statement);
    if (select === undefined) throw notSupported('printing this query');
    const level = this.levelOf(select, place);
    level.enter(statement.fromClause, this.record);
    const indent = place.indent + indentStep;
    const expressions = new ExpressionPrinter(this, level, indent);
    const keyword = (word: string, blanks: number): string =>
      `${newLine(place.indent, blanks)}${word} `;
    const text = (expression: Expression): string => expressions.text(expression);
    let sql = ' SELECT';
    if (select.distinctOn !== undefined) {
      const keys = select.distinctOn.map((key) => expressions.sortKey(key));
      sql += ` DISTINCT ON (${keys.join(', ')})`;
    } else if (statement.distinctClause !== undefined) sql += ' DISTINCT';
    sql += this.targets(select, expressions, place);
    const from = new FromPrinter(this, level, indent).text(statement.fromClause);
    if (from !== '') sql += keyword('FROM', 3) + from;
    if (select.where !== undefined) sql += keyword('WHERE', 2) + text(select.where);
    if (statement.groupClause !== undefined) {
      const distinct = statement.groupDistinct === true ? 'DISTINCT ' : '';
      const written = statement.groupClause.map((node) => this.group(node, expressions, true));
      const hasSets = statement.groupClause.some((node) => bodyOf(node, 'GroupingSet'));
      const groups = hasSets ? written : [...new Set(written)];
      sql += `${keyword('GROUP BY', 2)}${distinct}${groups.join(', ')}`;
    }
    if (select.having !== undefined) sql += keyword('HAVING', 1) + text(select.having);
    const windows = windowClause(select.scope, expressions);
    if (windows !== '') sql += keyword('WINDOW', 2) + windows;
    return sql + this.ending(statement, select, { place, expressions, byNumber: false });
  }

  /** get_target_list() */
  private targets(
    select: RecordedSelect,
    expressions: ExpressionPrinter,
    place: QueryPlace,
  ): string {
    let sql = '';
    select.targets.forEach(({ expression, name }, at) => {
      const wanted = place.columns?.[at] ?? name;
      const column = expressions.columnName(expression);
      const shown = column ?? (place.namesVisible ? undefined : '?column?');
      let text = expressions.text(expression);
      if (shown !== wanted) text += ` AS ${quoteIdentifier(wanted)}`;
      if (at > 0) sql += ', ';
      else sql += ' ';
      if (at > 0 && !startsWithLine(text)) sql += newLine(place.indent, variableStep);
      sql += text;
    });
    return sql;
  }

  private group(node: Node, expressions: ExpressionPrinter, isOutermost: boolean): string {
    const set = bodyOf(node, 'GroupingSet');
    if (set !== undefined) {
      const content = (set.content ?? []).map((each) => this.group(each, expressions, false));
      switch (set.kind) {
        case 'GROUPING_SET_ROLLUP':
          return `ROLLUP(${content.join(', ')})`;
        case 'GROUPING_SET_CUBE':
          return `CUBE(${content.join(', ')})`;
        case 'GROUPING_SET_SETS':
          return `GROUPING SETS (${sets(set.content ?? [], content).join(', ')})`;
        default:
          return '()';
      }
    }
    const row = rowList(node);
    if (row !== undefined) {
      const keys = row.map((each) => this.group(each, expressions, false));
      return isOutermost ? keys.join(', ') : `(${keys.join(', ')})`;
    }
    const key = this.record.groups.get(node);
    if (key === undefined) throw notSupported('printing this grouping');
    return expressions.sortKey(key);
  }

  private ending(
    statement: SelectStmt,
    parts: Pick<RecordedSelect, 'sorts' | 'limit'>,
    options: {
      readonly place: QueryPlace;
      readonly expressions: ExpressionPrinter;
      readonly byNumber: boolean;
    },
  ): string {
    const { place, expressions, byNumber } = options;
    const keyword = (word: string, blanks: number): string =>
      `${newLine(place.indent, blanks)}${word} `;
    let sql = '';
    if (parts.sorts.length > 0) {
      const keys = parts.sorts.map((sort) => sortText(sort, expressions, byNumber));
      sql += keyword('ORDER BY', 2) + keys.join(', ');
    }
    const { limit } = parts;
    if (limit?.offset !== undefined)
      sql += keyword('OFFSET', 1) + expressions.plainText(limit.offset);
    if (limit?.count !== undefined) {
      const count = expressions.plainText(limit.count);
      sql += limit.withTies
        ? `${keyword('FETCH FIRST', 1)}(${count}) ROWS WITH TIES`
        : keyword('LIMIT', 1) + count;
    }
    for (const node of statement.lockingClause ?? [])
      sql += lockingText(node, place.indent, statement.fromClause, options.expressions.level);
    return sql;
  }

  private valuesText(
    statement: SelectStmt,
    rows: readonly (readonly Expression[])[],
    place: QueryPlace,
  ): string {
    const level = this.levelOf(undefined, place);
    const expressions = new ExpressionPrinter(this, level, place.indent + indentStep);
    const written = (statement.valuesLists ?? []).map((list) => listItems(list));
    const lists = rows.map((row, line) => {
      const cells = row.map((cell, at) =>
        isConversion(written[line]?.[at]) ? expressions.text(cell) : expressions.plainText(cell),
      );
      return `(${cells.join(',')})`;
    });
    const parts = this.record.setOperations.get(statement) ?? { sorts: [], limit: undefined };
    return ` VALUES ${lists.join(', ')}${this.ending(statement, parts, { place, expressions, byNumber: true })}`;
  }

  private combined(statement: SelectStmt, place: QueryPlace): string {
    const level = this.levelOf(undefined, place);
    const expressions = new ExpressionPrinter(this, level, place.indent + indentStep);
    const parts = this.record.setOperations.get(statement) ?? { sorts: [], limit: undefined };
    const inner = { ...place, level };
    return (
      this.tree(statement, inner) +
      this.ending(statement, parts, {
        place: { ...place, indent: place.indent - indentStep },
        expressions,
        byNumber: true,
      })
    );
  }

  /** get_setop_query() */
  private tree(statement: SelectStmt, place: QueryPlace): string {
    const { indent } = place;
    const [left, right] = [statement.larg!, statement.rarg!];
    const isSame =
      isTree(left) && left.op === statement.op && (left.all ?? false) === (statement.all ?? false);
    const isNested = isTree(left) && !isSame;
    const first = isNested
      ? `(${newLine(indent + indentStep)}${this.side(left, { ...place, indent: indent + indentStep })}${newLine(indent)}) `
      : this.side(left, place) + newLine(indent);
    const word = { SETOP_UNION: 'UNION ', SETOP_INTERSECT: 'INTERSECT ', SETOP_EXCEPT: 'EXCEPT ' }[
      statement.op as string
    ];
    const all = statement.all === true ? 'ALL ' : '';
    const below = { ...place, namesVisible: false };
    const second = isTree(right)
      ? `(${newLine(indent + indentStep)}${this.side(right, { ...below, indent: indent + indentStep })}${newLine(indent)})`
      : newLine(indent) + this.side(right, below);
    return first + word + all + second;
  }

  private side(statement: SelectStmt, place: QueryPlace): string {
    if (isTree(statement)) return this.tree(statement, place);
    const needsParentheses =
      statement.withClause !== undefined ||
      statement.sortClause !== undefined ||
      statement.lockingClause !== undefined ||
      statement.limitCount !== undefined ||
      statement.limitOffset !== undefined;
    const text = this.query(statement, place);
    return needsParentheses ? `(${text})` : text;
  }
}

/** An operation without clauses of its own continues the one above it. */
function isTree(statement: SelectStmt): boolean {
  return (
    statement.op !== undefined &&
    statement.op !== 'SETOP_NONE' &&
    statement.withClause === undefined &&
    statement.sortClause === undefined &&
    statement.limitCount === undefined &&
    statement.limitOffset === undefined
  );
}

function materialized(cte: CommonTableExpr): string {
  if (cte.ctematerialized === 'CTEMaterializeAlways') return 'MATERIALIZED ';
  return cte.ctematerialized === 'CTEMaterializeNever' ? 'NOT MATERIALIZED ' : '';
}

function sortText(sort: RecordedSort, expressions: ExpressionPrinter, byNumber: boolean): string {
  const key = byNumber ? String(sort.ordinal) : expressions.sortKey(sort.expression);
  return key + directionText(sort.key);
}

const strengths: Readonly<Record<string, string>> = {
  LCS_FORKEYSHARE: 'FOR KEY SHARE',
  LCS_FORSHARE: 'FOR SHARE',
  LCS_FORNOKEYUPDATE: 'FOR NO KEY UPDATE',
  LCS_FORUPDATE: 'FOR UPDATE',
};

function lockingText(
  node: Node,
  indent: number,
  from: readonly Node[] | undefined,
  level: Level,
): string {
  const clause = bodyOf(node, 'LockingClause')!;
  const wait =
    clause.waitPolicy === 'LockWaitError'
      ? ' NOWAIT'
      : clause.waitPolicy === 'LockWaitSkip'
        ? ' SKIP LOCKED'
        : '';
  const names =
    clause.lockedRels === undefined
      ? lockable(from).map((body) => level.nameOf(body))
      : clause.lockedRels.map((range) => bodyOf(range, 'RangeVar')?.relname ?? '');
  return names
    .map(
      (name) =>
        `${newLine(indent, 1)}${strengths[clause.strength ?? '']} OF ${quoteIdentifier(name)}${wait}`,
    )
    .join('');
}

/** Tables and subqueries, in order. */
function lockable(nodes: readonly Node[] | undefined): object[] {
  return (nodes ?? []).flatMap((node): object[] => {
    const join = bodyOf(node, 'JoinExpr');
    if (join !== undefined) return lockable([join.larg!, join.rarg!]);
    const body = bodyOf(node, 'RangeVar') ?? bodyOf(node, 'RangeSubselect');
    return body === undefined ? [] : [body];
  });
}

/** (a, b) inside GROUP BY, which is a list. */
function rowList(node: Node): readonly Node[] | undefined {
  const row = bodyOf(node, 'RowExpr');
  return row?.row_format === 'COERCE_IMPLICIT_CAST' ? (row.args ?? []) : undefined;
}

/** Each set of GROUPING SETS stands in parentheses, one of a single key too. */
function sets(nodes: readonly Node[], texts: readonly string[]): string[] {
  return nodes.map((node, at) => {
    const isSet = bodyOf(node, 'GroupingSet') !== undefined || rowList(node) !== undefined;
    return isSet ? texts[at] : `(${texts[at]})`;
  });
}

/** Was a conversion, or a call that may look like one, written there? */
function isConversion(node: Node | undefined): boolean {
  const tag = node === undefined ? undefined : nodeTag(node);
  return tag === 'TypeCast' || tag === 'FuncCall';
}
