// has_…_privilege(): grants are recorded and not enforced yet, so whoever exists may; what does not
// exist is an error, as in PostgreSQL.

import { ArrayValue, databaseError, type Datum, TypeOid } from '#common';
import type { CatalogQuestion } from './catalog-access.ts';
import type { CatalogFunction, CatalogFunctions } from './catalog-functions.ts';

/** [role,] object, privilege */
function privilege(
  exists: (question: CatalogQuestion, object: Datum) => boolean | null,
): CatalogFunction {
  return (question, args) => {
    const object = args.at(-2);
    if (args.length === 3) requireRole(question, args[0]);
    return object === undefined || object === null ? null : exists(question, object);
  };
}

function requireRole({ catalog }: CatalogQuestion, role: Datum): void {
  if (typeof role !== 'string' || role === 'public' || catalog.findRole(role) !== undefined) return;
  throw databaseError('undefinedObject', `role "${role}" does not exist`);
}

const relation = privilege(({ catalog, names }, object) => {
  if (typeof object !== 'string')
    return catalog.relationByOid(Number(object)) === undefined ? null : true;
  if (names.relation(object) === undefined)
    throw databaseError('undefinedTable', `relation "${object}" does not exist`);
  return true;
});

const schema = privilege(({ catalog }, object) => {
  if (typeof object !== 'string')
    return catalog.schemaByOid(Number(object)) === undefined ? null : true;
  if (catalog.findSchema(object) === undefined) {
    throw databaseError('invalidSchemaName', `schema "${object}" does not exist`);
  }
  return true;
});

const database = privilege(({ catalog }, object) => {
  if (typeof object !== 'string') return true;
  if (catalog.state.databaseNamed(object) === undefined) {
    throw databaseError('invalidCatalogName', `database "${object}" does not exist`);
  }
  return true;
});

const anything = privilege(() => true);

/** [role,] table, column, privilege */
const column: CatalogFunction = (question, args) => relation(question, args.toSpliced(-2, 1));

/** Rights of the owner, and of everybody, on an object of a kind (acldefault). */
const defaultRights: Readonly<Record<string, readonly [string, string]>> = {
  r: ['arwdDxt', ''],
  s: ['rwU', ''],
  d: ['CTc', 'Tc'],
  f: ['X', 'X'],
  l: ['U', 'U'],
  n: ['UC', ''],
  t: ['C', ''],
  T: ['U', 'U'],
};

export const privilegeFunctions: CatalogFunctions = {
  acldefault({ catalog }, [kind, owner]) {
    const [ownRights, publicRights] = defaultRights[typeof kind === 'string' ? kind : ''] ?? [
      '',
      '',
    ];
    const name = catalog.roleByOid(Number(owner))?.name ?? '';
    const items = publicRights === '' ? [] : [`=${publicRights}/${name}`];
    if (ownRights !== '') items.push(`${name}=${ownRights}/${name}`);
    return ArrayValue.of(TypeOid.aclitem, items);
  },
  has_table_privilege: relation,
  has_any_column_privilege: relation,
  has_sequence_privilege: relation,
  has_column_privilege: column,
  has_schema_privilege: schema,
  has_database_privilege: database,
  has_function_privilege: anything,
  has_type_privilege: anything,
  has_language_privilege: anything,
  has_tablespace_privilege: anything,
  has_foreign_data_wrapper_privilege: anything,
  has_server_privilege: anything,
  has_parameter_privilege: anything,
  pg_has_role({ catalog, session }, args) {
    const [member, target] =
      args.length === 3 ? [args[0]!, args[1]!] : [session.currentUser.oid, args[0]!];
    const find = (role: Datum): number | undefined =>
      typeof role === 'string' ? catalog.findRole(role)?.oid : Number(role);
    const wanted = find(target);
    const pending = [find(member)];
    const seen = new Set<number>();
    while (pending.length > 0) {
      const oid = pending.pop();
      if (oid === undefined || seen.has(oid)) continue;
      if (oid === wanted) return true;
      seen.add(oid);
      const role = catalog.roleByOid(oid);
      if (role?.superuser === true) return true;
      pending.push(...(role?.memberOf ?? []));
    }
    return false;
  },
};
