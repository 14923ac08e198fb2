// Views that INSTEAD OF triggers write (manual, chapter 41.4): a statement's target is the view itself.
// It stands in the plan as a table without storage whose row key is the old row as a record; the
// executor hands the rows to the triggers.

import { type Expression, sqlType, TypeOid, type ViewDescriptor } from '#common';
import type { PlanColumn } from '../logical-plan.ts';
import { currentVersions } from '../temporal.ts';
import { extend } from './bound-select.ts';
import type { ModifiedTable, WriteCommand } from './modified-table.ts';
import { derivedItem, tableItem, type RelationItem } from './relation-item.ts';
import { columnReference, type Scope } from './scope.ts';
import { bindViewDefinition } from './view.ts';

const events = { INSERT: 'insert', UPDATE: 'update', DELETE: 'delete' } as const;

export function hasInsteadTrigger(view: ViewDescriptor, command: WriteCommand): boolean {
  return (view.triggers ?? []).some(
    ({ timing, events: fired }) => timing === 'instead of' && fired.includes(events[command]),
  );
}

/** The rows that UPDATE or DELETE chooses from: of a table, or what a triggered view shows. */
export function targetItem(
  target: ModifiedTable,
  scope: Scope,
  currentOf?: Expression,
): RelationItem {
  const { table, alias, view } = target;
  return view === undefined
    ? tableItem(table, alias, currentVersions, scope, { inherited: target.inherited, currentOf })
    : triggeredViewItem(view, target, scope);
}

function triggeredViewItem(
  view: ViewDescriptor,
  { table, alias }: ModifiedTable,
  scope: Scope,
): RelationItem {
  const select = bindViewDefinition(view, scope.binder, []);
  const named = view.columns.filter((column) => !column.dropped);
  const outputs = select.columns.map((column, index) => {
    const { name, attributeNumber } = named[index];
    const output = scope.newColumn(name, column.type);
    scope.binder.describe(output, alias.name, {
      tableOid: view.oid,
      attributeNumber,
      scan: undefined,
    });
    return output;
  });
  const item = derivedItem(outputs, alias, { rowType: sqlType(view.rowTypeOid) });
  const type = sqlType(TypeOid.record);
  let oldRow: PlanColumn | undefined;
  const record = (): Expression => ({
    kind: 'row',
    fields: outputs.map((output) => columnReference(output.id, output.type)),
    type,
  });
  return {
    item: {
      ...item,
      table,
      relation: alias.explicit ? undefined : { schemaOid: view.schemaOid, oid: view.oid },
      rowKey() {
        oldRow ??= scope.newColumn('old', type);
        return columnReference(oldRow.id, type);
      },
    },
    build() {
      const plan = {
        kind: 'project',
        input: select.plan,
        expressions: select.columns.map((column) => columnReference(column.id, column.type)),
        outputs,
      } as const;
      return oldRow === undefined ? plan : extend(plan, [{ column: oldRow, expression: record() }]);
    },
  };
}
