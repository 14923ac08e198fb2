// CREATE OPERATOR CLASS and FAMILY, ALTER OPERATOR FAMILY (opclasscmds.c). Each operator and function of a
// family is an entry of its own, so that it can be dropped, described and depended upon.

import type {
  AlterOpFamilyStmt,
  CreateOpClassItem,
  CreateOpClassStmt,
  CreateOpFamilyStmt,
} from '@pgsql/types';
import {
  databaseError,
  type DatabaseError,
  type Entry,
  type EntryUse,
  type SchemaDescriptor,
} from '#common';
import { bindTypeNode, bodyOf, stringsOf } from '#planner';
import { checkWritableSchema, type DdlStatement } from '../statement.ts';
import { addEntry } from './alter-entries.ts';
import { requireSuperuser } from './entry-owner.ts';
import { inMethod, operatorOf, requireFunction, requireNamed, typeOf } from './entry-references.ts';
import { checkFunction, checkOperator, methodLimits } from './operator-class-rules.ts';

type Method = Entry<'accessMethod'>;
type Family = Entry<'operatorFamily'>;

/** Values of CreateOpClassItem.itemtype (parsenodes.h). */
const itemType = { operator: 1, function: 2, storage: 3 } as const;

function invalid(message: string): DatabaseError {
  return databaseError('invalidObjectDefinition', message);
}

export function createOperatorFamily(ddl: DdlStatement, statement: CreateOpFamilyStmt): string {
  const parts = stringsOf(statement.opfamilyname);
  const schema = placeOf(ddl, parts);
  const method = requireNamed(ddl, 'accessMethod', statement.amname ?? '');
  requireSuperuser(ddl, 'must be superuser to create an operator family');
  addFamily(ddl, schema, parts.at(-1) ?? '', method);
  return 'CREATE OPERATOR FAMILY';
}

function placeOf(ddl: DdlStatement, parts: readonly string[]): SchemaDescriptor {
  const schema = ddl.creationSchema(parts.at(-2));
  checkWritableSchema(schema, parts.at(-1) ?? '');
  return schema;
}

function addFamily(
  ddl: DdlStatement,
  schema: SchemaDescriptor,
  name: string,
  method: Method,
): Family {
  return addEntry(ddl, {
    name,
    schema,
    definition: { class: 'operatorFamily', method: method.oid },
    uses: [{ oid: method.oid }],
  });
}

export function createOperatorClass(ddl: DdlStatement, statement: CreateOpClassStmt): string {
  const parts = stringsOf(statement.opclassname);
  const name = parts.at(-1) ?? '';
  const schema = placeOf(ddl, parts);
  const method = requireNamed(ddl, 'accessMethod', statement.amname ?? '');
  requireSuperuser(ddl, 'must be superuser to create an operator class');
  const inputType = bindTypeNode(statement.datatype!, ddl.bindContext).oid;
  const isDefault = statement.isDefault === true;
  if (ddl.catalog.findEntry('operatorClass', schema.oid, `${method.oid} ${name}`) !== undefined) {
    throw databaseError(
      'duplicateObject',
      `operator class "${name}" for access method "${method.name}" already exists`,
    );
  }
  const family = familyFor(ddl, statement, { schema, name, method });
  const items = (statement.items ?? []).map((node) => bodyOf(node, 'CreateOpClassItem')!);
  const keyType = storageType(ddl, items, method, inputType);
  const members = items.flatMap((item) => readMember(ddl, item, { method, inputType }) ?? []);
  refuseTwice(ddl, members);
  const typeText = stringsOf(statement.datatype?.names).join('.');
  if (isDefault) refuseSecondDefault(ddl, { name, method, inputType, typeText });
  const made = addEntry(ddl, {
    name,
    schema,
    definition: {
      class: 'operatorClass',
      method: method.oid,
      family: family.oid,
      inputType,
      keyType,
      isDefault,
    },
    uses: [{ oid: family.oid, bond: 'auto' }, { oid: inputType }, { oid: keyType }],
  });
  for (const member of members) addMember(ddl, family, member, { oid: made.oid, bond: 'internal' });
  return 'CREATE OPERATOR CLASS';
}

/** FAMILY, or the one of the class's name, made if it is not there. */
function familyFor(
  ddl: DdlStatement,
  statement: CreateOpClassStmt,
  {
    schema,
    name,
    method,
  }: { readonly schema: SchemaDescriptor; readonly name: string; readonly method: Method },
): Family {
  if (statement.opfamilyname !== undefined) {
    return requireFamily(ddl, method.name, stringsOf(statement.opfamilyname));
  }
  const known = ddl.catalog.findEntry('operatorFamily', schema.oid, `${method.oid} ${name}`);
  return known ?? addFamily(ddl, schema, name, method);
}

function requireFamily(ddl: DdlStatement, method: string, parts: readonly string[]): Family {
  const reference = inMethod(ddl, 'operatorFamily', { method, parts });
  if (reference.entry === undefined) throw reference.missing();
  return reference.entry;
}

function storageType(
  ddl: DdlStatement,
  items: readonly CreateOpClassItem[],
  method: Method,
  inputType: number,
): number {
  const [storage, second] = items.filter(({ itemtype }) => itemtype === itemType.storage);
  if (second !== undefined) throw invalid('storage type specified more than once');
  if (storage === undefined) return 0;
  const type = bindTypeNode(storage.storedtype!, ddl.bindContext).oid;
  if (type === inputType) return 0;
  if (methodLimits(method).hasStorage) return type;
  throw invalid(
    `storage type cannot be different from data type for access method "${method.name}"`,
  );
}

interface Member {
  readonly kind: 'operator' | 'function';
  readonly number: number;
  readonly left: number;
  readonly right: number;
  readonly oid: number;
  readonly sortFamily: number;
}

/** An OPERATOR or FUNCTION of a class or of ALTER … ADD; undefined for STORAGE. 42P17. */
function readMember(
  ddl: DdlStatement,
  item: CreateOpClassItem,
  place: { readonly method: Method; readonly inputType: number },
): Member | undefined {
  if (item.itemtype === itemType.storage) return undefined;
  const { method, inputType } = place;
  const number = requireNumber(item, method);
  const parts = stringsOf(item.name?.objname);
  if (item.itemtype === itemType.operator) {
    const args = item.name?.objargs;
    if (args === undefined && inputType === 0) {
      throw databaseError(
        'syntaxError',
        'operator argument types must be specified in ALTER OPERATOR FAMILY',
      );
    }
    const [left, right] =
      args === undefined ? [inputType, inputType] : args.map((node) => typeOf(ddl, node));
    const reference = operatorOf(ddl, parts, left, right);
    if (reference.entry === undefined) throw reference.missing();
    const sortFamily =
      item.order_family === undefined
        ? 0
        : requireFamily(ddl, 'btree', stringsOf(item.order_family)).oid;
    checkOperator(method, reference.entry, sortFamily !== 0);
    return { kind: 'operator', number, left, right, oid: reference.entry.oid, sortFamily };
  }
  const types = (item.name?.objargs ?? []).map((node) => typeOf(ddl, node));
  const oid = requireFunction(ddl, parts, types);
  const given = (item.class_args ?? []).map((node) => typeOf(ddl, node));
  if (given.length > 2)
    throw databaseError('syntaxError', 'one or two argument types must be specified');
  const written = given.length === 0 ? undefined : { left: given[0], right: given.at(-1)! };
  const { left, right } = checkFunction(method, { number, oid, inputType, written });
  return { kind: 'function', number, left, right, oid, sortFamily: 0 };
}

function requireNumber(item: CreateOpClassItem, method: Method): number {
  const isOperator = item.itemtype === itemType.operator;
  const { operatorsMax, functionsMax } = methodLimits(method);
  const most = isOperator ? operatorsMax : functionsMax;
  const number = item.number ?? 0;
  if (number >= 1 && number <= most) return number;
  throw invalid(
    `invalid ${isOperator ? 'operator' : 'function'} number ${number}, must be between 1 and ${most}`,
  );
}

function typePair(ddl: DdlStatement, { left, right }: Pick<Member, 'left' | 'right'>): string {
  const text = (oid: number): string => (oid === 0 ? 'none' : ddl.typeText({ oid, typmod: -1 }));
  return `${text(left)},${text(right)}`;
}

function refuseTwice(ddl: DdlStatement, members: readonly Member[]): void {
  for (const [place, member] of members.entries()) {
    const isSecond = members.slice(0, place).some((other) => isSame(other, member));
    if (!isSecond) continue;
    throw invalid(
      `${member.kind} number ${member.number} for (${typePair(ddl, member)}) appears more than once`,
    );
  }
}

function isSame(
  left: Omit<Member, 'oid' | 'sortFamily'>,
  right: Omit<Member, 'oid' | 'sortFamily'>,
): boolean {
  return (
    left.kind === right.kind &&
    left.number === right.number &&
    left.left === right.left &&
    left.right === right.right
  );
}

function refuseSecondDefault(
  ddl: DdlStatement,
  {
    name,
    method,
    inputType,
    typeText,
  }: {
    readonly name: string;
    readonly method: Method;
    readonly inputType: number;
    readonly typeText: string;
  },
): void {
  for (const { definition, name: other } of ddl.catalog.allEntries('operatorClass')) {
    const { method: oid, inputType: type, isDefault } = definition;
    if (!isDefault || oid !== method.oid || type !== inputType) continue;
    throw databaseError(
      'duplicateObject',
      `could not make operator class "${name}" be default for type ${typeText}`,
      { detail: `Operator class "${other}" already is the default.` },
    );
  }
}

/** The member of a family at a place; users' and the server's own. */
function memberAt(
  ddl: DdlStatement,
  family: Family,
  { kind, number, left, right }: Omit<Member, 'oid' | 'sortFamily'>,
): Entry<'familyOperator'> | Entry<'familyFunction'> | undefined {
  const key = `${family.oid} ${left} ${right} ${number}`;
  const name = kind === 'operator' ? 'familyOperator' : 'familyFunction';
  return ddl.catalog.findEntry<'familyOperator' | 'familyFunction'>(name, 0, key) as
    | Entry<'familyOperator'>
    | Entry<'familyFunction'>
    | undefined;
}

function addMember(ddl: DdlStatement, family: Family, member: Member, home: EntryUse): void {
  if (memberAt(ddl, family, member) !== undefined) {
    throw databaseError(
      'duplicateObject',
      `${member.kind} ${member.number}(${typePair(ddl, member)}) already exists in operator family "${family.name}"`,
    );
  }
  const { left, right, number, oid, sortFamily } = member;
  const common = { method: family.definition.method, family: family.oid, left, right };
  addEntry(ddl, {
    definition:
      member.kind === 'operator'
        ? { class: 'familyOperator', ...common, strategy: number, operator: oid, sortFamily }
        : { class: 'familyFunction', ...common, number, functionOid: oid },
    uses: [{ oid }, { oid: left }, { oid: right }, { oid: sortFamily }, home],
  });
}

export function alterOperatorFamily(ddl: DdlStatement, statement: AlterOpFamilyStmt): string {
  const method = requireNamed(ddl, 'accessMethod', statement.amname ?? '');
  const family = requireFamily(ddl, method.name, stringsOf(statement.opfamilyname));
  requireSuperuser(ddl, 'must be superuser to alter an operator family');
  const items = (statement.items ?? []).map((node) => bodyOf(node, 'CreateOpClassItem')!);
  if (items.some(({ itemtype }) => itemtype === itemType.storage)) {
    throw databaseError('syntaxError', 'STORAGE cannot be specified in ALTER OPERATOR FAMILY');
  }
  if (statement.isDrop === true) dropMembers(ddl, family, method, items);
  else {
    const members = items.flatMap((item) => readMember(ddl, item, { method, inputType: 0 }) ?? []);
    refuseTwice(ddl, members);
    for (const member of members) addMember(ddl, family, member, { oid: family.oid, bond: 'auto' });
  }
  return 'ALTER OPERATOR FAMILY';
}

function dropMembers(
  ddl: DdlStatement,
  family: Family,
  method: Method,
  items: readonly CreateOpClassItem[],
): void {
  for (const item of items) {
    const number = requireNumber(item, method);
    const types = (item.class_args ?? []).map((node) => typeOf(ddl, node));
    if (types.length > 2)
      throw databaseError('syntaxError', 'one or two argument types must be specified');
    const kind = item.itemtype === itemType.operator ? 'operator' : 'function';
    const place = { kind, number, left: types[0], right: types.at(-1)! } as const;
    const member = memberAt(ddl, family, place);
    if (member === undefined) {
      throw databaseError(
        'undefinedObject',
        `${kind} ${number}(${typePair(ddl, place)}) does not exist in operator family "${family.name}"`,
      );
    }
    ddl.changes.remove(member);
  }
}
