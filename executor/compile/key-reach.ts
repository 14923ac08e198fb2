// Whether the rows of a node are all that it has: keys of joins above may have left some out where they come from
// (key-passing.ts), and aggregates may have made those groups only that find a partner (aggregate-reduction.ts).

import { nodeInputs, type PhysicalNode } from '#planner';
import type { JoinTable } from './join-table.ts';
import type { KeyMembers } from './key-filter.ts';

export class KeyReach {
  private readonly sources: { readonly nodeId: number; readonly keys: KeyMembers }[] = [];
  private readonly reductions: { readonly nodeId: number; readonly table: JoinTable }[] = [];
  private readonly joins = new Map<JoinTable, number>();

  noteSource({ id }: PhysicalNode, keys: KeyMembers): void {
    this.sources.push({ nodeId: id, keys });
  }

  noteReduction({ id }: PhysicalNode, table: JoinTable): void {
    this.reductions.push({ nodeId: id, table });
  }

  noteTable(table: JoinTable, { id }: PhysicalNode): void {
    this.joins.set(table, id);
  }

  /** To be asked once all pipelines are built. */
  isWhole(node: PhysicalNode): boolean {
    const within = new Set<number>();
    const enter = (each: PhysicalNode): void => {
      within.add(each.id);
      nodeInputs(each).forEach(enter);
    };
    enter(node);
    const isOwn = (table: JoinTable): boolean => within.has(this.joins.get(table) ?? -1);
    return (
      this.sources.every(
        ({ nodeId, keys }) => !within.has(nodeId) || keys.all.every(({ table }) => isOwn(table)),
      ) && this.reductions.every(({ nodeId, table }) => !within.has(nodeId) || isOwn(table))
    );
  }
}
