// The three-valued logic of jsonpath conditions: what two items are to each other, and what two lists of them
// are. null: unknown.

import { compareText, Numeric } from '#common';
import type { FunctionContext } from '../contract.ts';
import { compareDateTimes, PathDateTime, type PathValue } from './jsonpath-items.ts';
import type { Step } from './jsonpath-methods.ts';
import { compileRegex } from './regex-engine.ts';

export type Truth = boolean | null;

/**
 * Whether the test holds for some pair of the two lists. In lax mode the first pair that it holds for decides, in
 * strict mode the first for which it is unknown does.
 */
export function someHolds(
  lists: { readonly left: readonly PathValue[]; readonly right: readonly PathValue[] },
  lax: boolean,
  test: (left: PathValue, right: PathValue) => Truth,
): Truth {
  let found = false;
  let unknown = false;
  for (const first of lists.left) {
    for (const second of lists.right) {
      const truth = test(first, second);
      if (truth === null) {
        if (!lax) return null;
        unknown = true;
      } else if (truth) {
        if (lax) return true;
        found = true;
      }
    }
  }
  return found ? true : unknown ? null : false;
}

/** `zones`: where dates may meet times of a zone. */
export function compareItems(
  operator: Step<'comparison'>['operator'],
  left: PathValue,
  right: PathValue,
  zones: FunctionContext | undefined,
): Truth {
  const order = orderOf(left, right, zones);
  if (order === 'null') return operator === '!=';
  if (order === undefined) return null;
  switch (operator) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '>':
      return order > 0;
    case '<=':
      return order <= 0;
    case '>=':
      return order >= 0;
  }
}

/** undefined: not comparable; 'null': one of the two is null. */
function orderOf(
  left: PathValue,
  right: PathValue,
  zones: FunctionContext | undefined,
): number | 'null' | undefined {
  if (left === null || right === null) return left === right ? 0 : 'null';
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  if (left instanceof Numeric && right instanceof Numeric) return left.compare(right);
  if (left instanceof PathDateTime && right instanceof PathDateTime)
    return compareDateTimes(left, right, zones);
  return undefined;
}

/** `starts with`. */
export function startsWith(left: PathValue, right: PathValue): Truth {
  return typeof left === 'string' && typeof right === 'string' ? left.startsWith(right) : null;
}

/** `like_regex`. */
export function regexOf(step: Step<'likeRegex'>): (text: string) => boolean {
  const { flags } = step;
  const regex = compileRegex(step.pattern, {
    ignoreCase: flags.ignoreCase,
    newlineStops: !flags.dotAll,
    newlineAnchors: flags.multiline,
    expanded: flags.expanded && !flags.literal,
    literal: flags.literal,
  });
  return (text) => regex.test(text);
}
