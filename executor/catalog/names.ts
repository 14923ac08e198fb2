// Names by oid and oids by name along a search path: regclass and its kin, pg_table_is_visible().

import {
  BuiltinOid,
  databaseError,
  elementTypeOf,
  moduleOfType,
  oidOfTypeName,
  quoteIdentifier,
  type RelationDescriptor,
  typeByName,
  typeByOid,
  typeDisplayName,
  TypeOid,
} from '#common';
import { moduleSchemaOid, moduleTypeNamed, typeNamed, typeText } from '#planner';
import type { StateCatalog } from './catalog.ts';

export class CatalogNames {
  readonly catalog: StateCatalog;
  readonly searchPath: readonly string[];
  private readonly schemaOids: readonly number[];

  constructor(catalog: StateCatalog, searchPath: readonly string[]) {
    this.catalog = catalog;
    this.searchPath = searchPath;
    this.schemaOids = searchPath.flatMap((name) => catalog.findSchema(name)?.oid ?? []);
  }

  /** By a possibly qualified and quoted name. 42602 for what is no name. */
  relation(name: string): RelationDescriptor | undefined {
    const parts = splitName(name);
    const relname = parts.at(-1)!;
    if (parts.length > 1) {
      const schema = this.catalog.findSchema(parts.at(-2)!);
      return schema === undefined ? undefined : this.catalog.findRelation(schema.oid, relname);
    }
    return this.relationOnPath(relname);
  }

  relationOnPath(name: string): RelationDescriptor | undefined {
    for (const schemaOid of this.schemaOids) {
      const relation = this.catalog.findRelation(schemaOid, name);
      if (relation !== undefined) return relation;
    }
    return undefined;
  }

  isVisible(relation: RelationDescriptor): boolean {
    return this.relationOnPath(relation.name)?.oid === relation.oid;
  }

  /** As SQL would have to name it here. */
  relationName(relation: RelationDescriptor): string {
    return this.isVisible(relation) ? quoteIdentifier(relation.name) : this.qualifiedName(relation);
  }

  qualifiedName(relation: RelationDescriptor): string {
    const schema = this.catalog.schemaByOid(relation.schemaOid)?.name ?? '';
    return `${quoteIdentifier(schema)}.${quoteIdentifier(relation.name)}`;
  }

  /** The oid of a type as SQL spells it ("integer", "text[]", a table's name). */
  typeOid(name: string): number | undefined {
    // In SQL, char is the type of character(1).
    const builtin = name === 'char' ? typeByOid(TypeOid.bpchar) : typeByName(name);
    if (builtin !== undefined) return builtin.oid;
    const context = { catalog: this.catalog, searchPath: this.searchPath, currentUser: '' };
    return typeNamed(name, context)?.oid;
  }

  /** format_type() without a modifier: names a type, not that of a column. */
  plainTypeName(oid: number): string | undefined {
    return this.typeName(oid, -1)?.replace(/^bpchar(?=$|\[)/, 'character');
  }

  /** format_type(). */
  typeName(oid: number, typmod: number): string | undefined {
    if (oid === TypeOid.interval) return intervalText(typmod);
    if (elementTypeOf(oid) === TypeOid.interval && typeDisplayName(oid) !== undefined) {
      return `${intervalText(typmod)}[]`;
    }
    if (oid >= BuiltinOid.firstUserOid) return this.userTypeName(oid);
    const module = moduleOfType(oid);
    if (module !== undefined) return this.moduleTypeName(oid, module);
    return typeByOid(oid) === undefined ? undefined : typeText({ oid, typmod });
  }

  /** pg_type.typname */
  storedTypeName(oid: number): string {
    const type = this.catalog.typeByOid(oid);
    if (type === undefined || type.oid === oid)
      return type?.name ?? this.catalog.rowType(oid)?.name ?? typeByOid(oid)?.name ?? '';
    return type.arrayOid === oid ? type.arrayName : (typeByOid(oid)?.name ?? '');
  }

  /** Is the schema of a module's extension on the search path? */
  isModuleSearched(module: string): boolean {
    const schemaOid = moduleSchemaOid(this.catalog, module);
    return schemaOid !== undefined && this.schemaOids.includes(schemaOid);
  }

  /** With its schema when that is not searched. */
  private moduleTypeName(oid: number, module: string): string {
    const text = typeText({ oid, typmod: -1 });
    const schemaOid = moduleSchemaOid(this.catalog, module);
    if (schemaOid === undefined || this.schemaOids.includes(schemaOid)) return text;
    return `${quoteIdentifier(this.catalog.schemaByOid(schemaOid)?.name ?? '')}.${text}`;
  }

  private userTypeName(oid: number): string | undefined {
    const element = elementTypeOf(oid);
    if (element !== 0) {
      const name = this.userTypeName(element);
      return name === undefined ? undefined : `${name}[]`;
    }
    const type = this.catalog.typeByOid(oid) ?? this.catalog.rowType(oid);
    if (type === undefined) return undefined;
    // A multirange type is part of its range type's descriptor.
    const name = 'oid' in type && type.oid !== oid ? (typeByOid(oid)?.name ?? '') : type.name;
    if (this.typeIsVisible(name, oid)) return quoteIdentifier(name);
    const schema = this.catalog.schemaByOid(type.schemaOid)?.name ?? '';
    return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
  }

  /** Is it what the bare name means along the search path? */
  typeIsVisible(name: string, oid: number): boolean {
    return this.typeOnPath(name) === oid;
  }

  private schemaOf(moduleType: number): number | undefined {
    return moduleSchemaOid(this.catalog, moduleOfType(moduleType) ?? '');
  }

  private typeOnPath(name: string): number | undefined {
    for (const schemaOid of this.schemaOids) {
      if (schemaOid === BuiltinOid.pgCatalogSchema) {
        const builtin = typeByName(name);
        if (builtin !== undefined) return builtin.oid;
      }
      const brought = moduleTypeNamed(this.catalog, name);
      if (brought !== undefined && this.schemaOf(brought.oid) === schemaOid) return brought.oid;
      const type = this.catalog.findType(schemaOid, name);
      if (type !== undefined) return oidOfTypeName(type, name);
      const relation = this.catalog.findRelation(schemaOid, name);
      if (relation !== undefined && 'rowTypeOid' in relation) return relation.rowTypeOid;
    }
    return undefined;
  }
}

/** Quoted parts keep their letters; 42602 for what is no name. */
export function splitName(text: string): string[] {
  const parts: string[] = [];
  const pattern = /\s*(?:"((?:[^"]|"")+)"|([^\s".]+))\s*(\.|$)/y;
  for (;;) {
    const match = pattern.exec(text);
    if (match === null) throw databaseError('invalidName', 'invalid name syntax');
    parts.push(match[1]?.replaceAll('""', '"') ?? match[2].toLowerCase());
    if (match[3] !== '.') return parts;
  }
}

const fieldBits: readonly (readonly [number, string])[] = [
  [4, ' year'],
  [2, ' month'],
  [8, ' day'],
  [1024, ' hour'],
  [2048, ' minute'],
  [4096, ' second'],
  [6, ' year to month'],
  [1032, ' day to hour'],
  [3080, ' day to minute'],
  [7176, ' day to second'],
  [3072, ' hour to minute'],
  [7168, ' hour to second'],
  [6144, ' minute to second'],
];
const allFields = 0x7fff;
const fullPrecision = 0xffff;

function intervalText(typmod: number): string {
  if (typmod < 0) return 'interval';
  const fields = (typmod >> 16) & allFields;
  const precision = typmod & fullPrecision;
  const name = fieldBits.find(([bits]) => bits === fields)?.[1] ?? '';
  return `interval${name}${precision === fullPrecision ? '' : `(${precision})`}`;
}
