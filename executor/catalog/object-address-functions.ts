// pg_describe_object(), pg_identify_object(), pg_identify_object_as_address(): what an address of pg_depend
// means.

import { ArrayValue, databaseError, type Datum, RecordValue, TypeOid } from '#common';
import { systemRelationByOid } from '../system-catalog/relations.ts';
import type { CatalogQuestion } from './catalog-access.ts';
import type { CatalogFunctions } from './catalog-functions.ts';
import { type KnownObject, objectAt } from './object-identity.ts';

const { text, textArray } = TypeOid;

function known(
  { names }: CatalogQuestion,
  [catalog, oid, column]: readonly Datum[],
): KnownObject | undefined {
  return objectAt(names, {
    catalog: Number(catalog),
    oid: Number(oid),
    column: Number(column ?? 0),
  });
}

/** An oid that is no catalog is an internal error of PostgreSQL. */
function isCatalog([catalog]: readonly Datum[]): boolean {
  return systemRelationByOid(Number(catalog)) !== undefined;
}

export const objectAddressFunctions: CatalogFunctions = {
  pg_describe_object(question, args) {
    if (Number(args[0]) === 0 && Number(args[1]) === 0) return null;
    return isCatalog(args) ? (known(question, args)?.description ?? null) : null;
  },
  pg_identify_object(question, args) {
    if (!isCatalog(args))
      throw databaseError('featureNotSupported', `unsupported object class ${Number(args[0])}`);
    const object = known(question, args);
    const types = [text, text, text, text];
    const { type = null, schema = null, name = null, identity = null } = object ?? {};
    return new RecordValue(types, [type, schema, name, identity]);
  },
  pg_identify_object_as_address(question, args) {
    if (!isCatalog(args))
      throw databaseError('featureNotSupported', `unsupported object class ${Number(args[0])}`);
    const object = known(question, args);
    const types = [text, textArray, textArray];
    if (object === undefined) return new RecordValue(types, [null, null, null]);
    return new RecordValue(types, [
      object.type,
      ArrayValue.of(text, object.addressNames),
      ArrayValue.of(text, object.addressArguments),
    ]);
  },
};
