// Objects as messages name them: "table t", "constraint c on table t" (PostgreSQL's
// getObjectDescription()).

import type { EntryDescriptor, RelationDescriptor, TableDescriptor } from '#common';
import { routineTitle } from '../catalog/routine-name.ts';
import { describeEntry } from '../catalog/entry-names.ts';
import { CatalogNames } from '../catalog/names.ts';
import type { DdlStatement } from './statement.ts';

/** Something that DROP can remove, on its own or by cascade. */
export type DropTarget =
  | { readonly kind: 'relation'; readonly oid: number }
  | { readonly kind: 'schema'; readonly oid: number }
  | { readonly kind: 'type'; readonly oid: number }
  | { readonly kind: 'routine'; readonly oid: number }
  | { readonly kind: 'entry'; readonly oid: number }
  | { readonly kind: 'collation'; readonly oid: number }
  | { readonly kind: 'trigger'; readonly tableOid: number; readonly oid: number }
  | { readonly kind: 'policy'; readonly tableOid: number; readonly oid: number }
  | { readonly kind: 'rule'; readonly tableOid: number; readonly oid: number }
  | { readonly kind: 'attribute'; readonly typeOid: number; readonly attributeNumber: number }
  | { readonly kind: 'constraint'; readonly tableOid: number; readonly oid: number }
  | { readonly kind: 'default'; readonly tableOid: number; readonly attributeNumber: number }
  | { readonly kind: 'column'; readonly tableOid: number; readonly attributeNumber: number };

/** The object with an oid, as DROP would remove it. */
export function targetOf(ddl: DdlStatement, oid: number): DropTarget | undefined {
  const { catalog } = ddl;
  if (catalog.relationByOid(oid) !== undefined) return { kind: 'relation', oid };
  const object = catalog.state.find(oid);
  switch (object?.kind) {
    case 'schema':
    case 'type':
    case 'routine':
    case 'entry':
    case 'collation':
      return { kind: object.kind, oid };
    default:
      return undefined;
  }
}

export function targetKey(target: DropTarget): string {
  switch (target.kind) {
    case 'relation':
    case 'schema':
    case 'type':
    case 'routine':
    case 'entry':
    case 'collation':
    case 'trigger':
    case 'policy':
    case 'rule':
      return `${target.kind} ${target.oid}`;
    case 'attribute':
      return `attribute ${target.typeOid} ${target.attributeNumber}`;
    case 'constraint':
      return `constraint ${target.oid}`;
    case 'default':
    case 'column':
      return `${target.kind} ${target.tableOid} ${target.attributeNumber}`;
  }
}

const relationKinds: Readonly<Record<RelationDescriptor['kind'], string>> = {
  table: 'table',
  view: 'view',
  sequence: 'sequence',
  index: 'index',
  system: 'table',
};

export function relationKind(relation: RelationDescriptor): string {
  if (relation.kind === 'table' && relation.materialized !== undefined) return 'materialized view';
  if (relation.kind === 'table' && relation.foreign !== undefined) return 'foreign table';
  return relationKinds[relation.kind];
}

export function describeRelation(ddl: DdlStatement, relation: RelationDescriptor): string {
  return `${relationKind(relation)} ${ddl.displayName(relation)}`;
}

export function describeTarget(ddl: DdlStatement, target: DropTarget): string {
  const { catalog } = ddl;
  switch (target.kind) {
    case 'relation':
      return describeRelation(ddl, catalog.relationByOid(target.oid)!);
    case 'schema':
      return `schema ${catalog.schemaByOid(target.oid)!.name}`;
    case 'routine': {
      const routine = catalog.routineByOid(target.oid)!;
      const names = new CatalogNames(catalog, ddl.context.searchPath);
      const noun = routine.routineKind === 'procedure' ? 'procedure' : 'function';
      return `${noun} ${routineTitle(names, routine)}`;
    }
    case 'entry': {
      const names = new CatalogNames(catalog, ddl.context.searchPath);
      return describeEntry(names, catalog.state.find(target.oid) as EntryDescriptor);
    }
    case 'trigger': {
      const table = catalog.relationByOid(target.tableOid) as TableDescriptor;
      const trigger = table.triggers!.find((each) => each.oid === target.oid)!;
      return `trigger ${trigger.name} on ${describeRelation(ddl, table)}`;
    }
    case 'rule': {
      const relation = catalog.relationByOid(target.tableOid) as TableDescriptor;
      const rule = relation.rules!.find((each) => each.oid === target.oid)!;
      return `rule ${rule.name} on ${describeRelation(ddl, relation)}`;
    }
    case 'policy': {
      const table = catalog.tableByOid(target.tableOid)!;
      const policy = table.policies!.find((each) => each.oid === target.oid)!;
      return `policy ${policy.name} on ${describeRelation(ddl, table)}`;
    }
    case 'type':
      return `type ${ddl.typeText({ oid: target.oid, typmod: -1 })}`;
    case 'collation':
      return `collation ${catalog.collationByOid(target.oid)?.name ?? ''}`;
    case 'attribute': {
      const type = catalog.rowType(target.typeOid)!;
      const name = type.columns[target.attributeNumber - 1].name;
      return `column ${name} of composite type ${ddl.typeText({ oid: target.typeOid, typmod: -1 })}`;
    }
    case 'constraint': {
      const table = catalog.tableByOid(target.tableOid)!;
      const constraint = table.constraints.find((candidate) => candidate.oid === target.oid)!;
      return `constraint ${constraint.name} on ${describeRelation(ddl, table)}`;
    }
    case 'default':
      return `default value for ${describeColumn(ddl, target.tableOid, target.attributeNumber)}`;
    case 'column':
      return describeColumn(ddl, target.tableOid, target.attributeNumber);
  }
}

export function describeColumn(
  ddl: DdlStatement,
  relationOid: number,
  attributeNumber: number,
): string {
  const relation = ddl.catalog.relationByOid(relationOid) as TableDescriptor;
  return `column ${relation.columns[attributeNumber - 1].name} of ${describeRelation(ddl, relation)}`;
}
