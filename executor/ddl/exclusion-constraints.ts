// EXCLUDE constraints: an index descriptor that says which columns are compared and has no entries, and
// the operators. Rows are held against each other when they are written (write/exclusion-keys.ts).

import {
  type ConstraintDescriptor,
  databaseError,
  type IndexColumn,
  notSupported,
  type TableDescriptor,
} from '#common';
import { functionRegistry, typeResolution } from '#functions';
import { generatedName, hasModule } from '#planner';
import { indexColumnNames } from '../catalog/index-column-names.ts';
import { relationExists } from './errors.ts';
import { indexDescriptor } from './index-definition.ts';
import { comparedColumn } from './index-elements.ts';
import { freeConstraintName, requireFreeConstraintName } from './key-constraints.ts';
import type { DdlStatement } from './statement.ts';
import { bindStored } from './stored-expression.ts';
import type { ExclusionElement } from './table-elements.ts';

const methods: ReadonlySet<string> = new Set(['btree', 'hash', 'gist', 'spgist']);

/** The table with the constraint and its index. 42703, 42809, 42883. */
export function addExclusionConstraint(
  ddl: DdlStatement,
  table: TableDescriptor,
  element: ExclusionElement,
): TableDescriptor {
  if (table.partitioning !== undefined) {
    throw databaseError(
      'featureNotSupported',
      'exclusion constraints are not supported on partitioned tables',
    );
  }
  if (!methods.has(element.method)) {
    throw databaseError(
      'featureNotSupported',
      `access method "${element.method}" does not support exclusion constraints`,
    );
  }
  if (element.included.length > 0) throw notSupported('INCLUDE in an exclusion constraint');
  const keys = element.elements.map(({ key, operator }) => {
    const { column, type } = comparedColumn(ddl, table, element.method, key);
    return { column, operator: operatorOf(ddl, operator.at(-1) ?? '=', type.oid) };
  });
  const columns = keys.map(({ column }) => column);
  const predicate =
    element.where === undefined
      ? undefined
      : bindStored(ddl, element.where, { place: 'indexPredicate', table }).stored;
  const name = constraintName(ddl, table, element, columns);
  const index = indexDescriptor(ddl, table, {
    name,
    unique: false,
    nullsNotDistinct: false,
    primary: false,
    columns,
    included: [],
    method: element.method,
    unstored: true,
    ...(predicate === undefined ? {} : { predicate }),
  });
  const constraint: ConstraintDescriptor = {
    kind: 'constraint',
    oid: ddl.allocateOid(),
    name,
    tableOid: table.oid,
    columns: columns.map(({ attributeNumber }) => attributeNumber),
    deferrable: element.deferrable,
    initiallyDeferred: element.initiallyDeferred,
    validated: true,
    type: 'exclude',
    indexOid: index.oid,
    operators: keys.map(({ operator }) => operator),
  };
  return {
    ...table,
    indexes: [...table.indexes, index],
    constraints: [...table.constraints, constraint],
  };
}

function operatorOf(ddl: DdlStatement, name: string, type: number): number {
  const found = typeResolution.resolveOperator({
    name,
    left: type,
    right: type,
    hasModule: (module) => hasModule(ddl.catalog, module),
  });
  const shown = ddl.typeText({ oid: type, typmod: -1 });
  if (found.kind !== 'operator') {
    throw databaseError('undefinedFunction', `operator does not exist: ${shown} ${name} ${shown}`);
  }
  const { signature } = found;
  const isCommutative = signature.commutatorOid === signature.oid;
  if (!isCommutative) {
    throw databaseError(
      'wrongObjectType',
      `operator ${name}(${shown},${shown}) is not commutative`,
      { detail: 'Only commutative operators can be used in exclusion constraints.' },
    );
  }
  if (functionRegistry.scalar(signature.functionOid) === undefined) {
    throw notSupported(`operator ${name} of type ${shown}`);
  }
  return signature.oid;
}

function constraintName(
  ddl: DdlStatement,
  table: TableDescriptor,
  element: ExclusionElement,
  columns: readonly IndexColumn[],
): string {
  const schema = ddl.schemaByOid(table.schemaOid);
  if (element.name !== undefined) {
    requireFreeConstraintName(table, element.name);
    if (!ddl.claimName({ schema, name: element.name })) throw relationExists(element.name);
    return element.name;
  }
  const names = indexColumnNames(table, columns, []).join('_');
  const wanted = freeConstraintName(table, names, 'excl');
  if (ddl.claimName({ schema, name: wanted })) return wanted;
  return ddl.freeName(schema, (label) => generatedName(table.name, names, label), 'excl');
}
