// has_…_privilege() and pg_has_role(): what roles may, by name or oid of the role and of the object.
// What does not exist is an error when it is named, null when it is an oid; an unknown privilege is
// 22023. Several privileges are separated by commas: one of them is enough.

import {
  databaseError,
  type Datum,
  type EntryClass,
  type RelationDescriptor,
  TypeOid,
  ArrayValue,
} from '#common';
import {
  columnGrantable,
  defaultAcl,
  formatAcl,
  type Grantable,
  type GrantableKind,
  grantableRights,
  hasPrivilegesOf,
  heldRights,
  isMemberOf,
  mayOnSchema,
  privilegeLetters,
  publicGrantee,
  relationGrantable,
  secretRelations,
} from '#planner';
import { aclTexts } from './acl-text.ts';
import type { CatalogQuestion } from './catalog-access.ts';
import { entryClasses } from './entry-classes.ts';
import type { CatalogFunction, CatalogFunctions } from './catalog-functions.ts';
import { functionNamed } from './function-name.ts';
import { splitName } from './names.ts';

const textOf = (value: Datum | undefined): string => (typeof value === 'string' ? value : '');

const tableLetters = 'arwdDxt';

interface Wanted {
  readonly letter: string;
  readonly grantOption: boolean;
}

type Check = (role: number, wanted: Wanted) => boolean;

/** [role,] object, privilege. `find` gives how to check the object; null: there is none of the oid. */
function privilege(
  letters: string,
  find: (question: CatalogQuestion, object: Datum) => Check | null,
): CatalogFunction {
  return (question, args) => {
    if (args.some((argument) => argument === null)) return null;
    const role = args.length === 3 ? roleOf(question, args[0]) : question.session.currentUser.oid;
    const wanted = readWanted(textOf(args.at(-1)), letters);
    const check = find(question, args.at(-2)!);
    return check === null ? null : wanted.some((each) => check(role, each));
  };
}

function roleOf({ catalog }: CatalogQuestion, role: Datum): number {
  if (typeof role !== 'string') return Number(role);
  if (role === 'public') return publicGrantee;
  const found = catalog.findRole(role);
  if (found === undefined) throw databaseError('undefinedObject', `role "${role}" does not exist`);
  return found.oid;
}

function readWanted(text: string, letters: string): Wanted[] {
  return text.split(',').map((part) => {
    const match = /^\s*(.*?)(\s+WITH GRANT OPTION)?\s*$/i.exec(part)!;
    // The privilege RULE is no more, but is still known by name.
    if (match[1].toLowerCase() === 'rule' && letters === tableLetters)
      return { letter: '', grantOption: false };
    const letter = privilegeLetters[match[1].toLowerCase()] ?? '';
    if (letter === '' || !letters.includes(letter)) {
      throw databaseError('invalidParameterValue', `unrecognized privilege type: "${part.trim()}"`);
    }
    return { letter, grantOption: match[2] !== undefined };
  });
}

function holds({ catalog }: CatalogQuestion, object: Grantable): Check {
  return (role, { letter, grantOption }) =>
    letter !== '' &&
    (grantOption
      ? grantableRights(catalog, role, object, letter)
      : heldRights(catalog, role, object, letter)) !== '';
}

function relationOf({ catalog, names }: CatalogQuestion, object: Datum): RelationDescriptor | null {
  if (typeof object !== 'string') return catalog.relationByOid(Number(object)) ?? null;
  const found = names.relation(object);
  if (found === undefined) {
    requireSchema(catalog, splitName(object));
    throw databaseError('undefinedTable', `relation "${object}" does not exist`);
  }
  return found;
}

function requireSchema(catalog: CatalogQuestion['catalog'], parts: readonly string[]): void {
  const schema = parts.at(-2);
  if (schema !== undefined && catalog.findSchema(schema) === undefined)
    throw databaseError('invalidSchemaName', `schema "${schema}" does not exist`);
}

function functionOf({ catalog, names }: CatalogQuestion, text: string): number {
  const oid = functionNamed(names, text);
  if (oid !== undefined) return oid;
  requireSchema(catalog, splitName(text.split('(')[0]));
  throw databaseError('undefinedFunction', `function "${text}" does not exist`);
}

function typeOf({ catalog, names }: CatalogQuestion, text: string): number {
  const oid = names.typeOid(text);
  if (oid !== undefined) return oid;
  requireSchema(catalog, splitName(text));
  throw databaseError('undefinedObject', `type "${text}" does not exist`);
}

function relationCheck(question: CatalogQuestion, relation: RelationDescriptor): Check {
  if (relation.kind === 'index') return () => false;
  if (relation.kind !== 'system') return holds(question, relationGrantable(relation));
  const { owner, name } = relation;
  const acl = secretRelations.has(name) ? [] : [`${publicGrantee}=r/${owner}`];
  return holds(question, { kind: 'table', owner, acl });
}

const columnLetters = 'arwx';

const table = privilege(tableLetters, (question, object) => {
  const relation = relationOf(question, object);
  return relation === null ? null : relationCheck(question, relation);
});

const sequence = privilege('rwU', (question, object) => {
  const relation = relationOf(question, object);
  if (relation === null) return null;
  if (relation.kind !== 'sequence')
    throw databaseError('wrongObjectType', `"${relation.name}" is not a sequence`);
  return relationCheck(question, relation);
});

const anyColumn = privilege(columnLetters, (question, object) => {
  const relation = relationOf(question, object);
  if (relation === null) return null;
  const whole = relationCheck(question, relation);
  if (!('columns' in relation) || relation.kind === 'index') return whole;
  const checks = relation.columns
    .filter((column) => !column.dropped)
    .map((column) => holds(question, columnGrantable(column, relation.owner)));
  return (role, wanted) => whole(role, wanted) || checks.some((check) => check(role, wanted));
});

/** [role,] table, column, privilege */
const column: CatalogFunction = (question, args) => {
  const named = args.at(-2)!;
  const check = privilege(columnLetters, (_question, object) => {
    const relation = relationOf(question, object);
    if (relation === null || !('columns' in relation) || relation.kind === 'index') return null;
    const found = relation.columns.find((each) =>
      typeof named === 'string' ? each.name === named : each.attributeNumber === Number(named),
    );
    if (found === undefined || found.dropped) {
      if (typeof named !== 'string') return null;
      throw databaseError(
        'undefinedColumn',
        `column "${named}" of relation "${relation.name}" does not exist`,
      );
    }
    const whole = relationCheck(question, relation);
    const own = holds(question, columnGrantable(found, relation.owner));
    return (role, wanted) => whole(role, wanted) || own(role, wanted);
  });
  return args.includes(null) ? null : check(question, args.toSpliced(-2, 1));
};

const schema = privilege('UC', (question, object) => {
  const { catalog } = question;
  const found =
    typeof object === 'string' ? catalog.findSchema(object) : catalog.schemaByOid(Number(object));
  if (found === undefined) {
    if (typeof object !== 'string') return null;
    throw databaseError('invalidSchemaName', `schema "${object}" does not exist`);
  }
  const { owner, acl } = found;
  const object_: Grantable = { kind: 'schema', owner, ...(acl === undefined ? {} : { acl }) };
  const listed = holds(question, object_);
  return (role, wanted) =>
    wanted.grantOption
      ? listed(role, wanted)
      : mayOnSchema(catalog, role, found, wanted.letter === 'C' ? 'C' : 'U');
});

const database = privilege('CTc', (question, object) => {
  const { catalog } = question;
  const all = [...catalog.databases()];
  const found = all.find(({ oid, name }) =>
    typeof object === 'string' ? name === object : oid === Number(object),
  );
  if (found === undefined) {
    if (typeof object !== 'string') return null;
    throw databaseError('invalidCatalogName', `database "${object}" does not exist`);
  }
  const { owner, acl } = found;
  return holds(question, { kind: 'database', owner, ...(acl === undefined ? {} : { acl }) });
});

/** Objects that have no list unless a user made them. */
function openTo(
  kind: GrantableKind,
  letters: string,
  named: (question: CatalogQuestion, text: string) => number,
  find: (
    question: CatalogQuestion,
    oid: number,
  ) => { readonly owner: number; readonly acl?: readonly string[] } | undefined,
): CatalogFunction {
  return privilege(letters, (question, object) => {
    const oid = typeof object === 'string' ? named(question, object) : Number(object);
    const found = find(question, oid);
    if (found === undefined) return holds(question, { kind, owner: 0 });
    const { owner, acl } = found;
    return holds(question, { kind, owner, ...(acl === undefined ? {} : { acl }) });
  });
}

/** Entries without a schema, by name or oid. */
function onEntry(name: EntryClass, letters: string): CatalogFunction {
  const { noun, grantable } = entryClasses[name];
  return privilege(letters, (question, object) => {
    const { catalog } = question;
    const found =
      typeof object === 'string'
        ? catalog.findEntry(name, 0, object)
        : catalog.entryByOid(name, Number(object));
    if (found !== undefined) {
      const { owner, acl } = found;
      return holds(question, { kind: grantable!, owner, ...(acl === undefined ? {} : { acl }) });
    }
    if (typeof object !== 'string') return null;
    throw databaseError('undefinedObject', `${noun} "${object}" does not exist`);
  });
}

/** [role,] role, MEMBER or USAGE */
const hasRole: CatalogFunction = (question, args) => {
  if (args.includes(null)) return null;
  const { catalog, session } = question;
  const role = args.length === 3 ? roleOf(question, args[0]) : session.currentUser.oid;
  const target = roleOf(question, args.at(-2)!);
  return textOf(args.at(-1))
    .split(',')
    .some((part) => {
      const match = /^\s*(MEMBER|USAGE)(\s+WITH (?:GRANT|ADMIN) OPTION)?\s*$/i.exec(part);
      if (match === null)
        throw databaseError('invalidParameterValue', `unrecognized privilege type: "${part}"`);
      if (match[2] !== undefined)
        return (
          catalog.roleByOid(role)?.superuser === true ||
          catalog.roleByOid(role)?.adminOf?.includes(target) === true
        );
      return match[1].toUpperCase() === 'USAGE'
        ? hasPrivilegesOf(catalog, role, target)
        : isMemberOf(catalog, role, target);
    });
};

/** acldefault()'s letters for kinds of objects. */
const defaultKinds: Readonly<Record<string, GrantableKind>> = {
  c: 'column',
  r: 'table',
  s: 'sequence',
  d: 'database',
  f: 'function',
  F: 'foreign-data wrapper',
  S: 'foreign server',
  l: 'language',
  L: 'large object',
  n: 'schema',
  t: 'tablespace',
  T: 'type',
};

export const privilegeFunctions: CatalogFunctions = {
  acldefault({ catalog }, [kind, owner]) {
    const known = defaultKinds[typeof kind === 'string' ? kind : ''];
    if (known === undefined)
      throw databaseError(
        'invalidParameterValue',
        `unrecognized objtype abbreviation: ${textOf(kind)}`,
      );
    const items = formatAcl(defaultAcl(known, Number(owner)));
    return ArrayValue.of(TypeOid.aclitem, aclTexts(catalog, items));
  },
  has_table_privilege: table,
  has_any_column_privilege: anyColumn,
  has_sequence_privilege: sequence,
  has_column_privilege: column,
  has_schema_privilege: schema,
  has_database_privilege: database,
  has_function_privilege: openTo('function', 'X', functionOf, ({ catalog }, oid) =>
    catalog.routineByOid(oid),
  ),
  has_type_privilege: openTo('type', 'U', typeOf, ({ catalog }, oid) => catalog.typeByOid(oid)),
  has_language_privilege: onEntry('language', 'U'),
  has_tablespace_privilege: onEntry('tablespace', 'C'),
  has_foreign_data_wrapper_privilege: onEntry('foreignDataWrapper', 'U'),
  has_server_privilege: onEntry('foreignServer', 'U'),
  has_parameter_privilege: privilege('sA', () => () => false),
  pg_has_role: hasRole,
};
