// pg_describe_object(), pg_identify_object(), pg_identify_object_as_address(): what an address of pg_depend
// means.

import { ArrayValue, databaseError, type Datum, RecordValue, TypeOid } from '#common';
import { catalogOids } from '../system-catalog/catalog-oids.ts';
import { systemRelationByOid } from '../system-catalog/relations.ts';
import type { CatalogQuestion } from './catalog-access.ts';
import type { CatalogFunctions } from './catalog-functions.ts';
import { entryClasses } from './entry-classes.ts';
import { objectAddressOf } from './object-address.ts';
import { type KnownObject, objectAt } from './object-identity.ts';

const { text, textArray } = TypeOid;

function known(
  { names, session }: CatalogQuestion,
  [catalog, oid, column]: readonly Datum[],
): KnownObject | undefined {
  if (Number(catalog) === catalogOids.largeObject) return largeObject(session, Number(oid));
  return objectAt(names, {
    catalog: Number(catalog),
    oid: Number(oid),
    column: Number(column ?? 0),
  });
}

function largeObject(
  { largeObjects }: CatalogQuestion['session'],
  oid: number,
): KnownObject | undefined {
  if (largeObjects?.().find(oid) === undefined) return undefined;
  return {
    type: 'large object',
    schema: null,
    name: null,
    identity: String(oid),
    addressNames: [String(oid)],
    addressArguments: [],
    description: `large object ${oid}`,
  };
}

/** An oid that is no catalog is an internal error of PostgreSQL. */
function isCatalog([catalog]: readonly Datum[]): boolean {
  return systemRelationByOid(Number(catalog)) !== undefined;
}

/** Lists without nulls. 22023 */
function textsOf(value: Datum | undefined): readonly string[] {
  const elements = value instanceof ArrayValue ? value.elements : [];
  if (elements.includes(null)) {
    throw databaseError('invalidParameterValue', 'name or argument lists may not contain nulls');
  }
  return elements as readonly string[];
}

/** What an object that does not exist would be, by its catalog. */
function typeOfMissing([catalog, , column]: readonly Datum[]): string | null {
  return (
    missingTypes.get(Number(catalog)) ??
    (Number(catalog) === catalogOids.class
      ? Number(column ?? 0) === 0
        ? 'relation'
        : 'table column'
      : null)
  );
}

const missingTypes: ReadonlyMap<number, string> = new Map([
  ...Object.values(entryClasses).map(({ catalog, noun }): [number, string] => [catalog, noun]),
  [catalogOids.procedure, 'routine'],
  [catalogOids.type, 'type'],
  [catalogOids.constraint, 'constraint'],
  [catalogOids.trigger, 'trigger'],
  [catalogOids.attrdef, 'default value'],
  [catalogOids.rewrite, 'rule'],
  [catalogOids.namespace, 'schema'],
  [catalogOids.authid, 'role'],
  [catalogOids.database, 'database'],
  [catalogOids.policy, 'policy'],
  [catalogOids.statistics, 'statistics object'],
  [catalogOids.collation, 'collation'],
  [catalogOids.largeObject, 'large object'],
  [catalogOids.defaultAcl, 'default acl'],
]);

export const objectAddressFunctions: CatalogFunctions = {
  pg_get_object_address(question, [type, names, args]) {
    const { catalog, oid, column } = objectAddressOf(question, {
      type: type as string,
      names: textsOf(names),
      args: textsOf(args),
    });
    return new RecordValue([TypeOid.oid, TypeOid.oid, TypeOid.int4], [catalog, oid, column]);
  },
  pg_describe_object(question, args) {
    if (Number(args[0]) === 0 && Number(args[1]) === 0) return null;
    return isCatalog(args) ? (known(question, args)?.description ?? null) : null;
  },
  pg_identify_object(question, args) {
    if (!isCatalog(args))
      throw databaseError('featureNotSupported', `unsupported object class ${Number(args[0])}`);
    const object = known(question, args);
    const types = [text, text, text, text];
    const {
      type = typeOfMissing(args),
      schema = null,
      name = null,
      identity = null,
    } = object ?? {};
    return new RecordValue(types, [type, schema, name, identity]);
  },
  pg_identify_object_as_address(question, args) {
    if (!isCatalog(args))
      throw databaseError('featureNotSupported', `unsupported object class ${Number(args[0])}`);
    const object = known(question, args);
    const types = [text, textArray, textArray];
    if (object === undefined) return new RecordValue(types, [typeOfMissing(args), null, null]);
    return new RecordValue(types, [
      object.type,
      ArrayValue.of(text, object.addressNames),
      ArrayValue.of(text, object.addressArguments),
    ]);
  },
};
