// A node of the tree that EXPLAIN shows.

import type { PhysicalNode } from '../physical-plan.ts';

export interface ExplainNode {
  /** "Hash Left Join", "Index Scan using t_pkey on t" … */
  readonly title: string;
  /** "Hash Join", "Index Scan" …: the JSON "Node Type". */
  readonly nodeType: string;
  readonly properties: [name: string, value: string | readonly string[]][];
  readonly children: {
    readonly label: string | undefined;
    readonly relationship: string;
    readonly node: ExplainNode;
  }[];
  /** The physical node, and the filter above it if there is one. */
  readonly physical: PhysicalNode;
  readonly filtered: PhysicalNode | undefined;
  readonly output: readonly string[];
}
