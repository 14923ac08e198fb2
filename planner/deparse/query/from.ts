// The FROM clause of a printed query: get_from_clause() and its parts in PostgreSQL's ruleutils.c.

import type { JoinExpr, Node, RangeFunction, RangeSubselect, RangeVar } from '@pgsql/types';
import { type Expression, notSupported } from '#common';
import { bodyOf, stringsOf } from '../../bind/node.ts';
import type { NamespaceItem } from '../../bind/scope.ts';
import { quoteIdentifier } from '../identifier.ts';
import { typeText } from '../type-text.ts';
import { ExpressionPrinter } from './expression.ts';
import { indentStep, joinStep, newLine, startsWithLine, variableStep } from './layout.ts';
import type { Level } from './level.ts';
import type { QueryPrinter } from './printer.ts';

const joinWords: Readonly<Record<string, string>> = {
  JOIN_INNER: 'JOIN',
  JOIN_LEFT: 'LEFT JOIN',
  JOIN_RIGHT: 'RIGHT JOIN',
  JOIN_FULL: 'FULL JOIN',
};

export class FromPrinter {
  private readonly printer: QueryPrinter;
  private readonly level: Level;
  private readonly indent: number;
  private readonly expressions: ExpressionPrinter;

  constructor(printer: QueryPrinter, level: Level, indent: number) {
    this.printer = printer;
    this.level = level;
    this.indent = indent;
    this.expressions = new ExpressionPrinter(printer, level, indent);
  }

  text(nodes: readonly Node[] | undefined): string {
    let sql = '';
    (nodes ?? []).forEach((node, at) => {
      const item = this.item(node);
      if (at > 0) {
        sql += ', ';
        if (!startsWithLine(item)) sql += newLine(this.indent - indentStep, variableStep);
      }
      sql += item;
    });
    return sql;
  }

  private item(node: Node): string {
    const range = bodyOf(node, 'RangeVar');
    if (range !== undefined) return this.relation(range);
    const subselect = bodyOf(node, 'RangeSubselect');
    if (subselect !== undefined) return this.subselect(subselect);
    const call = bodyOf(node, 'RangeFunction');
    if (call !== undefined) return this.functions(call);
    const join = bodyOf(node, 'JoinExpr');
    if (join !== undefined) return this.join(join);
    throw notSupported('printing this element of FROM');
  }

  private relation(range: RangeVar): string {
    const relation = this.printer.record.relations.get(range);
    const name = this.level.nameOf(range);
    const item = this.printer.record.items.get(range)!;
    const own = relation?.name ?? range.relname ?? '';
    const only = relation?.kind === 'table' && range.inh !== true ? 'ONLY ' : '';
    const shown =
      relation === undefined
        ? quoteIdentifier(range.relname ?? '')
        : this.printer.options.names.relation(relation);
    const hasAlias = range.alias !== undefined || name !== own;
    const alias = hasAlias ? ` ${quoteIdentifier(name)}` : '';
    const isRenamed = stringsOf(range.alias?.colnames).length > 0;
    return `${only}${shown}${alias}${isRenamed ? columnNames(item) : ''}`;
  }

  private subselect(range: RangeSubselect): string {
    const query = bodyOf(range.subquery, 'SelectStmt')!;
    const item = this.printer.record.items.get(range)!;
    const text = this.printer.query(query, {
      level: this.level,
      indent: this.indent,
      namesVisible: true,
    });
    const lateral = range.lateral === true ? 'LATERAL ' : '';
    const name = this.level.nameOf(range);
    const alias = name === '' ? '' : ` ${quoteIdentifier(name)}`;
    const isRenamed = stringsOf(range.alias?.colnames).length > 0;
    return `${lateral}(${text})${alias}${isRenamed ? columnNames(item) : ''}`;
  }

  private functions(range: RangeFunction): string {
    const calls = this.printer.record.calls.get(range) ?? [];
    const item = this.printer.record.items.get(range)!;
    const texts = calls.map((call) => this.expressions.functionText(call));
    const isOne = calls.length === 1 && range.is_rowsfrom !== true;
    const definitions = calls.length === 1 ? definitionList(calls[0], this.printer) : undefined;
    const isUnnest = texts.length > 1 && texts.every((text) => text.startsWith('unnest('));
    const inner = isOne
      ? texts[0]
      : isUnnest
        ? `UNNEST(${texts.map((text) => text.slice('unnest('.length, -1)).join(', ')})`
        : `ROWS FROM(${texts.join(', ')})`;
    const lateral = range.lateral === true ? 'LATERAL ' : '';
    const ordinality = range.ordinality === true ? ' WITH ORDINALITY' : '';
    const alias = quoteIdentifier(this.level.nameOf(range));
    return `${lateral}${inner}${ordinality} ${alias}${definitions ?? columnNames(item)}`;
  }

  private join(join: JoinExpr): string {
    const { pretty } = this.printer.options;
    const recorded = this.printer.record.joins.get(join)!;
    const name = join.alias === undefined ? undefined : this.level.nameOf(join);
    const isWrapped = !pretty || name !== undefined;
    const rightJoin = bodyOf(join.rarg, 'JoinExpr');
    const wrapsRight = pretty && rightJoin !== undefined && rightJoin.alias === undefined;
    const right = this.item(join.rarg!);
    const { condition, names } = recorded;
    const isCross =
      (join.jointype ?? 'JOIN_INNER') === 'JOIN_INNER' &&
      condition === undefined &&
      (names === undefined || names.length === 0);
    const word = isCross ? 'CROSS JOIN' : joinWords[join.jointype ?? 'JOIN_INNER'];
    let sql = `${this.item(join.larg!)}${newLine(this.indent - indentStep, joinStep + 1)}${word} `;
    sql += wrapsRight ? `(${right})` : right;
    if (names !== undefined && names.length > 0) {
      sql += ` USING (${names.map(quoteIdentifier).join(', ')})`;
      const usingName = join.join_using_alias?.aliasname;
      if (usingName !== undefined) sql += ` AS ${quoteIdentifier(usingName)}`;
    } else if (condition !== undefined) {
      const text = this.expressions.text(condition);
      sql += pretty ? ` ON ${text}` : ` ON (${text})`;
    } else if (!isCross) sql += ' ON TRUE';
    if (isWrapped) sql = `(${sql})`;
    if (name === undefined) return sql;
    const isRenamed = stringsOf(join.alias?.colnames).length > 0;
    return `${sql} ${quoteIdentifier(name)}${isRenamed ? columnNames(recorded.item) : ''}`;
  }
}

function columnNames(item: NamespaceItem): string {
  return `(${item.columns.map(({ name }) => quoteIdentifier(name)).join(', ')})`;
}

/** (a integer, b text) of a function that returns plain records. */
function definitionList(call: Expression, printer: QueryPrinter): string | undefined {
  if (call.kind !== 'call' || call.columns === undefined) return undefined;
  const columns = call.columns.map(
    ({ name, type }) =>
      `${quoteIdentifier(name)} ${typeText(type, (oid) => printer.options.names.type(oid))}`,
  );
  return `(${columns.join(', ')})`;
}
