// What a new data directory holds: the bootstrap superuser, three databases and their schemas.

import {
  BuiltinOid,
  type CatalogObject,
  type DatabaseDescriptor,
  type RoleDescriptor,
  type SchemaDescriptor,
} from '#common';

const bootstrapRole: RoleDescriptor = {
  kind: 'role',
  oid: BuiltinOid.bootstrapRole,
  name: 'postgres',
  superuser: true,
  inherit: true,
  createRole: true,
  createDatabase: true,
  login: true,
  replication: true,
  bypassRowSecurity: true,
  connectionLimit: -1,
  passwordVerifier: null,
  validUntil: null,
  memberOf: [],
};

function database(
  oid: number,
  name: string,
  fields: Partial<DatabaseDescriptor>,
): DatabaseDescriptor {
  return {
    kind: 'database',
    oid,
    name,
    owner: BuiltinOid.bootstrapRole,
    allowConnections: true,
    isTemplate: false,
    connectionLimit: -1,
    ...fields,
  };
}

const templateZeroOid = 4;

const databases: readonly DatabaseDescriptor[] = [
  database(BuiltinOid.templateDatabase, 'template1', {
    isTemplate: true,
    comment: 'default template for new databases',
  }),
  database(templateZeroOid, 'template0', {
    isTemplate: true,
    allowConnections: false,
    comment: 'unmodifiable empty database',
  }),
  database(BuiltinOid.postgresDatabase, 'postgres', {
    comment: 'default administrative connection database',
  }),
];

/** The schemas that every database begins with. */
export const builtinSchemas: readonly SchemaDescriptor[] = [
  {
    kind: 'schema',
    oid: BuiltinOid.pgCatalogSchema,
    name: 'pg_catalog',
    owner: BuiltinOid.bootstrapRole,
    comment: 'system catalog schema',
  },
  {
    kind: 'schema',
    oid: BuiltinOid.publicSchema,
    name: 'public',
    owner: BuiltinOid.bootstrapRole,
    comment: 'standard public schema',
  },
  {
    kind: 'schema',
    oid: BuiltinOid.informationSchema,
    name: 'information_schema',
    owner: BuiltinOid.bootstrapRole,
  },
];

/** Objects and the scope that each belongs to. */
export function bootstrapObjects(): { readonly scope: number; readonly object: CatalogObject }[] {
  const objects: { scope: number; object: CatalogObject }[] = [{ scope: 0, object: bootstrapRole }];
  for (const object of databases) {
    objects.push({ scope: 0, object });
    for (const schema of builtinSchemas) objects.push({ scope: object.oid, object: schema });
  }
  return objects;
}
