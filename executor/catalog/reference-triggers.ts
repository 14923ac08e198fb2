// The triggers by which PostgreSQL keeps foreign keys, as pg_trigger shows them: tools read there which
// constraints are deferrable, and find the tables at both ends. Foreign keys are kept in another way here
// (executor/write), so these are computed: two at the referencing table and two at the referenced one.

import type {
  ConstraintDescriptor,
  ForeignKeyAction,
  TableDescriptor,
  TriggerDescriptor,
} from '#common';

type ForeignKey = Extract<ConstraintDescriptor, { readonly type: 'foreign' }>;

export interface ReferenceTrigger extends TriggerDescriptor {
  /** The table at the other end. */
  readonly constraint: NonNullable<TriggerDescriptor['constraint']>;
  /** The index of the referenced key. */
  readonly referencedIndex: number;
}

interface Tables {
  tableByOid(oid: number): TableDescriptor | undefined;
}

/** Oids far above those that are handed out: four to a constraint. */
const firstOid = 0xc000_0000;
const constraintsMax = 2 ** 28;

/** pg_proc's oids of RI_FKey_check_ins, RI_FKey_check_upd, and of the actions on delete; those on update follow. */
const checkInsert = 1644;
const checkUpdate = 1645;
const deleteFunctions: Readonly<Record<ForeignKeyAction, number>> = {
  cascade: 1646,
  restrict: 1648,
  'set null': 1650,
  'set default': 1652,
  'no action': 1654,
};

export function referenceTriggers(catalog: Tables, table: TableDescriptor): ReferenceTrigger[] {
  const triggers: ReferenceTrigger[] = [];
  for (const constraint of table.constraints) {
    if (constraint.type !== 'foreign') continue;
    const make = triggerMaker(constraint, { prefix: 'c', on: table.oid });
    triggers.push(make(2, 'insert', checkInsert), make(3, 'update', checkUpdate));
  }
  for (const { tableOid, constraintOid } of table.referencedBy) {
    const constraint = catalog
      .tableByOid(tableOid)
      ?.constraints.find(({ oid }) => oid === constraintOid);
    if (constraint?.type !== 'foreign') continue;
    const make = triggerMaker(constraint, { prefix: 'a', on: table.oid });
    triggers.push(
      make(0, 'delete', deleteFunctions[constraint.onDelete]),
      make(1, 'update', deleteFunctions[constraint.onUpdate] + 1),
    );
  }
  return triggers;
}

/** The table that shows the trigger, and the trigger; undefined for oids of other objects. */
export function referenceTriggerByOid(
  catalog: Tables & { userRelations(): Iterable<{ readonly kind: string }> },
  oid: number,
): { readonly table: TableDescriptor; readonly trigger: ReferenceTrigger } | undefined {
  if (oid < firstOid) return undefined;
  for (const relation of catalog.userRelations()) {
    if (relation.kind !== 'table') continue;
    const table = relation as TableDescriptor;
    const trigger = referenceTriggers(catalog, table).find((each) => each.oid === oid);
    if (trigger !== undefined) return { table, trigger };
  }
  return undefined;
}

function triggerMaker(
  constraint: ForeignKey,
  { prefix, on }: { readonly prefix: 'a' | 'c'; readonly on: number },
): (place: number, event: 'insert' | 'update' | 'delete', functionOid: number) => ReferenceTrigger {
  // Actions that change rows cannot wait.
  const waits = (functionOid: number): boolean =>
    prefix === 'c' || functionOid >= deleteFunctions['no action'];
  return (place, event, functionOid) => {
    const oid = firstOid + (constraint.oid % constraintsMax) * 4 + place;
    return {
      kind: 'trigger',
      oid,
      name: `RI_ConstraintTrigger_${prefix}_${oid}`,
      tableOid: on,
      functionOid,
      timing: 'after',
      events: [event],
      row: true,
      columns: [],
      arguments: [],
      enabled: 'O',
      constraint: {
        oid: constraint.oid,
        deferrable: constraint.deferrable && waits(functionOid),
        initiallyDeferred: constraint.initiallyDeferred && waits(functionOid),
        referencedTable: prefix === 'c' ? constraint.referencedTable : constraint.tableOid,
      },
      referencedIndex: constraint.referencedIndex,
    };
  };
}
