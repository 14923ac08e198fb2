// Reading PostgreSQL's parse tree: every node is an object with one key, its tag; fields that are
// zero, false or empty are absent.

import type { Node } from '@pgsql/types';

type KeyOfUnion<Union> = Union extends unknown ? keyof Union : never;

export type NodeTag = Extract<KeyOfUnion<Node>, string>;
export type NodeBody<Tag extends NodeTag> =
  Extract<Node, Record<Tag, unknown>> extends infer Wrapped
    ? Wrapped extends Record<Tag, infer Body>
      ? Body
      : never
    : never;

export function nodeTag(node: Node): NodeTag {
  for (const tag in node) return tag as NodeTag;
  return 'A_Star';
}

/** The body of a node when it has the tag. */
export function bodyOf<Tag extends NodeTag>(
  node: Node | undefined,
  tag: Tag,
): NodeBody<Tag> | undefined {
  return node === undefined
    ? undefined
    : ((node as Partial<Record<string, unknown>>)[tag] as NodeBody<Tag> | undefined);
}

/** Strings of a list of String nodes (qualified names, column aliases). */
export function stringsOf(nodes: readonly Node[] | undefined): string[] {
  const strings: string[] = [];
  for (const node of nodes ?? []) strings.push(bodyOf(node, 'String')?.sval ?? '');
  return strings;
}

export function listItems(node: Node | undefined): readonly Node[] {
  return bodyOf(node, 'List')?.items ?? [];
}

/** exprLocation(): the leftmost byte location of a node, undefined when unknown. */
export function locationOf(node: Node | undefined): number | undefined {
  if (node === undefined) return undefined;
  const tag = nodeTag(node);
  if (tag === 'List') return locationOf(listItems(node)[0]);
  const body = (node as Record<string, { location?: number; arg?: Node; lexpr?: Node }>)[tag];
  let location = 'location' in body || tagsWithLocation.has(tag) ? (body.location ?? 0) : -1;
  // Infix and postfix forms begin at their left operand.
  const first = tag === 'A_Expr' ? body.lexpr : leftmostArgument.has(tag) ? body.arg : undefined;
  if (first !== undefined) {
    const inner = locationOf(first);
    if (inner !== undefined && (location < 0 || inner < location)) location = inner;
  }
  return location < 0 ? undefined : location;
}

const leftmostArgument = new Set<NodeTag>([
  'NullTest',
  'BooleanTest',
  'TypeCast',
  'CollateClause',
  'A_Indirection',
]);
const tagsWithLocation = new Set<NodeTag>([
  'A_Const',
  'ColumnRef',
  'ParamRef',
  'A_Expr',
  'FuncCall',
  'TypeCast',
  'CaseExpr',
  'SubLink',
  'BoolExpr',
  'RowExpr',
  'ResTarget',
  'A_ArrayExpr',
  'CoalesceExpr',
  'MinMaxExpr',
  'SQLValueFunction',
  'GroupingFunc',
]);
