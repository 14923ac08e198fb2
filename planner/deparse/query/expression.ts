// Expressions of a printed query: columns by their relations at this level, aggregates and window calls in the
// places of the columns that stand for them, subqueries, CASE in lines of its own.

import type { FuncCall, SubLink } from '@pgsql/types';
import { type Expression, notSupported } from '#common';
import { functionRegistry } from '#functions';
import { bodyOf } from '../../bind/node.ts';
import type { Scope } from '../../bind/scope.ts';
import { conjunctsOf } from '../../optimize/expression-tree.ts';
import { deparseExpression, type NameResolver } from '../deparse.ts';
import { quoteIdentifier } from '../identifier.ts';
import { isCastCall } from '../simple-node.ts';
import { newLine, variableStep } from './layout.ts';
import type { Level } from './level.ts';
import type { QueryPrinter } from './printer.ts';
import { sqlCallText } from './sql-call.ts';
import { windowCallText } from './window.ts';

export class ExpressionPrinter {
  private readonly printer: QueryPrinter;
  readonly level: Level;
  /** Level of nesting of line breaks; CASE goes deeper. */
  private indent: number;
  private readonly names: NameResolver;

  constructor(printer: QueryPrinter, level: Level, indent: number) {
    this.printer = printer;
    this.level = level;
    this.indent = indent;
    const { names, pretty } = printer.options;
    this.names = {
      column: (id) => this.columnText(id),
      input: (ordinal) => `$${ordinal}`,
      slot: (slot) => `$${slot}`,
      subplan: () => '(SubPlan)',
      userType: (oid) => names.type(oid),
      pretty,
      special: (expression) => this.special(expression),
      sortKey: (expression) => this.sortKey(expression),
    };
  }

  text(expression: Expression): string {
    return deparseExpression(expression, this.names);
  }

  /** Where PostgreSQL does not show a conversion that nobody wrote: row counts and distances. */
  plainText(expression: Expression): string {
    const isCast = expression.kind === 'call' && isCastCall(expression);
    return this.text(isCast ? expression.arguments[0] : expression);
  }

  /** A call as an element of FROM. */
  functionText(expression: Expression): string {
    return expression.kind === 'call' && expression.operatorOid === undefined
      ? this.text(expression)
      : `(${this.text(expression)})`;
  }

  /** The name of a plain column, which need not be given again; undefined for anything else. */
  columnName(expression: Expression): string | undefined {
    const merged = this.printer.record.merged.get(expression);
    if (merged !== undefined) return merged;
    if (expression.kind !== 'column' || this.computed(expression.column) !== undefined)
      return undefined;
    const text = this.level.column(expression.column);
    const match = text === undefined ? null : /\.(?:"((?:[^"]|"")*)"|([^."]+))$/.exec(text);
    return match === null ? undefined : (match[1]?.replaceAll('""', '"') ?? match[2]);
  }

  /** get_rule_sortgroupclause() */
  sortKey(expression: Expression): string {
    const text = this.text(expression);
    if (expression.kind === 'constant') return withType(text, expression, this.names);
    const isColumn =
      (expression.kind === 'column' && this.computed(expression.column) === undefined) ||
      this.printer.record.merged.has(expression);
    if (isColumn) return text;
    const isFunction =
      expression.kind === 'column' ||
      (expression.kind === 'call' &&
        expression.operatorOid === undefined &&
        !isCastCall(expression));
    const isCastFunction = expression.kind === 'call' && isCastCall(expression);
    return this.names.pretty === true || isFunction || isCastFunction ? `(${text})` : text;
  }

  private columnText(id: number): string {
    const computed = this.computed(id);
    if (computed !== undefined) return computed();
    const text = this.level.column(id);
    if (text === undefined) throw notSupported('printing this column');
    return text;
  }

  /** What an aggregate, window, set or grouping() call stands for, at this level or around it. */
  private computed(id: number): (() => string) | undefined {
    for (let level: Level | undefined = this.level; level !== undefined; level = level.parent) {
      const found = level.scope === undefined ? undefined : this.computedIn(level.scope, id);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private computedIn(scope: Scope, id: number): (() => string) | undefined {
    const aggregate = scope.aggregates.find(({ column }) => column.id === id);
    if (aggregate !== undefined) return () => this.text(aggregate.expression);
    const call = scope.windowCalls.find(({ column }) => column.id === id);
    if (call !== undefined) return () => windowCallText(call, this);
    const set = scope.sets.find(({ column }) => column.id === id);
    if (set !== undefined) return () => this.text(set.call);
    const grouping = scope.groupings.find(({ column }) => column.id === id);
    if (grouping === undefined) return undefined;
    return () => `GROUPING(${grouping.arguments.map((each) => this.text(each)).join(', ')})`;
  }

  private special(expression: Expression): string | undefined {
    switch (expression.kind) {
      case 'case':
        return this.caseText(expression);
      case 'coalesce': {
        const name = this.printer.record.merged.get(expression);
        return name === undefined ? undefined : quoteIdentifier(name);
      }
      case 'subquery':
        return this.subqueryText(expression);
      case 'call':
        return this.callText(expression);
      case 'aggregate':
        return this.orderedSetText(expression);
      default:
        return undefined;
    }
  }

  private callText(expression: Extract<Expression, { kind: 'call' }>): string | undefined {
    const written: FuncCall | undefined = this.printer.record.sqlCalls.get(expression);
    if (written !== undefined) {
      const text = sqlCallText(expression, this.names);
      if (text !== undefined) return text;
    }
    if (expression.operatorOid !== undefined) return undefined;
    const name = this.printer.options.names.routine(expression.functionOid);
    if (name === undefined) return undefined;
    const parts = expression.arguments.map((argument) => this.text(argument));
    if (expression.variadicArray === true) parts.push(`VARIADIC ${parts.pop()}`);
    return `${name}(${parts.join(', ')})`;
  }

  /** WITHIN GROUP. */
  private orderedSetText(
    expression: Extract<Expression, { kind: 'aggregate' }>,
  ): string | undefined {
    const signature = functionRegistry.functionByOid(expression.functionOid);
    if (signature?.aggregateKind !== 'ordered' && signature?.aggregateKind !== 'hypothetical')
      return undefined;
    throw notSupported('printing an ordered-set aggregate');
  }

  private caseText(expression: Extract<Expression, { kind: 'case' }>): string {
    let sql = `${newLine(this.indent)}CASE`;
    this.indent += variableStep;
    if (expression.operand !== undefined) sql += ` ${this.text(expression.operand)}`;
    for (const { when, then } of expression.branches) {
      const compared =
        expression.operand !== undefined &&
        when.kind === 'call' &&
        when.arguments[0]?.kind === 'caseTest'
          ? when.arguments[1]
          : when;
      sql += `${newLine(this.indent)}WHEN ${this.text(compared)} THEN ${this.text(then)}`;
    }
    const otherwise: Expression = expression.otherwise ?? {
      kind: 'constant',
      value: null,
      type: expression.type,
    };
    sql += `${newLine(this.indent)}ELSE ${this.text(otherwise)}`;
    this.indent -= variableStep;
    return `${sql}${newLine(this.indent)}END`;
  }

  /** get_sublink_expr() */
  private subqueryText(expression: Extract<Expression, { kind: 'subquery' }>): string {
    const link: SubLink | undefined = this.printer.record.subqueries.get(expression.plan);
    const query = bodyOf(link?.subselect, 'SelectStmt');
    if (link === undefined || query === undefined) throw notSupported('printing this subquery');
    const text = this.printer.query(query, {
      level: this.level,
      indent: this.indent,
      namesVisible: false,
    });
    switch (expression.mode) {
      case 'exists':
        return `(EXISTS (${text}))`;
      case 'array':
        return `ARRAY(${text})`;
      case 'scalar':
        return `(${text})`;
      case 'any':
      case 'all': {
        const { left, operator } = this.tested(expression.test);
        const word =
          expression.mode === 'all'
            ? `${operator} ALL`
            : operator === '='
              ? 'IN'
              : `${operator} ANY`;
        return `(${left} ${word} (${text}))`;
      }
    }
  }

  /** The left sides of a test, and its operator. */
  private tested(test: Expression | undefined): { left: string; operator: string } {
    if (test === undefined) throw notSupported('printing this subquery');
    if (test.kind === 'rowComparison') {
      const left = test.pairs.map((pair) => this.text(pair.left)).join(', ');
      return { left: `(${left})`, operator: test.comparison };
    }
    // Rows differ when one of their fields does.
    const tests = test.kind === 'or' ? test.arguments : conjunctsOf(test);
    const operators = tests.map((each) =>
      each.kind === 'call' && each.operatorOid !== undefined
        ? functionRegistry.operatorByOid(each.operatorOid)?.name
        : undefined,
    );
    const lefts = tests.map((each) =>
      each.kind === 'call' ? this.text(each.arguments[0]) : undefined,
    );
    if (operators[0] === undefined || lefts.includes(undefined))
      throw notSupported('printing this comparison');
    return {
      left: lefts.length === 1 ? lefts[0]! : `(${lefts.join(', ')})`,
      operator: operators[0],
    };
  }

  list(expressions: readonly Expression[]): string {
    return expressions.map((each) => this.text(each)).join(', ');
  }

  functionName(oid: number): string {
    const { names } = this.printer.options;
    return names.routine(oid) ?? quoteIdentifier(functionRegistry.functionByOid(oid)?.name ?? '');
  }
}

/** A constant as a key is never taken for a position. */
function withType(text: string, expression: Expression, names: NameResolver): string {
  if (text.includes('::') || expression.kind !== 'constant') return text;
  return deparseExpression(
    {
      kind: 'cast',
      method: 'relabel',
      argument: expression,
      explicit: true,
      type: expression.type,
    },
    { ...names, pretty: true },
  );
}
