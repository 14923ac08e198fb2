// User types as far as values need them without a catalog: what an enum's places are called, and what
// pg_type says of enums, domains, composite types, the row types of relations and arrays of them. The
// catalog registers what it keeps (when a transaction makes it, and again when that ends), so that
// codecs, orders and type input find it by oid.

import { databaseError, type DatabaseError } from './errors.ts';
import { defineRangeType } from './value-types/range-types.ts';
import { forgetCollation, registerCollation } from './collations.ts';
import type { TypeDescriptor } from './types.ts';
import { registerRowFields } from './row-fields.ts';
import type { CatalogObject, ColumnDescriptor, EnumLabel, UserTypeDescriptor } from './schema.ts';
import { forgetEntry, registerEntry } from './user-entries.ts';
import { forgetRoutine, registerRoutine } from './user-routines.ts';
import {
  forgetType,
  registerType,
  type TypeCatalogFacts,
  typeByOid,
  typeDisplayName,
} from './type-registry.ts';

/** An enum's labels, both ways. Plain data, so that it can go to an executor thread. */
export interface EnumLabels {
  readonly labels: readonly EnumLabel[];
  readonly byLabel: ReadonlyMap<string, EnumLabel>;
  readonly byOrder: ReadonlyMap<number, EnumLabel>;
  /** Added by a transaction that has not ended: no value may have them yet. */
  readonly unsafe: ReadonlySet<string>;
}

const enums = new Map<number, EnumLabels>();

export function enumLabels(typeOid: number): EnumLabels | undefined {
  return enums.get(typeOid);
}

/** What registeredValueTypes() leaves out, for executor threads. */
export function registeredEnums(): readonly (readonly [number, EnumLabels])[] {
  return [...enums];
}

export function registerEnum(typeOid: number, labels: EnumLabels): void {
  enums.set(typeOid, labels);
}

/** 22P02, or 55P04 for a label that is too new. */
export function enumValue(typeOid: number, label: string): number {
  const labels = enums.get(typeOid);
  const found = labels?.byLabel.get(label);
  if (labels === undefined || found === undefined) {
    throw databaseError(
      'invalidTextRepresentation',
      `invalid input value for enum ${typeDisplayName(typeOid) ?? typeOid}: "${label}"`,
    );
  }
  if (labels.unsafe.has(label)) throw unsafeEnumValue(typeOid, label);
  return found.order;
}

export function unsafeEnumValue(typeOid: number, label: string): DatabaseError {
  return databaseError(
    'unsafeNewEnumValueUsage',
    `unsafe use of new value "${label}" of enum type ${typeDisplayName(typeOid) ?? typeOid}`,
    { hint: 'New enum values must be committed before they can be used.' },
  );
}

export function enumText(typeOid: number, value: number): string {
  const found = enums.get(typeOid)?.byOrder.get(value);
  if (found !== undefined) return found.label;
  throw databaseError(
    'invalidBinaryRepresentation',
    `invalid internal value for enum: ${String(value)}`,
  );
}

/** Makes an object's types known; `committed` is the object as others see it, if they do. */
export function registerTypesOf(object: CatalogObject, committed?: CatalogObject): void {
  switch (object.kind) {
    case 'table':
    case 'view':
      registerRowType(object);
      return;
    case 'type':
      registerUserType(object, committed?.kind === 'type' ? committed : undefined);
      return;
    case 'routine':
      registerRoutine(object);
      return;
    case 'entry':
      registerEntry(object);
      return;
    case 'collation':
      registerCollation(object);
      return;
    default:
  }
}

/** After DROP, or when the transaction that made them is rolled back. */
export function forgetTypesOf(object: CatalogObject): void {
  if (object.kind === 'table' || object.kind === 'view') {
    forgetType(object.rowTypeOid);
    if (object.rowArrayOid !== undefined) forgetType(object.rowArrayOid);
  } else if (object.kind === 'type') {
    forgetType(object.oid);
    forgetType(object.arrayOid);
    if (object.definition.type === 'range') {
      forgetType(object.definition.multirangeOid);
      forgetType(object.definition.multirangeArrayOid);
    }
    enums.delete(object.oid);
  } else if (object.kind === 'routine') {
    forgetRoutine(object.oid);
  } else if (object.kind === 'collation') {
    forgetCollation(object.oid);
  } else if (object.kind === 'entry') {
    forgetEntry(object);
  }
}

function registerRowType(relation: {
  readonly name: string;
  readonly rowTypeOid: number;
  readonly rowArrayOid?: number;
  readonly columns: readonly ColumnDescriptor[];
}): void {
  registerRowFields(relation.rowTypeOid, relation.columns);
  const { name, rowTypeOid: oid, rowArrayOid: arrayOid = 0 } = relation;
  registerType({ ...compositeType, oid, name, arrayOid, facts: compositeFacts });
  if (arrayOid !== 0) registerArray(arrayOid, `_${name}`, oid, 'd');
}

function registerUserType(type: UserTypeDescriptor, committed?: UserTypeDescriptor): void {
  const { oid, name, arrayOid, arrayName, definition } = type;
  const named = { oid, name, arrayOid };
  switch (definition.type) {
    case 'enum':
      registerType({ ...enumType, ...named, facts: enumFacts });
      registerArray(arrayOid, arrayName, oid, 'i');
      enums.set(oid, labelsOf(definition.labels, type, committed));
      return;
    case 'composite':
      registerType({ ...compositeType, ...named, facts: compositeFacts });
      registerRowFields(oid, definition.columns);
      registerArray(arrayOid, arrayName, oid, 'd');
      return;
    case 'domain': {
      const base = typeByOid(definition.base.oid);
      if (base === undefined) return;
      const facts: TypeCatalogFacts = {
        ...base.facts,
        input: domainIn,
        receive: domainReceive,
        modifierInput: 0,
        modifierOutput: 0,
        base: definition.base.oid,
        baseModifier: definition.base.typmod,
        collation: definition.base.collation ?? base.facts.collation,
      };
      registerType({ ...base, ...named, preferred: false, kind: 'domain', elementOid: 0, facts });
      registerArray(arrayOid, arrayName, oid, base.facts.alignment);
      return;
    }
    case 'range':
      registerRange(type, definition);
  }
}

function registerRange(
  { oid, name, arrayOid, arrayName }: UserTypeDescriptor,
  definition: Extract<UserTypeDescriptor['definition'], { readonly type: 'range' }>,
): void {
  const { multirangeOid, multirangeName, multirangeArrayOid, subtype } = definition;
  registerType({ ...rangeType, oid, name, arrayOid, facts: rangeFacts });
  registerArray(arrayOid, arrayName, oid, 'd');
  const multirange = { oid: multirangeOid, name: multirangeName, arrayOid: multirangeArrayOid };
  registerType({ ...rangeType, ...multirange, facts: multirangeFacts });
  registerArray(multirangeArrayOid, `_${multirangeName}`, multirangeOid, 'd');
  const { collation } = subtype;
  defineRangeType({
    rangeType: oid,
    multirangeType: multirangeOid,
    subtype: subtype.oid,
    ...(collation === undefined ? {} : { collation }),
  });
}

/** The oid that one of a type's names means: its own, its array's, or those of its multirange. */
export function oidOfTypeName(type: UserTypeDescriptor, name: string): number {
  const { definition } = type;
  if (type.name === name) return type.oid;
  if (definition.type !== 'range') return type.arrayOid;
  if (definition.multirangeName === name) return definition.multirangeOid;
  return `_${definition.multirangeName}` === name ? definition.multirangeArrayOid : type.arrayOid;
}

/** Labels that CREATE TYPE gave are values at once, those of ADD VALUE once they are committed. */
function labelsOf(
  labels: readonly EnumLabel[],
  type: UserTypeDescriptor,
  committed?: UserTypeDescriptor,
): EnumLabels {
  const registered = enums.get(type.oid);
  const old =
    committed?.definition.type === 'enum'
      ? committed.definition.labels
      : (registered?.labels.filter(({ label }) => !registered.unsafe.has(label)) ?? labels);
  const known = new Set(old.map((label) => label.oid));
  const added = labels.filter((label) => !known.has(label.oid));
  return {
    labels,
    byLabel: new Map(labels.map((label) => [label.label, label])),
    byOrder: new Map(labels.map((label) => [label.order, label])),
    unsafe: new Set(added.map((label) => label.label)),
  };
}

// ---- pg_type's facts, by kind (typecmds.c) -----------------------------------------------------

type Constant = Omit<TypeDescriptor, 'oid' | 'name' | 'arrayOid'>;
const common = { preferred: false, elementOid: 0, delimiter: ',' } as const;
const noModifier = { modifierInput: 0, modifierOutput: 0, base: 0, baseModifier: -1, collation: 0 };

const enumType: Constant = { ...common, length: 4, category: 'E', kind: 'enum' };
const enumFacts: TypeCatalogFacts = {
  ...noModifier,
  byValue: true,
  alignment: 'i',
  storage: 'p',
  input: 3506,
  output: 3507,
  receive: 3532,
  send: 3533,
};
const compositeType: Constant = { ...common, length: -1, category: 'C', kind: 'composite' };
const compositeFacts: TypeCatalogFacts = {
  ...noModifier,
  byValue: false,
  alignment: 'd',
  storage: 'x',
  input: 2290,
  output: 2291,
  receive: 2402,
  send: 2403,
};
const rangeType: Constant = { ...common, length: -1, category: 'R', kind: 'range' };
const rangeFacts: TypeCatalogFacts = {
  ...compositeFacts,
  input: 3834,
  output: 3835,
  receive: 3836,
  send: 3837,
};
const multirangeFacts: TypeCatalogFacts = {
  ...rangeFacts,
  input: 4231,
  output: 4232,
  receive: 4233,
  send: 4234,
};
const domainIn = 2597;
const domainReceive = 2598;
const arrayFacts: TypeCatalogFacts = {
  ...compositeFacts,
  input: 750,
  output: 751,
  receive: 2400,
  send: 2401,
};

function registerArray(oid: number, name: string, elementOid: number, alignment: string): void {
  registerType({
    oid,
    name,
    length: -1,
    category: 'A',
    preferred: false,
    kind: 'base',
    elementOid,
    arrayOid: 0,
    delimiter: typeByOid(elementOid)?.delimiter ?? ',',
    facts: {
      ...arrayFacts,
      alignment: alignment === 'd' ? 'd' : 'i',
      collation: typeByOid(elementOid)?.facts.collation ?? 0,
    },
  });
}
