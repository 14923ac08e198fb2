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

/** PostgreSQL's predefined roles (manual, 22.5), with its oids. */
const predefinedRoles: readonly RoleDescriptor[] = [
  predefinedRole(6171, 'pg_database_owner'),
  predefinedRole(6181, 'pg_read_all_data'),
  predefinedRole(6182, 'pg_write_all_data'),
  predefinedRole(3373, 'pg_monitor', [3374, 3375, 3377]),
  predefinedRole(3374, 'pg_read_all_settings'),
  predefinedRole(3375, 'pg_read_all_stats'),
  predefinedRole(3377, 'pg_stat_scan_tables'),
  predefinedRole(4569, 'pg_read_server_files'),
  predefinedRole(4570, 'pg_write_server_files'),
  predefinedRole(4571, 'pg_execute_server_program'),
  predefinedRole(4200, 'pg_signal_backend'),
  predefinedRole(4544, 'pg_checkpoint'),
];

function predefinedRole(
  oid: number,
  name: string,
  memberOf: readonly number[] = [],
): RoleDescriptor {
  return {
    kind: 'role',
    oid,
    name,
    superuser: false,
    inherit: true,
    createRole: false,
    createDatabase: false,
    login: false,
    replication: false,
    bypassRowSecurity: false,
    connectionLimit: -1,
    passwordVerifier: null,
    validUntil: null,
    memberOf,
  };
}

const databaseOwnerRole = 6171;
/** Nobody but the owner makes anything in a template. */
const templateAcl = [
  `0=c/${BuiltinOid.bootstrapRole}`,
  `${BuiltinOid.bootstrapRole}=CTc/${BuiltinOid.bootstrapRole}`,
];

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
    acl: templateAcl,
    comment: 'default template for new databases',
  }),
  database(templateZeroOid, 'template0', {
    isTemplate: true,
    acl: templateAcl,
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
    acl: [
      `${BuiltinOid.bootstrapRole}=UC/${BuiltinOid.bootstrapRole}`,
      `0=U/${BuiltinOid.bootstrapRole}`,
    ],
    comment: 'system catalog schema',
  },
  {
    kind: 'schema',
    oid: BuiltinOid.publicSchema,
    name: 'public',
    owner: databaseOwnerRole,
    acl: [`${databaseOwnerRole}=UC/${databaseOwnerRole}`, `0=U/${databaseOwnerRole}`],
    comment: 'standard public schema',
  },
  {
    kind: 'schema',
    oid: BuiltinOid.informationSchema,
    name: 'information_schema',
    owner: BuiltinOid.bootstrapRole,
    acl: [
      `${BuiltinOid.bootstrapRole}=UC/${BuiltinOid.bootstrapRole}`,
      `0=U/${BuiltinOid.bootstrapRole}`,
    ],
  },
];

/** Objects and the scope that each belongs to. */
export function bootstrapObjects(): { readonly scope: number; readonly object: CatalogObject }[] {
  const objects: { scope: number; object: CatalogObject }[] = [
    bootstrapRole,
    ...predefinedRoles,
  ].map((object) => ({ scope: 0, object }));
  for (const object of databases) {
    objects.push({ scope: 0, object });
    for (const schema of builtinSchemas) objects.push({ scope: object.oid, object: schema });
  }
  return objects;
}
