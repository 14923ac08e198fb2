// CREATE, ALTER and DROP EXTENSION. The functions, operators, types and operator classes of the modules
// that are known here are built in (functions/facts/contrib.ts, extensions.ts); an extension makes their
// names known and is itself an entry of the catalog.

import type { AlterExtensionStmt, AlterObjectSchemaStmt, CreateExtensionStmt } from '@pgsql/types';
import { databaseError, type DefinitionOf, type SchemaDescriptor } from '#common';
import { accessDenied, definitionElements, elementText, nodeText } from '#planner';
import { type KnownModule, knownModules, missingModules } from '../catalog/modules.ts';
import type { DdlStatement } from './statement.ts';
import { addEntry, redefine } from './entries/alter-entries.ts';
import { requireEntryOwner, requireSuperuser } from './entries/entry-owner.ts';
import { requireNamed } from './entries/entry-references.ts';
import { createExtensionViews } from './extension-views.ts';

/** 42710, 0A000 for modules that are not here, 22023 for versions of them that are not. */
export function createExtension(ddl: DdlStatement, statement: CreateExtensionStmt): string {
  const name = statement.extname ?? '';
  const exists = name === 'plpgsql' || ddl.catalog.findEntry('extension', 0, name) !== undefined;
  if (exists) {
    if (statement.if_not_exists !== true)
      throw databaseError('duplicateObject', `extension "${name}" already exists`);
    ddl.notice(`extension "${name}" already exists, skipping`, '42710');
    return 'CREATE EXTENSION';
  }
  const known = Object.hasOwn(knownModules, name) ? knownModules[name] : undefined;
  if (known === undefined) {
    throw databaseError('featureNotSupported', `extension "${name}" is not available`, {
      ...(Object.hasOwn(missingModules, name) ? { detail: missingModules[name] } : {}),
      hint: 'The extension must first be installed on the system where PostgreSQL is running.',
    });
  }
  requireInstaller(ddl, name, known);
  const { schema, version = known.version } = readOptions(ddl, statement);
  if (version !== known.version) {
    throw databaseError(
      'invalidParameterValue',
      `extension "${name}" has no installation script nor update path for version "${version}"`,
    );
  }
  const extension = addEntry(ddl, {
    name,
    definition: {
      class: 'extension',
      version,
      relocatable: known.relocatable,
      schema: schema.oid,
    },
    uses: [{ oid: schema.oid }],
    comment: known.comment,
  });
  if (known.views !== undefined) {
    const members = createExtensionViews(ddl, schema.name, known.views);
    redefine<DefinitionOf<'extension'>>(ddl, extension, { ...extension.definition, members });
  }
  return 'CREATE EXTENSION';
}

/** 42501 */
function requireInstaller(ddl: DdlStatement, name: string, { trusted }: KnownModule): void {
  if (trusted) {
    ddl.requireDatabaseRight('C', (database) => accessDenied('database', database));
    return;
  }
  requireSuperuser(
    ddl,
    `permission denied to create extension "${name}"`,
    'Must be superuser to create this extension.',
  );
}

function readOptions(
  ddl: DdlStatement,
  statement: CreateExtensionStmt,
): { readonly schema: SchemaDescriptor; readonly version: string | undefined } {
  let schema: string | undefined;
  let version: string | undefined;
  for (const element of definitionElements(statement.options)) {
    if (element.defname === 'schema') schema = elementText(element);
    else if (element.defname === 'new_version') version = elementText(element);
  }
  return {
    schema: schema === undefined ? ddl.creationSchema(undefined) : ddl.schema(schema),
    version,
  };
}

/** UPDATE: there is one version of each. */
export function alterExtension(ddl: DdlStatement, statement: AlterExtensionStmt): string {
  const name = statement.extname ?? '';
  const installed =
    name === 'plpgsql'
      ? knownModules[name].version
      : requireNamed(ddl, 'extension', name).definition.version;
  const wanted = definitionElements(statement.options).find(
    ({ defname }) => defname === 'new_version',
  );
  const version = (wanted === undefined ? undefined : elementText(wanted)) ?? installed;
  if (version !== installed) {
    throw databaseError(
      'invalidParameterValue',
      `extension "${name}" has no update path from version "${installed}" to version "${version}"`,
    );
  }
  ddl.notice(`version "${version}" of extension "${name}" is already installed`);
  return 'ALTER EXTENSION';
}

/** SET SCHEMA: the objects of the module are found in another schema. 0A000 for plpgsql. */
export function moveExtension(ddl: DdlStatement, statement: AlterObjectSchemaStmt): string {
  const name = nodeText(statement.object!) ?? '';
  if (name === 'plpgsql') throw notMovable(name);
  const extension = requireNamed(ddl, 'extension', name);
  requireEntryOwner(ddl, extension);
  const schema = ddl.creationSchema(statement.newschema ?? '');
  const { definition } = extension;
  if (definition.members?.includes(schema.oid) === true) {
    throw databaseError(
      'objectNotInPrerequisiteState',
      `cannot move extension "${name}" into schema "${schema.name}" because the extension contains the schema`,
    );
  }
  if (definition.schema !== schema.oid)
    redefine(ddl, extension, { ...definition, schema: schema.oid }, [{ oid: schema.oid }]);
  return 'ALTER EXTENSION';
}

function notMovable(name: string): Error {
  return databaseError('featureNotSupported', `extension "${name}" does not support SET SCHEMA`);
}
