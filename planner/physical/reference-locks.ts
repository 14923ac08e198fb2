// A statement that writes a table reads the tables that its foreign keys lead to, in both directions:
// they are locked against being changed or rewritten, as the tables that the statement names are.

import type { ConstraintDescriptor, TableDescriptor } from '#common';
import type { Catalog } from '../catalog.ts';
import type { PhysicalNode, PhysicalPlan } from '../physical-plan.ts';
import { nodeInputs } from './plan-facts.ts';

type Access = PhysicalPlan['relations'][number]['access'];
const strength: Readonly<Record<Access, number>> = { read: 0, rowLock: 1, write: 2 };

/** The relations that the statement names and those that its writes lead to, each with the strongest access. */
export function withReferences(
  named: PhysicalPlan['relations'],
  roots: readonly PhysicalNode[],
  catalog: Catalog,
): PhysicalPlan['relations'] {
  const accesses = new Map(named.map(({ oid, access }) => [oid, access]));
  const add = (oid: number, access: Access): boolean => {
    const known = accesses.get(oid);
    if (known !== undefined && strength[known] >= strength[access]) return false;
    accesses.set(oid, access);
    return true;
  };
  const enter = (node: PhysicalNode): void => {
    if (node.kind === 'insert' || node.kind === 'update') addReferenced(node.table, add);
    if (node.kind === 'delete' || node.kind === 'update') addReferencing(node.table, catalog, add);
    if (node.kind === 'insert' && node.onConflict?.action === 'update') {
      addReferencing(node.table, catalog, add);
    }
    if (node.kind === 'merge') {
      addReferenced(node.table, add);
      addReferencing(node.table, catalog, add);
    }
    nodeInputs(node).forEach(enter);
  };
  roots.forEach(enter);
  if (accesses.size === named.length) return named;
  return [...accesses].map(([oid, access]) => ({ oid, access }));
}

function addReferenced(
  table: TableDescriptor,
  add: (oid: number, access: Access) => boolean,
): void {
  for (const constraint of table.constraints) {
    if (constraint.type === 'foreign') add(constraint.referencedTable, 'rowLock');
  }
}

/** Tables whose rows point here; those whose rows change with ours lead on to others. */
function addReferencing(
  table: TableDescriptor,
  catalog: Catalog,
  add: (oid: number, access: Access) => boolean,
): void {
  for (const { tableOid, constraintOid } of table.referencedBy) {
    const referencing = catalog.tableByOid(tableOid);
    const constraint = referencing?.constraints.find(({ oid }) => oid === constraintOid);
    if (referencing === undefined || constraint === undefined) continue;
    const changes = changesRows(constraint);
    const isNew = add(tableOid, changes ? 'write' : 'rowLock');
    if (!changes || !isNew) continue;
    addReferenced(referencing, add);
    addReferencing(referencing, catalog, add);
  }
}

function changesRows(constraint: ConstraintDescriptor): boolean {
  if (constraint.type !== 'foreign') return false;
  const isPassive = (action: string): boolean => action === 'no action' || action === 'restrict';
  return !isPassive(constraint.onDelete) || !isPassive(constraint.onUpdate);
}
