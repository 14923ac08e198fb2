// Names of output columns that have no AS (PostgreSQL's FigureColname).

import type { Node, SQLValueFunction } from '@pgsql/types';
import type { Binder } from './context.ts';
import { bodyOf, nodeTag, stringsOf } from './node.ts';

const unnamed = '?column?';

/** How good a name is: a cast's or a CASE's own name yields to a better one from inside. */
interface FoundName {
  readonly name: string;
  readonly strength: 1 | 2;
}

export function columnName(node: Node, binder: Binder): string {
  return findName(node, binder)?.name ?? unnamed;
}

function findName(node: Node | undefined, binder: Binder): FoundName | undefined {
  if (node === undefined) return undefined;
  const strong = (name: string | undefined): FoundName | undefined =>
    name === undefined ? undefined : { name, strength: 2 };
  switch (nodeTag(node)) {
    case 'ColumnRef':
      return strong(lastName(bodyOf(node, 'ColumnRef')?.fields));
    case 'A_Indirection': {
      const indirection = bodyOf(node, 'A_Indirection')!;
      const field = lastName(indirection.indirection);
      return field === undefined ? findName(indirection.arg, binder) : strong(field);
    }
    case 'FuncCall':
      return strong(stringsOf(bodyOf(node, 'FuncCall')?.funcname).at(-1));
    case 'A_Expr':
      return bodyOf(node, 'A_Expr')?.kind === 'AEXPR_NULLIF' ? strong('nullif') : undefined;
    case 'TypeCast': {
      const cast = bodyOf(node, 'TypeCast')!;
      const inner = findName(cast.arg, binder);
      if (inner?.strength === 2) return inner;
      const type = stringsOf(cast.typeName?.names).at(-1);
      return type === undefined ? inner : { name: type, strength: 1 };
    }
    case 'CollateClause':
      return findName(bodyOf(node, 'CollateClause')?.arg, binder);
    case 'GroupingFunc':
      return strong('grouping');
    case 'SubLink': {
      const link = bodyOf(node, 'SubLink')!;
      if (link.subLinkType === 'EXISTS_SUBLINK') return strong('exists');
      if (link.subLinkType === 'ARRAY_SUBLINK') return strong('array');
      return link.subLinkType === 'EXPR_SUBLINK'
        ? strong(binder.subqueryNames.get(link))
        : undefined;
    }
    case 'CaseExpr': {
      const inner = findName(bodyOf(node, 'CaseExpr')?.defresult, binder);
      return inner?.strength === 2 ? inner : { name: 'case', strength: 1 };
    }
    case 'A_ArrayExpr':
      return strong('array');
    case 'RowExpr':
      return strong('row');
    case 'CoalesceExpr':
      return strong('coalesce');
    case 'MinMaxExpr':
      return strong(bodyOf(node, 'MinMaxExpr')?.op === 'IS_LEAST' ? 'least' : 'greatest');
    case 'SQLValueFunction':
      return strong(valueName(bodyOf(node, 'SQLValueFunction')!));
    default:
      return undefined;
  }
}

/** The last name of a reference; * is none. */
function lastName(nodes: readonly Node[] | undefined): string | undefined {
  return stringsOf((nodes ?? []).filter((node) => nodeTag(node) === 'String')).at(-1);
}

/** SVFOP_CURRENT_TIMESTAMP_N is "current_timestamp". */
function valueName(value: SQLValueFunction): string {
  return (value.op ?? '')
    .replace(/^SVFOP_/, '')
    .replace(/_N$/, '')
    .toLowerCase();
}
