// Types as DDL names them, outside of any query.

import type { TypeName } from '@pgsql/types';
import { notSupported, type SqlType } from '#common';
import { type BindContext, Binder, type GrammarBinders, type SourceText } from '../bind/context.ts';
import { resolveTypeName } from '../bind/type-name.ts';

/** The type that a TypeName of the statement means. 42704, 22023. */
export function resolveType(name: TypeName, context: BindContext, source: SourceText): SqlType {
  return resolveTypeName(name, new Binder(context, noGrammar, source));
}

const refuse = (): never => {
  throw notSupported('an expression in a type name');
};

/** A type name holds no expressions to bind. */
const noGrammar: GrammarBinders = { expression: refuse, select: refuse, modification: refuse };
