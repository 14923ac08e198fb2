// pg_database, pg_namespace, roles and what belongs to them.

import { type Datum, type RoleDescriptor, TypeOid, ArrayValue } from '#common';
import {
  aclArray,
  type CatalogRow,
  type CatalogScope,
  optionArray,
  type RowSources,
} from '../contract.ts';
import { defaultAclBase } from '../catalog-oids.ts';
import { knownModules } from '../../catalog/modules.ts';

const utf8Encoding = 6;
const defaultTablespace = 1663;

function* databaseRows({ catalog }: CatalogScope): Iterable<CatalogRow> {
  for (const database of catalog.databases()) {
    yield {
      oid: database.oid,
      datname: database.name,
      datdba: database.owner,
      encoding: utf8Encoding,
      datlocprovider: 'c',
      datistemplate: database.isTemplate,
      datallowconn: database.allowConnections,
      datconnlimit: database.connectionLimit,
      datfrozenxid: 3,
      datminmxid: 1,
      dattablespace: defaultTablespace,
      datcollate: 'C.UTF-8',
      datctype: 'C.UTF-8',
      datacl: aclArray({ catalog }, database.acl),
    };
  }
}

function* namespaceRows({ catalog }: CatalogScope): Iterable<CatalogRow> {
  for (const schema of catalog.schemas()) {
    yield {
      oid: schema.oid,
      nspname: schema.name,
      nspowner: schema.owner,
      nspacl: aclArray({ catalog }, schema.acl),
    };
  }
}

function roleRow(role: RoleDescriptor, password: Datum): CatalogRow {
  return {
    oid: role.oid,
    rolname: role.name,
    rolsuper: role.superuser,
    rolinherit: role.inherit,
    rolcreaterole: role.createRole,
    rolcreatedb: role.createDatabase,
    rolcanlogin: role.login,
    rolreplication: role.replication,
    rolbypassrls: role.bypassRowSecurity,
    rolconnlimit: role.connectionLimit,
    rolpassword: password,
    rolvaliduntil: role.validUntil,
    rolconfig: optionArray(role.settings),
  };
}

function* roleRows({ catalog }: CatalogScope): Iterable<CatalogRow> {
  for (const role of catalog.roles()) yield roleRow(role, '********');
}

/** Verifiers are for superusers only. */
function* authorizationRows({ catalog, context }: CatalogScope): Iterable<CatalogRow> {
  const mayRead = catalog.findRole(context.functions.currentUser)?.superuser === true;
  for (const role of catalog.roles()) yield roleRow(role, mayRead ? role.passwordVerifier : null);
}

function* userRows({ catalog }: CatalogScope): Iterable<CatalogRow> {
  for (const role of catalog.roles()) {
    if (!role.login) continue;
    yield {
      usename: role.name,
      usesysid: role.oid,
      usecreatedb: role.createDatabase,
      usesuper: role.superuser,
      userepl: role.replication,
      usebypassrls: role.bypassRowSecurity,
      passwd: '********',
      valuntil: role.validUntil,
      useconfig: optionArray(role.settings),
    };
  }
}

function* groupRows({ catalog }: CatalogScope): Iterable<CatalogRow> {
  for (const role of catalog.roles()) {
    if (role.login) continue;
    const members = [...catalog.roles()].filter((each) => each.memberOf.includes(role.oid));
    yield {
      groname: role.name,
      grosysid: role.oid,
      grolist: ArrayValue.of(
        TypeOid.oid,
        members.map(({ oid }) => oid),
      ),
    };
  }
}

function* membershipRows({ catalog }: CatalogScope): Iterable<CatalogRow> {
  for (const role of catalog.roles()) {
    for (const group of role.memberOf) {
      const hasAdmin = role.adminOf?.includes(group) === true;
      yield { roleid: group, member: role.oid, grantor: 10, admin_option: hasAdmin };
    }
  }
}

function* defaultAclRows({ catalog }: CatalogScope): Iterable<CatalogRow> {
  for (const [index, entry] of (catalog.database.defaultAcls ?? []).entries()) {
    if (entry.schema !== 0 && catalog.schemaByOid(entry.schema) === undefined) continue;
    yield {
      oid: defaultAclBase + index,
      defaclrole: entry.role,
      defaclnamespace: entry.schema,
      defaclobjtype: entry.objectType,
      defaclacl: aclArray({ catalog }, entry.acl),
    };
  }
}

function* settingRows({ catalog }: CatalogScope): Iterable<CatalogRow> {
  for (const database of catalog.databases()) {
    const config = optionArray(database.settings);
    if (config !== null) yield { setdatabase: database.oid, setrole: 0, setconfig: config };
  }
  for (const role of catalog.roles()) {
    const config = optionArray(role.settings);
    if (config !== null) yield { setdatabase: 0, setrole: role.oid, setconfig: config };
  }
}

/** plpgsql is named because dumps and tools expect it. */
function* extensionRows({ catalog }: CatalogScope): Iterable<CatalogRow> {
  yield {
    oid: 13559,
    extname: 'plpgsql',
    extowner: 10,
    extnamespace: 11,
    extrelocatable: false,
    extversion: '1.0',
  };
  for (const { oid, name, owner, definition } of catalog.entries('extension')) {
    yield {
      oid,
      extname: name,
      extowner: owner,
      extnamespace: definition.schema,
      extrelocatable: definition.relocatable,
      extversion: definition.version,
    };
  }
}

/** Those that CREATE EXTENSION knows. */
function* availableExtensionRows({ catalog }: CatalogScope): Iterable<CatalogRow> {
  for (const [name, { version, comment }] of Object.entries(knownModules)) {
    const isInstalled =
      name === 'plpgsql' || catalog.entries('extension').some((entry) => entry.name === name);
    yield {
      name,
      default_version: version,
      installed_version: isInstalled ? version : null,
      comment,
    };
  }
}

function* availableVersionRows({ catalog }: CatalogScope): Iterable<CatalogRow> {
  for (const [name, module] of Object.entries(knownModules)) {
    yield {
      name,
      version: module.version,
      installed:
        name === 'plpgsql' || catalog.entries('extension').some((entry) => entry.name === name),
      superuser: true,
      trusted: module.trusted,
      relocatable: module.relocatable,
      schema: module.schema,
      requires: null,
      comment: module.comment,
    };
  }
}

export const clusterSources: RowSources = {
  pg_database: databaseRows,
  pg_namespace: namespaceRows,
  pg_default_acl: defaultAclRows,
  pg_authid: authorizationRows,
  pg_roles: roleRows,
  pg_user: userRows,
  pg_shadow: userRows,
  pg_group: groupRows,
  pg_auth_members: membershipRows,
  pg_db_role_setting: settingRows,
  pg_extension: extensionRows,
  pg_available_extensions: availableExtensionRows,
  pg_available_extension_versions: availableVersionRows,
};
