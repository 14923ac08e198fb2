// Indexes through which a relation can be looked up with values of others: which relations give a value for
// each leading column, and how many rows a value finds.

import type { ColumnId, Expression } from '#common';
import type { LogicalPlan } from '../../logical-plan.ts';
import type { Cardinality } from '../cardinality.ts';
import { defaultEquality } from '../equivalence.ts';
import type { Dependence, Edge, EqualityClass } from './join-graph.ts';

/** One index, or the primary key. */
export interface Lookup {
  readonly rows: number;
  /** The row is read from the index's own tree: the primary key. */
  readonly direct: boolean;
  /** In the order of the index. */
  readonly columns: readonly {
    /** Relations any of which gives a value; -1: a constant does. */
    readonly sources: number;
    readonly distinct: number;
  }[];
}

export interface LookupParts {
  readonly classes: readonly EqualityClass[];
  readonly edges: readonly Edge[];
  readonly dependence: Dependence | undefined;
  readonly bitsOf: (expression: Expression) => number;
  readonly cardinality: Cardinality;
}

export function lookupsOf(plan: LogicalPlan, bit: number, parts: LookupParts): Lookup[] {
  const scan = plan.kind === 'filter' ? plan.input : plan;
  if (scan.kind !== 'scan') return [];
  const { table } = scan;
  const rows = parts.cardinality.tableRows(table);
  const columnOf = new Map<number, ColumnId>();
  scan.sources.forEach((source, at) => {
    if (source.kind === 'attribute') columnOf.set(source.attributeNumber, scan.outputs[at].id);
  });
  const sources = sourcesOf(bit, parts);
  const lookup = (attributes: readonly number[], direct: boolean): Lookup[] => {
    const columns: Lookup['columns'][number][] = [];
    for (const attribute of attributes) {
      const column = columnOf.get(attribute);
      const from = column === undefined ? undefined : sources.get(column);
      if (column === undefined || from === undefined) break;
      const distinct = parts.cardinality.facts(column)?.distinct ?? 1;
      columns.push({ sources: from, distinct });
    }
    return columns.length === 0 ? [] : [{ rows, direct, columns }];
  };
  return [
    ...lookup(table.keyColumns, true),
    ...table.indexes
      .filter(
        (index) =>
          index.valid &&
          !index.clustered &&
          index.predicate === undefined &&
          index.unstored !== true &&
          index.method !== 'gin',
      )
      .flatMap((index) =>
        lookup(
          index.columns.map(({ attributeNumber }) => attributeNumber),
          false,
        ),
      ),
  ];
}

/** Per column of the relation: relations that an equality gives a value for it from. */
function sourcesOf(bit: number, parts: LookupParts): Map<ColumnId, number> {
  const sources = new Map<ColumnId, number>();
  const add = (column: ColumnId, bits: number): void => {
    sources.set(column, (sources.get(column) ?? 0) | bits);
  };
  for (const { members, relations } of parts.classes) {
    for (const { bit: own, column } of members)
      if (own === bit && column.kind === 'column') add(column.column, relations & ~bit);
  }
  const conjuncts = [
    ...parts.edges.map(({ conjunct }) => conjunct),
    ...(parts.dependence?.conjuncts ?? []),
  ];
  for (const conjunct of conjuncts) {
    const equality = defaultEquality(conjunct);
    if (equality === undefined) continue;
    const { left, right } = equality;
    for (const [own, other] of [
      [left, right],
      [right, left],
    ]) {
      const from = parts.bitsOf(other) & ~bit;
      if (own.kind === 'column' && from !== 0 && (parts.bitsOf(other) & bit) === 0)
        add(own.column, from);
    }
  }
  return sources;
}
