// Window calls and window definitions of a printed query (get_windowfunc_expr() and get_rule_windowspec()).

import type { CollectedWindowCall, Scope } from '../../bind/scope.ts';
import type { BoundWindow } from '../../bind/window.ts';
import type { WindowFrameBound } from '../../logical-plan.ts';
import { directionText } from '../deparse.ts';
import { quoteIdentifier } from '../identifier.ts';
import type { ExpressionPrinter } from './expression.ts';

export function windowCallText(
  { call, window }: CollectedWindowCall,
  expressions: ExpressionPrinter,
): string {
  const isStar = call.isAggregate && call.arguments.length === 0;
  const name = expressions.functionName(call.functionOid);
  const filter =
    call.filter === undefined ? '' : ` FILTER (WHERE ${expressions.text(call.filter)})`;
  const over =
    window.name === undefined ? specification(window, expressions) : quoteIdentifier(window.name);
  return `${name}(${isStar ? '*' : expressions.list(call.arguments)})${filter} OVER ${over}`;
}

/** Named windows of a level; empty: there are none. */
export function windowClause(scope: Scope, expressions: ExpressionPrinter): string {
  return scope.windows
    .filter(({ name }) => name !== undefined)
    .map((window) => `${quoteIdentifier(window.name!)} AS ${specification(window, expressions)}`)
    .join(', ');
}

function specification(window: BoundWindow, expressions: ExpressionPrinter): string {
  const parts: string[] = [];
  if (window.partitionBy.length > 0) {
    const keys = window.partitionBy.map((key) => expressions.sortKey(key));
    parts.push(`PARTITION BY ${keys.join(', ')}`);
  }
  if (window.orderBy.length > 0) {
    const keys = window.orderBy.map(
      (key) => expressions.sortKey(key.expression) + directionText(key),
    );
    parts.push(`ORDER BY ${keys.join(', ')}`);
  }
  if (window.hasFrame) parts.push(frameText(window.frame, expressions));
  return `(${parts.join(' ')})`;
}

const exclusions = {
  none: '',
  currentRow: ' EXCLUDE CURRENT ROW',
  group: ' EXCLUDE GROUP',
  ties: ' EXCLUDE TIES',
} as const;

function frameText(frame: BoundWindow['frame'], expressions: ExpressionPrinter): string {
  const bound = ({ kind, offset }: WindowFrameBound): string => {
    const value = offset === undefined ? '' : `${expressions.plainText(offset)} `;
    switch (kind) {
      case 'unboundedPreceding':
        return 'UNBOUNDED PRECEDING';
      case 'unboundedFollowing':
        return 'UNBOUNDED FOLLOWING';
      case 'currentRow':
        return 'CURRENT ROW';
      case 'preceding':
        return `${value}PRECEDING`;
      case 'following':
        return `${value}FOLLOWING`;
    }
  };
  const mode = frame.mode.toUpperCase();
  return `${mode} BETWEEN ${bound(frame.start)} AND ${bound(frame.end)}${exclusions[frame.exclude]}`;
}
