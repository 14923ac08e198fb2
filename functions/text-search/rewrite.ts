// ts_rewrite: every part of a query that equals the target becomes the substitute. The operands of &
// and of | count as sets, so a target also fits some of the operands of a longer chain.

import { pair, type QueryNode, type QueryPair, TsQuery } from '#common';

type Chain = 'and' | 'or';

function operands(node: QueryNode, kind: Chain, into: QueryNode[] = []): QueryNode[] {
  if (node.kind === kind) {
    operands(node.left, kind, into);
    operands(node.right, kind, into);
  } else into.push(node);
  return into;
}

/** A text that two nodes share when they are equal as sets. */
function signature(node: QueryNode): string {
  if (node.kind === 'lexeme') return `l${JSON.stringify(node.word)}${node.weights}${node.prefix}`;
  if (node.kind === 'not') return `!(${signature(node.argument)})`;
  if (node.kind === 'phrase')
    return `p${node.distance}(${signature(node.left)},${signature(node.right)})`;
  const parts = [...new Set(operands(node, node.kind).map(signature))].sort();
  return `${node.kind}(${parts.join(',')})`;
}

function chain(kind: Chain, nodes: readonly QueryNode[]): QueryNode | undefined {
  if (nodes.length === 0) return undefined;
  return nodes.reduce((left, right): QueryPair => pair(kind, left, right));
}

export function rewriteQuery(query: TsQuery, target: TsQuery, substitute: TsQuery): TsQuery {
  if (query.root === undefined || target.root === undefined) return query;
  return new TsQuery(rewriteNode(query.root, target.root, substitute.root));
}

function rewriteNode(
  node: QueryNode,
  target: QueryNode,
  substitute: QueryNode | undefined,
): QueryNode | undefined {
  if (signature(node) === signature(target)) return substitute;
  switch (node.kind) {
    case 'lexeme':
      return node;
    case 'not': {
      const argument = rewriteNode(node.argument, target, substitute);
      return argument === undefined ? undefined : { kind: 'not', argument };
    }
    case 'phrase': {
      const left = rewriteNode(node.left, target, substitute);
      const right = rewriteNode(node.right, target, substitute);
      if (left === undefined || right === undefined) return left ?? right;
      return pair('phrase', left, right, node.distance);
    }
    default:
      return rewriteChain(node.kind, operands(node, node.kind), target, substitute);
  }
}

function rewriteChain(
  kind: Chain,
  parts: readonly QueryNode[],
  target: QueryNode,
  substitute: QueryNode | undefined,
): QueryNode | undefined {
  let rest = [...parts];
  if (target.kind === kind) {
    const wanted = new Set(operands(target, kind).map(signature));
    const present = new Set(rest.map(signature));
    if ([...wanted].every((one) => present.has(one))) {
      rest = rest.filter((part) => !wanted.has(signature(part)));
      if (substitute !== undefined) rest.push(substitute);
      return chain(kind, rest);
    }
  }
  const rewritten = rest.map((part) => rewriteNode(part, target, substitute));
  return chain(
    kind,
    rewritten.filter((part) => part !== undefined),
  );
}
