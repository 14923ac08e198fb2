// The canonical text of a jsonpath, as jsonpath_out prints it: quoted names, single blanks, parentheses
// where an operator's priority asks for them and around an operator at the top.

import { Numeric } from '../numeric.ts';
import type { JsonPath, LikeRegexFlags, PathItem, PathStep } from './ast.ts';

export function formatJsonPath(path: JsonPath): string {
  return `${path.strict ? 'strict ' : ''}${itemText(path.root, { inKey: false, brackets: true })}`;
}

interface Place {
  readonly inKey: boolean;
  readonly brackets: boolean;
}

function priority(step: PathStep): number {
  switch (step.kind) {
    case 'or':
      return 0;
    case 'and':
      return 1;
    case 'comparison':
    case 'startsWith':
      return 2;
    case 'arithmetic':
      return step.operator === '+' || step.operator === '-' ? 3 : 4;
    case 'sign':
      return 5;
    default:
      return 6;
  }
}

function itemText(item: PathItem, place: Place): string {
  const next = item.next === undefined ? '' : itemText(item.next, { inKey: true, brackets: true });
  return stepText(item, place) + next;
}

const inner = (item: PathItem): string => itemText(item, { inKey: false, brackets: false });

function operand(item: PathItem, parent: PathStep): string {
  return itemText(item, { inKey: false, brackets: priority(item.step) <= priority(parent) });
}

function stepText(item: PathItem, place: Place): string {
  const { step } = item;
  const bracketed = (text: string): string => (place.brackets ? `(${text})` : text);
  const dot = place.inKey ? '.' : '';
  switch (step.kind) {
    case 'root':
      return '$';
    case 'current':
      return '@';
    case 'last':
      return 'last';
    case 'literal':
      return literalText(step.value, item.next !== undefined);
    case 'variable':
      return `$${JSON.stringify(step.name)}`;
    case 'and':
      return bracketed(`${operand(step.left, step)} && ${operand(step.right, step)}`);
    case 'or':
      return bracketed(`${operand(step.left, step)} || ${operand(step.right, step)}`);
    case 'not':
      return `!(${inner(step.argument)})`;
    case 'isUnknown':
      return `(${inner(step.argument)}) is unknown`;
    case 'exists':
      return `exists (${inner(step.argument)})`;
    case 'comparison':
    case 'arithmetic':
      return bracketed(`${operand(step.left, step)} ${step.operator} ${operand(step.right, step)}`);
    case 'startsWith':
      return bracketed(`${operand(step.left, step)} starts with ${operand(step.right, step)}`);
    case 'likeRegex':
      return bracketed(
        `${operand(step.argument, step)} like_regex ${JSON.stringify(step.pattern)}${flagsText(step.flags)}`,
      );
    case 'sign':
      return bracketed(`${step.operator}${operand(step.argument, step)}`);
    case 'key':
      return `${dot}${JSON.stringify(step.name)}`;
    case 'anyKey':
      return `${dot}*`;
    case 'anyElement':
      return '[*]';
    case 'anyDepth':
      return `${dot}${depthsText(step.depths.from, step.depths.to)}`;
    case 'elements':
      return `[${step.subscripts.map(subscriptText).join(',')}]`;
    case 'method':
      return `.${step.method}(${step.template === undefined ? '' : JSON.stringify(step.template)})`;
    case 'filter':
      return `?(${inner(step.condition)})`;
  }
}

function literalText(value: null | boolean | string | Numeric, hasNext: boolean): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Numeric) return hasNext ? `(${value.toString()})` : value.toString();
  return String(value);
}

function subscriptText(subscript: { from: PathItem; to: PathItem | undefined }): string {
  const to = subscript.to === undefined ? '' : ` to ${inner(subscript.to)}`;
  return `${inner(subscript.from)}${to}`;
}

function depthsText(from: number, to: number): string {
  if (from === 0 && to === Infinity) return '**';
  const text = (depth: number): string => (depth === Infinity ? 'last' : String(depth));
  return from === to ? `**{${text(from)}}` : `**{${text(from)} to ${text(to)}}`;
}

function flagsText(flags: LikeRegexFlags): string {
  const letters = [
    flags.ignoreCase ? 'i' : '',
    flags.dotAll ? 's' : '',
    flags.multiline ? 'm' : '',
    flags.expanded ? 'x' : '',
    flags.literal ? 'q' : '',
  ].join('');
  return letters === '' ? '' : ` flag "${letters}"`;
}
