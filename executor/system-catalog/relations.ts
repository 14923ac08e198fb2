// The relations of pg_catalog and information_schema by name and oid, decoded from the generated facts
// at first use.

import { BuiltinOid, type ColumnDescriptor, type SystemRelationDescriptor } from '#common';
import { relationsText } from './facts/generated/relations.ts';
import { ownRelationLines } from './own-relations.ts';

export interface SystemRelation extends SystemRelationDescriptor {
  /** pg_class.relkind: a table or a view in PostgreSQL; both are computed here. */
  readonly relationKind: 'r' | 'v';
}

interface SystemRelationTables {
  readonly all: readonly SystemRelation[];
  readonly byOid: ReadonlyMap<number, SystemRelation>;
  readonly byName: ReadonlyMap<string, SystemRelation>;
}

let tables: SystemRelationTables | undefined;

export function systemRelations(): readonly SystemRelation[] {
  return relationTables().all;
}

export function systemRelationByOid(oid: number): SystemRelation | undefined {
  return relationTables().byOid.get(oid);
}

export function systemRelationNamed(schemaOid: number, name: string): SystemRelation | undefined {
  return relationTables().byName.get(`${schemaOid}.${name}`);
}

function relationTables(): SystemRelationTables {
  if (tables === undefined) {
    const all = [...relationsText.split('\n'), ...ownRelationLines].map(decodeRelation);
    tables = {
      all,
      byOid: new Map(all.map((relation) => [relation.oid, relation])),
      byName: new Map(all.map((relation) => [`${relation.schemaOid}.${relation.name}`, relation])),
    };
  }
  return tables;
}

function decodeRelation(line: string): SystemRelation {
  const [oid, schema, name, kind, rowType, columns] = line.split('\t') as [
    string,
    string,
    string,
    'r' | 'v',
    string,
    string,
  ];
  return {
    kind: 'system',
    oid: Number(oid),
    name,
    schemaOid: schema === 'pg_catalog' ? BuiltinOid.pgCatalogSchema : BuiltinOid.informationSchema,
    owner: BuiltinOid.bootstrapRole,
    rowTypeOid: Number(rowType),
    columns: columns.split(',').map(decodeColumn),
    relationKind: kind,
  };
}

function decodeColumn(text: string, index: number): ColumnDescriptor {
  const [name, type, modifier, notNull] = text.split(':') as [string, string, string, string?];
  return {
    name,
    attributeNumber: index + 1,
    type: { oid: Number(type), typmod: Number(modifier) },
    notNull: notNull === 'n',
    dropped: false,
  };
}
