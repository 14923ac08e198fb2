// Calls that SQL writes with words between their arguments (get_func_sql_syntax() in ruleutils.c).

import type { Expression } from '#common';
import { functionRegistry } from '#functions';
import { deparseExpression, type NameResolver } from '../deparse.ts';

/** undefined: a plain call after all. */
export function sqlCallText(
  call: Extract<Expression, { kind: 'call' }>,
  names: NameResolver,
): string | undefined {
  const name = functionRegistry.functionByOid(call.functionOid)?.name;
  const parts = call.arguments.map((argument) => deparseExpression(argument, names));
  const [first, second] = call.arguments;
  switch (name) {
    case 'timezone':
      return `(${parts[1]} AT TIME ZONE ${parts[0]})`;
    case 'extract':
      return `EXTRACT(${first?.kind === 'constant' && typeof first.value === 'string' ? first.value : parts[0]} FROM ${parts[1]})`;
    case 'position':
      return `POSITION((${parts[1]}) IN (${parts[0]}))`;
    case 'overlay':
      return `OVERLAY(${parts[0]} PLACING ${parts[1]} FROM ${parts[2]}${parts.length > 3 ? ` FOR ${parts[3]}` : ''})`;
    case 'substring':
      if (second?.type.oid !== 23) return undefined;
      return `SUBSTRING(${parts[0]} FROM ${parts[1]}${parts.length > 2 ? ` FOR ${parts[2]}` : ''})`;
    case 'btrim':
      return `TRIM(BOTH${parts.length > 1 ? ` ${parts[1]}` : ''} FROM ${parts[0]})`;
    case 'ltrim':
      return `TRIM(LEADING${parts.length > 1 ? ` ${parts[1]}` : ''} FROM ${parts[0]})`;
    case 'rtrim':
      return `TRIM(TRAILING${parts.length > 1 ? ` ${parts[1]}` : ''} FROM ${parts[0]})`;
    case 'overlaps':
      return `((${parts[0]}, ${parts[1]}) OVERLAPS (${parts[2]}, ${parts[3]}))`;
    default:
      return undefined;
  }
}
