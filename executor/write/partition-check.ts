// The partition constraint: a row that is written to a partition by name must be one that the tables
// above would have sent there.

import { databaseError, type Datum, type TableDescriptor } from '#common';
import type { Runtime } from '../runtime.ts';
import { InheritedAccess } from './inherited-access.ts';
import { type PartitionRouter, partitionRouter } from './partition-routing.ts';
import { rowText } from './row-checks.ts';

interface Level {
  readonly oid: number;
  readonly router: PartitionRouter;
  readonly toParent: (row: readonly Datum[]) => readonly Datum[];
}

export class PartitionCheck {
  private readonly table: TableDescriptor;
  private readonly runtime: Runtime;
  private levels: readonly Level[] | undefined = undefined;

  constructor(table: TableDescriptor, runtime: Runtime) {
    this.table = table;
    this.runtime = runtime;
  }

  /** The row by attribute number - 1. 23514. */
  verify(row: readonly Datum[]): void {
    if (!this.holds(row)) throw this.violation(row);
  }

  holds(row: readonly Datum[]): boolean {
    this.levels ??= this.levelsAbove();
    let own = row;
    for (const { oid, router, toParent } of this.levels) {
      own = toParent(own);
      if (router.find(own) !== oid) return false;
    }
    return true;
  }

  private levelsAbove(): readonly Level[] {
    const { context } = this.runtime;
    const levels: Level[] = [];
    let child = this.table;
    while (child.partitionBound !== undefined) {
      const parent = context.catalog.tableByOid(child.parents?.[0] ?? 0);
      if (parent?.partitioning === undefined) break;
      const member = new InheritedAccess(parent, () => context.catalog).member(child.oid);
      levels.push({
        oid: child.oid,
        router: partitionRouter(parent, context, this.runtime),
        toParent: (row) => member.fromMember(row),
      });
      child = parent;
    }
    return levels;
  }

  private violation(row: readonly Datum[]): Error {
    const { name, schemaOid } = this.table;
    const schema = this.runtime.context.catalog.schemaByOid(schemaOid)?.name;
    return databaseError(
      'checkViolation',
      `new row for relation "${name}" violates partition constraint`,
      {
        detail: `Failing row contains (${rowText(this.table, row, this.runtime.functions)}).`,
        ...(schema === undefined ? {} : { schema }),
        table: name,
      },
    );
  }
}
