// SQL-standard bodies of functions: RETURN expression, and BEGIN ATOMIC … END.

import type { Node } from '@pgsql/types';
import { databaseError } from '#common';
import { parseStatements, type ParsedStatement } from '../parse/index.ts';
import { bodyOf, listItems } from './node.ts';

/** The statements of a body that the catalog keeps as text. */
export function standardBodyStatements(body: string): readonly ParsedStatement[] {
  const [parsed] = parseStatements(`CREATE FUNCTION body() LANGUAGE sql ${body}`);
  const node = bodyOf(parsed?.statement, 'CreateFunctionStmt')?.sql_body;
  if (parsed === undefined || node === undefined) {
    throw databaseError('invalidObjectDefinition', 'a stored function body is empty');
  }
  return bodyStatements(node).map((statement) => ({ ...parsed, statement }));
}

/** From the node of a definition; a list of lists, or one RETURN. */
export function bodyStatements(node: Node): readonly Node[] {
  const result = bodyOf(node, 'ReturnStmt');
  if (result !== undefined) return [asSelect(result.returnval!)];
  return listItems(node).flatMap((item) => {
    const inner = bodyOf(item, 'List') === undefined ? [item] : listItems(item);
    return inner.map((each) => {
      const returned = bodyOf(each, 'ReturnStmt');
      return returned === undefined ? each : asSelect(returned.returnval!);
    });
  });
}

function asSelect(value: Node): Node {
  return {
    SelectStmt: {
      targetList: [{ ResTarget: { val: value, location: -1 } }],
      limitOption: 'LIMIT_OPTION_DEFAULT',
      op: 'SETOP_NONE',
    },
  };
}
