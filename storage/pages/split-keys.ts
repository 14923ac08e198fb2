// Cuts a tree into pieces of about equal size, for readers that share the work: the separators of the
// highest level that has enough of them, thinned out. No leaf is read.

import type { Key } from '../contract.ts';
import type { InnerPage } from './inner-page.ts';
import type { PageDirectory } from './page-directory.ts';
import type { TreeRoot } from './tree-root.ts';

/** Separators wanted per piece, so that pieces come out even. */
const separatorsPerPiece = 4;

export function splitKeys(directory: PageDirectory, root: TreeRoot, rows: number): Key[] {
  const pieces = Math.ceil(root.rows / rows);
  if (pieces <= 1 || root.level === 0) return [];
  let pages: InnerPage[] = [directory.inner(root.pageId)];
  let keys = separatorsOf(pages);
  for (let level = root.level; level > 1; level--) {
    if (keys.length >= pieces * separatorsPerPiece) break;
    pages = pages.flatMap((page) => Array.from(page.children, (child) => directory.inner(child)));
    keys = separatorsOf(pages);
  }
  const chosen: Key[] = [];
  // The first separator of a level counts as below every key.
  for (let piece = 1; piece < pieces; piece++) {
    const key = keys[Math.round((piece * keys.length) / pieces)];
    if (key !== undefined && key > (chosen.at(-1) ?? '')) chosen.push(key);
  }
  return chosen;
}

function separatorsOf(pages: readonly InnerPage[]): Key[] {
  return pages.flatMap((page) => page.separators);
}
