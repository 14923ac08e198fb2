// The objects of one database (or of the cluster) in memory, found by oid and by name. Immutable: a
// change yields a new index that shares nearly everything with the old one.

import {
  type CatalogObject,
  type EntryClass,
  type EntryDescriptor,
  entryKey,
  type IndexDescriptor,
  inputParameters,
  type RoutineDescriptor,
  type TableDescriptor,
  type ViewDescriptor,
  type UserTypeDescriptor,
} from '#common';
import { PersistentMap } from './persistent-map.ts';

/** What a name or an oid leads to: an object, or an index inside its table. */
export type IndexedObject = CatalogObject | IndexDescriptor;

export class ObjectIndex {
  readonly #objects: PersistentMap<number, CatalogObject>;
  readonly #names: PersistentMap<string, number>;
  /** Parts of objects (indexes, constraints, row types) by oid: the object that they belong to. */
  readonly #parts: PersistentMap<number, number>;
  /** Routines of all schemas by their name alone. */
  readonly #routines: PersistentMap<string, readonly RoutineDescriptor[]>;
  /** Entries of all schemas by their class. */
  readonly #entries: PersistentMap<EntryClass, readonly EntryDescriptor[]>;

  constructor(
    objects = new PersistentMap<number, CatalogObject>(),
    names = new PersistentMap<string, number>(),
    parts = new PersistentMap<number, number>(),
    routines = new PersistentMap<string, readonly RoutineDescriptor[]>(),
    entries = new PersistentMap<EntryClass, readonly EntryDescriptor[]>(),
  ) {
    this.#objects = objects;
    this.#names = names;
    this.#parts = parts;
    this.#routines = routines;
    this.#entries = entries;
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
      this.#routinesWith(old, object),
      this.#entriesWith(old, object),
    );
  }

  #routinesWith(
    old: CatalogObject | undefined,
    object: CatalogObject | undefined,
  ): PersistentMap<string, readonly RoutineDescriptor[]> {
    let routines = this.#routines;
    if (old?.kind === 'routine') {
      const left = (routines.get(old.name) ?? []).filter((each) => each.oid !== old.oid);
      routines = routines.with(old.name, left.length === 0 ? undefined : left);
    }
    if (object?.kind === 'routine') {
      routines = routines.with(object.name, [...(routines.get(object.name) ?? []), object]);
    }
    return routines;
  }

  #entriesWith(
    old: CatalogObject | undefined,
    object: CatalogObject | undefined,
  ): PersistentMap<EntryClass, readonly EntryDescriptor[]> {
    const changed = object?.kind === 'entry' ? object : old?.kind === 'entry' ? old : undefined;
    if (changed === undefined) return this.#entries;
    const name = changed.definition.class;
    const left = this.entriesOf(name).filter(({ oid }) => oid !== changed.oid);
    return this.#entries.with(name, object?.kind === 'entry' ? [...left, object] : left);
  }

  static of(objects: Iterable<CatalogObject>): ObjectIndex {
    const byOid = new Map<number, CatalogObject>();
    const names = new Map<string, number>();
    const parts = new Map<number, number>();
    const routines = new Map<string, RoutineDescriptor[]>();
    const entries = new Map<EntryClass, EntryDescriptor[]>();
    for (const object of objects) {
      byOid.set(object.oid, object);
      for (const [name, named] of namesOf(object)) names.set(name, named);
      for (const part of partsOf(object)) parts.set(part, object.oid);
      if (object.kind === 'entry') {
        const { class: name } = object.definition;
        entries.set(name, [...(entries.get(name) ?? []), object]);
      }
      if (object.kind !== 'routine') continue;
      const named = routines.get(object.name);
      if (named === undefined) routines.set(object.name, [object]);
      else named.push(object);
    }
    return new ObjectIndex(
      new PersistentMap(byOid),
      new PersistentMap(names),
      new PersistentMap(parts),
      new PersistentMap(routines),
      new PersistentMap(entries),
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
    const owner = this.ownerOfPart(oid);
    if (owner?.kind === 'type') return owner;
    return owner?.kind === 'table' ? owner.indexes.find((index) => index.oid === oid) : undefined;
  }

  /** By the text of nameOf(). */
  named(name: string): IndexedObject | undefined {
    const oid = this.#names.get(name);
    return oid === undefined ? undefined : this.find(oid);
  }

  routinesNamed(name: string): readonly RoutineDescriptor[] {
    return this.#routines.get(name) ?? noRoutines;
  }

  entriesOf(name: EntryClass): readonly EntryDescriptor[] {
    return this.#entries.get(name) ?? noEntries;
  }

  objects(): IterableIterator<CatalogObject> {
    return this.#objects.values();
  }
}

const noRoutines: readonly RoutineDescriptor[] = [];
const noEntries: readonly EntryDescriptor[] = [];

/** Routines of a schema may share a name if their parameters differ. */
export function routineIdentity(routine: RoutineDescriptor): string {
  const types = inputParameters(routine).map((parameter) => parameter.type);
  return nameOf(`routine ${routine.schemaOid}`, `${routine.name}(${types.join(',')})`);
}

/** A name in its name space: relations of a schema share one, schemas, roles and databases have theirs. */
export function nameOf(space: NameSpace, name: string): string {
  return `${space}.${name}`;
}

export type NameSpace =
  | number
  | 'schema'
  | 'role'
  | 'database'
  | `type ${number}`
  | `collation ${number}`
  | `routine ${number}`
  | `entry ${EntryClass} ${number}`;

/** Types made by users; the row types of a schema's relations are named as these are. */
export function typeSpace(schemaOid: number): NameSpace {
  return `type ${schemaOid}`;
}

/** Entries of a class in a schema (0: in none); their names there are those of entryKey(). */
export function entrySpace(name: EntryClass, schemaOid: number): NameSpace {
  return `entry ${name} ${schemaOid}`;
}

function rowTypesOf(relation: {
  readonly rowTypeOid: number;
  readonly rowArrayOid?: number;
}): number[] {
  const { rowTypeOid, rowArrayOid } = relation;
  return rowArrayOid === undefined ? [rowTypeOid] : [rowTypeOid, rowArrayOid];
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
    case 'collation':
      return [[nameOf(`collation ${object.schemaOid}`, object.name), object.oid]];
    case 'routine':
      return [[routineIdentity(object), object.oid]];
    case 'entry': {
      const space = entrySpace(object.definition.class, object.schemaOid);
      return [[nameOf(space, entryKey(object)), object.oid]];
    }
    case 'type':
      return [
        [nameOf(typeSpace(object.schemaOid), object.name), object.oid],
        [nameOf(typeSpace(object.schemaOid), object.arrayName), object.arrayOid],
        ...multirangeNames(object),
      ];
  }
}

function triggersAndRules(relation: TableDescriptor | ViewDescriptor): number[] {
  return [...(relation.triggers ?? []), ...(relation.rules ?? [])].map(({ oid }) => oid);
}

function multirangeNames({ schemaOid, definition }: UserTypeDescriptor): [string, number][] {
  if (definition.type !== 'range') return [];
  const { multirangeName, multirangeOid, multirangeArrayOid } = definition;
  return [
    [nameOf(typeSpace(schemaOid), multirangeName), multirangeOid],
    [nameOf(typeSpace(schemaOid), `_${multirangeName}`), multirangeArrayOid],
  ];
}

function partsOfType(definition: UserTypeDescriptor['definition']): number[] {
  switch (definition.type) {
    case 'composite':
      return [definition.relationOid];
    case 'domain':
      return definition.constraints.map(({ oid }) => oid);
    case 'enum':
      return definition.labels.map(({ oid }) => oid);
    case 'range':
      return [definition.multirangeOid, definition.multirangeArrayOid];
  }
}

function partsOf(object: CatalogObject): number[] {
  switch (object.kind) {
    case 'table':
      return [
        ...(object.policies ?? []).map((policy) => policy.oid),
        ...rowTypesOf(object),
        ...object.indexes.map((index) => index.oid),
        ...object.constraints.map((constraint) => constraint.oid),
        ...triggersAndRules(object),
      ];
    case 'view':
      return [...rowTypesOf(object), ...triggersAndRules(object)];
    case 'type':
      return [object.arrayOid, ...partsOfType(object.definition)];
    default:
      return [];
  }
}
