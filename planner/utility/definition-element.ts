// Options in parentheses (WITH (fillfactor = 70), CREATE SEQUENCE … INCREMENT 2): a DefElem's name and
// argument as text, number or truth value, with PostgreSQL's messages (commands/define.c).

import type { DefElem, Node } from '@pgsql/types';
import { databaseError } from '#common';
import { bodyOf, listItems, stringsOf } from '../bind/node.ts';

/** The DefElems of a list. */
export function definitionElements(nodes: readonly Node[] | undefined): DefElem[] {
  const elements: DefElem[] = [];
  for (const node of nodes ?? []) {
    const element = bodyOf(node, 'DefElem');
    if (element !== undefined) elements.push(element);
  }
  return elements;
}

/** The argument as text; undefined when there is none. Lists of names are joined with dots. */
export function elementText(element: DefElem): string | undefined {
  return element.arg === undefined ? undefined : nodeText(element.arg);
}

export function nodeText(node: Node): string | undefined {
  if ('String' in node) return node.String.sval ?? '';
  if ('Integer' in node) return String(node.Integer.ival ?? 0);
  if ('Float' in node) return node.Float.fval ?? '0';
  if ('Boolean' in node) return node.Boolean.boolval === true ? 'true' : 'false';
  if ('TypeName' in node) return stringsOf(node.TypeName.names).at(-1);
  if ('List' in node)
    return listItems(node)
      .map((item) => nodeText(item) ?? '')
      .join('.');
  if ('A_Star' in node) return '*';
  return undefined;
}

/** true without an argument; 42601 for what is not a truth value. */
export function elementBoolean(element: DefElem): boolean {
  const text = elementText(element)?.toLowerCase();
  if (text === undefined || text === 'true' || text === 'on' || text === '1') return true;
  if (text === 'false' || text === 'off' || text === '0') return false;
  throw databaseError('syntaxError', `${element.defname ?? ''} requires a Boolean value`);
}

/** An integer as decimal text; 42601 when it is missing or no integer. */
export function elementInteger(element: DefElem): bigint {
  const text = elementText(element);
  if (text === undefined) {
    throw databaseError('syntaxError', `${element.defname ?? ''} requires a numeric value`);
  }
  if (!/^[+-]?\d+$/.test(text)) {
    if (/^[+-]?[\d.]+([eE][+-]?\d+)?$/.test(text)) {
      throw databaseError(
        'invalidTextRepresentation',
        `invalid input syntax for type bigint: "${text}"`,
      );
    }
    throw databaseError('syntaxError', `${element.defname ?? ''} requires a numeric value`);
  }
  return BigInt(text);
}
