// The objects of one database (or of the cluster) in memory, found by oid and by name. Immutable: a
// change yields a new index that shares nearly everything with the old one.

import type { CatalogObject, IndexDescriptor } from '#common';
import { PersistentMap } from './persistent-map.ts';

/** What a name or an oid leads to: an object, or an index inside its table. */
export type IndexedObject = CatalogObject | IndexDescriptor;

export class ObjectIndex {
  readonly #objects: PersistentMap<number, CatalogObject>;
  readonly #names: PersistentMap<string, number>;
  /** Parts of objects (indexes, constraints, row types) by oid: the object that they belong to. */
  readonly #parts: PersistentMap<number, number>;

  constructor(
    objects = new PersistentMap<number, CatalogObject>(),
    names = new PersistentMap<string, number>(),
    parts = new PersistentMap<number, number>(),
  ) {
    this.#objects = objects;
    this.#names = names;
    this.#parts = parts;
  }

  /** The index with an object put in the place of what has its oid, or with that removed. */
  with(oid: number, object: CatalogObject | undefined): ObjectIndex {
    const names: [string, number | undefined][] = [];
    const parts: [number, number | undefined][] = [];
    const old = this.#objects.get(oid);
    if (old !== undefined) {
      for (const [name] of namesOf(old)) names.push([name, undefined]);
      for (const part of partsOf(old)) parts.push([part, undefined]);
    }
    if (object !== undefined) {
      for (const [name, named] of namesOf(object)) names.push([name, named]);
      for (const part of partsOf(object)) parts.push([part, oid]);
    }
    return new ObjectIndex(
      this.#objects.with(oid, object),
      this.#names.withAll(names),
      this.#parts.withAll(parts),
    );
  }

  static of(objects: Iterable<CatalogObject>): ObjectIndex {
    const byOid = new Map<number, CatalogObject>();
    const names = new Map<string, number>();
    const parts = new Map<number, number>();
    for (const object of objects) {
      byOid.set(object.oid, object);
      for (const [name, named] of namesOf(object)) names.set(name, named);
      for (const part of partsOf(object)) parts.set(part, object.oid);
    }
    return new ObjectIndex(
      new PersistentMap(byOid),
      new PersistentMap(names),
      new PersistentMap(parts),
    );
  }

  object(oid: number): CatalogObject | undefined {
    return this.#objects.get(oid);
  }

  /** The object that an index, a constraint or a row type belongs to. */
  ownerOfPart(oid: number): CatalogObject | undefined {
    const owner = this.#parts.get(oid);
    return owner === undefined ? undefined : this.#objects.get(owner);
  }

  /** An object, or an index, by oid. */
  find(oid: number): IndexedObject | undefined {
    const object = this.#objects.get(oid);
    if (object !== undefined) return object;
    const table = this.ownerOfPart(oid);
    return table?.kind === 'table' ? table.indexes.find((index) => index.oid === oid) : undefined;
  }

  /** By the text of nameOf(). */
  named(name: string): IndexedObject | undefined {
    const oid = this.#names.get(name);
    return oid === undefined ? undefined : this.find(oid);
  }

  objects(): IterableIterator<CatalogObject> {
    return this.#objects.values();
  }
}

/** A name in its name space: relations of a schema share one, schemas, roles and databases have theirs. */
export function nameOf(space: number | 'schema' | 'role' | 'database', name: string): string {
  return `${space}.${name}`;
}

function namesOf(object: CatalogObject): (readonly [string, number])[] {
  switch (object.kind) {
    case 'schema':
    case 'role':
    case 'database':
      return [[nameOf(object.kind, object.name), object.oid]];
    case 'table':
      return [
        [nameOf(object.schemaOid, object.name), object.oid],
        ...object.indexes.map((index) => [nameOf(index.schemaOid, index.name), index.oid] as const),
      ];
    case 'view':
    case 'sequence':
      return [[nameOf(object.schemaOid, object.name), object.oid]];
  }
}

function partsOf(object: CatalogObject): number[] {
  switch (object.kind) {
    case 'table':
      return [
        object.rowTypeOid,
        ...object.indexes.map((index) => index.oid),
        ...object.constraints.map((constraint) => constraint.oid),
      ];
    case 'view':
      return [object.rowTypeOid];
    default:
      return [];
  }
}
