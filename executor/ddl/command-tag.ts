// A statement's name in messages, as PostgreSQL's command tags have it ("CREATE TABLE").

import type { Node } from '@pgsql/types';
import { nodeTag } from '#planner';

const tags: Readonly<Record<string, string>> = {
  CreateFdwStmt: 'CREATE FOREIGN DATA WRAPPER',
  AlterFdwStmt: 'ALTER FOREIGN DATA WRAPPER',
  CreateForeignServerStmt: 'CREATE SERVER',
  AlterForeignServerStmt: 'ALTER SERVER',
  CreateForeignTableStmt: 'CREATE FOREIGN TABLE',
  CreateEventTrigStmt: 'CREATE EVENT TRIGGER',
  AlterEventTrigStmt: 'ALTER EVENT TRIGGER',
  CreateOpClassStmt: 'CREATE OPERATOR CLASS',
  CreateOpFamilyStmt: 'CREATE OPERATOR FAMILY',
  AlterOpFamilyStmt: 'ALTER OPERATOR FAMILY',
  AlterTSDictionaryStmt: 'ALTER TEXT SEARCH DICTIONARY',
  AlterTSConfigurationStmt: 'ALTER TEXT SEARCH CONFIGURATION',
  CreateAmStmt: 'CREATE ACCESS METHOD',
  CreateTableSpaceStmt: 'CREATE TABLESPACE',
  DropTableSpaceStmt: 'DROP TABLESPACE',
  AlterTableSpaceOptionsStmt: 'ALTER TABLESPACE',
  CreateStmt: 'CREATE TABLE',
  CreateTableAsStmt: 'CREATE TABLE AS',
  SelectStmt: 'SELECT INTO',
  IndexStmt: 'CREATE INDEX',
  ViewStmt: 'CREATE VIEW',
  CreateSeqStmt: 'CREATE SEQUENCE',
  AlterSeqStmt: 'ALTER SEQUENCE',
  CreateSchemaStmt: 'CREATE SCHEMA',
  TruncateStmt: 'TRUNCATE TABLE',
  CommentStmt: 'COMMENT',
  CreatedbStmt: 'CREATE DATABASE',
  DropdbStmt: 'DROP DATABASE',
  AlterDatabaseSetStmt: 'ALTER DATABASE',
  AlterRoleSetStmt: 'ALTER ROLE',
  GrantRoleStmt: 'GRANT ROLE',
  AlterDefaultPrivilegesStmt: 'ALTER DEFAULT PRIVILEGES',
  CreateTrigStmt: 'CREATE TRIGGER',
  CreateEnumStmt: 'CREATE TYPE',
  CreateRangeStmt: 'CREATE TYPE',
  CreateDomainStmt: 'CREATE DOMAIN',
  CompositeTypeStmt: 'CREATE TYPE',
  CreatePLangStmt: 'CREATE LANGUAGE',
  RefreshMatViewStmt: 'REFRESH MATERIALIZED VIEW',
  SecLabelStmt: 'SECURITY LABEL',
  RuleStmt: 'CREATE RULE',
  LockStmt: 'LOCK TABLE',
  VacuumStmt: 'VACUUM',
  DoStmt: 'DO',
};

/** The kind of object that DROP and the general forms of ALTER name. */
export function objectWords(type: string | undefined): string {
  const special = longWords[type ?? ''];
  return special ?? (type ?? 'OBJECT_TABLE').replace('OBJECT_', '').replaceAll('_', ' ');
}

const longWords: Readonly<Record<string, string>> = {
  OBJECT_FDW: 'FOREIGN DATA WRAPPER',
  OBJECT_FOREIGN_SERVER: 'SERVER',
  OBJECT_OPCLASS: 'OPERATOR CLASS',
  OBJECT_OPFAMILY: 'OPERATOR FAMILY',
  OBJECT_TSPARSER: 'TEXT SEARCH PARSER',
  OBJECT_TSTEMPLATE: 'TEXT SEARCH TEMPLATE',
  OBJECT_TSDICTIONARY: 'TEXT SEARCH DICTIONARY',
  OBJECT_TSCONFIGURATION: 'TEXT SEARCH CONFIGURATION',
  OBJECT_MATVIEW: 'MATERIALIZED VIEW',
  OBJECT_STATISTIC_EXT: 'STATISTICS',
};

export function commandTag(node: Node): string {
  const tag = nodeTag(node);
  const known = tags[tag];
  if (known !== undefined) return known;
  if ('DropStmt' in node) return `DROP ${objectWords(node.DropStmt.removeType)}`;
  if ('AlterTableStmt' in node) return `ALTER ${objectWords(node.AlterTableStmt.objtype)}`;
  if ('RenameStmt' in node) return `ALTER ${objectWords(node.RenameStmt.renameType)}`;
  if ('AlterOwnerStmt' in node) return `ALTER ${objectWords(node.AlterOwnerStmt.objectType)}`;
  if ('AlterObjectSchemaStmt' in node)
    return `ALTER ${objectWords(node.AlterObjectSchemaStmt.objectType)}`;
  if ('DefineStmt' in node) return `CREATE ${objectWords(node.DefineStmt.kind)}`;
  if ('GrantStmt' in node) return node.GrantStmt.is_grant === true ? 'GRANT' : 'REVOKE';
  return tag
    .replace(/Stmt$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase();
}
