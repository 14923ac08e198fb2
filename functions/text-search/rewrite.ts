// ts_rewrite: parts of a query that equal a target become the substitute. As PostgreSQL does it: the operands
// of & and of | are gathered and sorted, so that a target also fits some operands of a longer chain, and what
// comes out is in that order. The right operand of an operator counts as the first.

import { compareQueryNodes, pair, type QueryNode, TsQuery } from '#common';

/** An operator with its operands, or a lexeme. */
interface Tree {
  /** A node of the kind; its own operands are not looked at. */
  readonly node: QueryNode;
  children: Tree[];
  /** Comes from the substitute and is left alone. */
  isFixed: boolean;
}

function treeOf(node: QueryNode): Tree {
  const operands =
    node.kind === 'lexeme' ? [] : node.kind === 'not' ? [node.argument] : [node.right, node.left];
  return { node, children: operands.map(treeOf), isFixed: false };
}

function isChain({ node }: Tree): boolean {
  return node.kind === 'and' || node.kind === 'or';
}

/** Chains of one operator become one list. */
function flattened(tree: Tree): Tree {
  const children = tree.children
    .map(flattened)
    .flatMap((child) =>
      isChain(tree) && child.node.kind === tree.node.kind ? child.children : [child],
    );
  return { ...tree, children };
}

function sort(tree: Tree): Tree {
  for (const child of tree.children) sort(child);
  if (isChain(tree)) tree.children.sort(compareTrees);
  return tree;
}

function compareTrees(left: Tree, right: Tree): number {
  return compareQueryNodes(left, right);
}

function nodeOf({ node, children }: Tree): QueryNode {
  if (node.kind === 'lexeme') return node;
  const [first, ...others] = children.map(nodeOf);
  if (node.kind === 'not') return { kind: 'not', argument: first };
  const distance = node.kind === 'phrase' ? node.distance : 0;
  if (others.length < 2) return pair(node.kind, others[0], first, distance);
  // The first two operands are joined, then the last one comes in, then the one before it.
  const [second, ...rest] = others;
  const joined = pair(node.kind, second, first, distance);
  return rest.reduceRight((right, left) => pair(node.kind, left, right, distance), joined);
}

/** The query with its chains in order. */
export function sortQuery(query: TsQuery): TsQuery {
  return query.root === undefined
    ? query
    : new TsQuery(nodeOf(sort(flattened(treeOf(query.root)))));
}

export function rewriteQuery(query: TsQuery, target: TsQuery, substitute: TsQuery): TsQuery {
  if (query.root === undefined || target.root === undefined) return query;
  const tree = sort(flattened(treeOf(query.root)));
  const wanted = sort(flattened(treeOf(target.root)));
  const result = rewriteTree(tree, wanted, substitute.root);
  return new TsQuery(result === undefined ? undefined : nodeOf(result));
}

function substituted(substitute: QueryNode | undefined): Tree[] {
  return substitute === undefined ? [] : [{ ...treeOf(substitute), isFixed: true }];
}

function rewriteTree(
  tree: Tree,
  target: Tree,
  substitute: QueryNode | undefined,
): Tree | undefined {
  if (tree.isFixed) return tree;
  if (compareTrees(tree, target) === 0) return substituted(substitute)[0];
  if (tree.node.kind === 'lexeme') return tree;
  if (isChain(tree) && tree.node.kind === target.node.kind) replaceSome(tree, target, substitute);
  tree.children = tree.children
    .map((child) => rewriteTree(child, target, substitute))
    .filter((child) => child !== undefined);
  if (tree.children.length === 0) return undefined;
  return tree.children.length === 1 && tree.node.kind !== 'not' ? tree.children[0] : tree;
}

/** Where all operands of the target are among those of the chain, they give way to the substitute. */
function replaceSome(tree: Tree, target: Tree, substitute: QueryNode | undefined): void {
  if (tree.children.length <= target.children.length) return;
  const rest: Tree[] = [];
  let matched = 0;
  for (const child of tree.children) {
    const wanted = target.children[matched];
    if (wanted !== undefined && compareTrees(child, wanted) === 0) matched++;
    else rest.push(child);
  }
  if (matched < target.children.length) return;
  tree.children = [...rest, ...substituted(substitute)];
  sort(tree);
}
