// Leaves of a tree drawn at random, for statistics: random descents through the inner pages, which are
// decoded in memory. Children of one page are equally likely; pages are filled alike, so leaves nearly are.

import type { Key } from '../contract.ts';
import type { PageDirectory } from './page-directory.ts';
import type { TreeRoot } from './tree-root.ts';

/** Lower bounds of leaves in key order; the first leaf begins with the empty key. */
export function sampleLeaves(
  directory: PageDirectory,
  root: TreeRoot,
  sample: { readonly count: number; readonly random: () => number },
): readonly Key[] {
  const { count, random } = sample;
  const all = root.level < 3 ? allLeaves(directory, root) : undefined;
  if (all !== undefined && all.length <= count) return all;
  const chosen = new Set<Key>();
  // Draws that meet a leaf again count as well, so that a small tree ends.
  for (let draw = 0; draw < count * 2 && chosen.size < count; draw++) {
    chosen.add(
      all === undefined ? descend(directory, root, random) : all[Math.floor(random() * all.length)],
    );
  }
  return [...chosen].toSorted((left, right) => (left < right ? -1 : 1));
}

function allLeaves(directory: PageDirectory, root: TreeRoot): Key[] {
  if (root.level === 0) return [''];
  const page = directory.inner(root.pageId);
  if (root.level === 1) return lowerBounds(page.separators, '');
  return [...page.children].flatMap((child, at) =>
    lowerBounds(directory.inner(child).separators, at === 0 ? '' : page.separators[at]),
  );
}

/** The first separator of a page counts as below every key that leads there. */
function lowerBounds(separators: readonly string[], first: Key): Key[] {
  return separators.map((separator, at) => (at === 0 ? first : separator));
}

function descend(directory: PageDirectory, root: TreeRoot, random: () => number): Key {
  let pageId = root.pageId;
  let lower: Key = '';
  for (let level = root.level; level > 0; level--) {
    const page = directory.inner(pageId);
    const child = Math.floor(random() * page.children.length);
    if (child > 0) lower = page.separators[child];
    pageId = page.children[child]!;
  }
  return lower;
}
