// Types as DDL names them, outside of any query.

import type { TypeName } from '@pgsql/types';
import { DatabaseError, notSupported, type SqlType } from '#common';
import { type BindContext, Binder, type GrammarBinders, type SourceText } from '../bind/context.ts';
import { bodyOf } from '../bind/node.ts';
import { resolveTypeName } from '../bind/type-name.ts';
import { parseStatements } from '../parse/index.ts';

/** The type that a TypeName of the statement means. 42704, 22023. */
export function resolveType(name: TypeName, context: BindContext, source: SourceText): SqlType {
  return resolveTypeName(name, new Binder(context, noGrammar, source));
}

/** The type that a text names ("character varying(10)[]"); undefined when it names none. */
export function typeNamed(text: string, context: BindContext): SqlType | undefined {
  try {
    const statements = parseStatements(`SELECT NULL::${text}`);
    const select = bodyOf(statements[0]?.statement, 'SelectStmt');
    const cast = bodyOf(bodyOf(select?.targetList?.[0], 'ResTarget')?.val, 'TypeCast');
    const isOnlyType =
      statements.length === 1 &&
      select?.targetList?.length === 1 &&
      select.fromClause === undefined &&
      bodyOf(cast?.arg, 'A_Const')?.isnull === true;
    return isOnlyType ? resolveType(cast!.typeName!, context, statements[0]) : undefined;
  } catch (error) {
    if (error instanceof DatabaseError) return undefined;
    throw error;
  }
}

const refuse = (): never => {
  throw notSupported('an expression in a type name');
};

/** A type name holds no expressions to bind. */
const noGrammar: GrammarBinders = {
  expression: refuse,
  select: refuse,
  modification: refuse,
  domain: refuse,
  storedText: refuse,
};
