// `column LIKE 'abc%'` bounds the column from below by 'abc' and from above by the next text that
// does not begin so. Text is ordered by UTF-8 bytes, which is the order of code points.

import { TypeOid, type ConstantExpression, type Expression } from '#common';
import { functionRegistry } from '#functions';

export interface PrefixRange {
  readonly argument: Expression;
  readonly lower: Expression;
  readonly upper: Expression | undefined;
}

/** The range that a LIKE with a constant pattern implies; the pattern still has to be matched. */
export function prefixRange(expression: Expression): PrefixRange | undefined {
  if (expression.kind !== 'call' || expression.operatorOid === undefined) return undefined;
  const operator = functionRegistry.operatorByOid(expression.operatorOid);
  if (operator?.name !== '~~' || operator.left !== TypeOid.text) return undefined;
  const [argument, pattern] = expression.arguments;
  if (argument === undefined || pattern?.kind !== 'constant' || typeof pattern.value !== 'string')
    return undefined;
  const prefix = fixedPrefix(pattern.value);
  if (prefix === '') return undefined;
  const next = successor(prefix);
  return { argument, lower: text(prefix), upper: next === undefined ? undefined : text(next) };
}

function text(value: string): ConstantExpression {
  return { kind: 'constant', type: { oid: TypeOid.text, typmod: -1 }, value };
}

function fixedPrefix(pattern: string): string {
  let prefix = '';
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === '%' || character === '_') break;
    if (character === '\\') {
      at++;
      if (at >= pattern.length) break;
    }
    prefix += pattern[at];
  }
  return prefix;
}

/** The smallest text after all those that begin with the prefix. */
function successor(prefix: string): string | undefined {
  const points = [...prefix];
  while (points.length > 0) {
    const last = points.pop()!.codePointAt(0)!;
    if (last >= 0x10ffff) continue;
    // Surrogates are not characters; the next one after U+D7FF is U+E000.
    const next = last === 0xd7ff ? 0xe000 : last + 1;
    return points.join('') + String.fromCodePoint(next);
  }
  return undefined;
}
