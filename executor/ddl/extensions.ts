// CREATE, ALTER and DROP EXTENSION. The functions, operators, types and operator classes of the modules
// that are known here are built in (functions/facts/contrib.ts, extensions.ts); an extension makes their
// names known and is itself an entry of the catalog.

import type { AlterExtensionStmt, CreateExtensionStmt } from '@pgsql/types';
import {
  databaseError,
  type Entry,
  moduleOfType,
  notSupported,
  type RelationDescriptor,
  type SchemaDescriptor,
} from '#common';
import { moduleOfClass } from '#functions';
import { accessDenied, definitionElements, elementText } from '#planner';
import { knownModules, missingModules } from '../catalog/modules.ts';
import type { DdlStatement } from './statement.ts';
import { addEntry } from './entries/alter-entries.ts';
import { requireNamed } from './entries/entry-references.ts';

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
  ddl.requireDatabaseRight('C', (database) => accessDenied('database', database));
  const { schema, version = known.version } = readOptions(ddl, statement);
  if (version !== known.version) {
    throw databaseError(
      'invalidParameterValue',
      `extension "${name}" has no installation script nor update path for version "${version}"`,
    );
  }
  addEntry(ddl, {
    name,
    definition: {
      class: 'extension',
      version,
      relocatable: known.relocatable,
      schema: schema.oid,
    },
    uses: [{ oid: schema.oid }],
  });
  return 'CREATE EXTENSION';
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

/** 2BP01 while a column is of a type that the extension brings, or an index of one of its classes. */
export function requireUnusedExtension(
  ddl: DdlStatement,
  { name }: Entry<'extension'>,
  cascade: boolean,
): void {
  const users = [...ddl.catalog.relations()].flatMap((relation) => usesOf(ddl, relation, name));
  if (users.length === 0) return;
  if (cascade) throw notSupported('DROP EXTENSION … CASCADE while its types or classes are used');
  throw databaseError(
    'dependentObjectsStillExist',
    `cannot drop extension ${name} because other objects depend on it`,
    {
      detail: users.join('\n'),
      hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
    },
  );
}

function usesOf(ddl: DdlStatement, relation: RelationDescriptor, module: string): string[] {
  if (relation.kind === 'table' || relation.kind === 'view') {
    return relation.columns
      .filter((column) => !column.dropped && moduleOfType(column.type.oid) === module)
      .map((column) => {
        const type = ddl.typeText({ oid: column.type.oid, typmod: -1 });
        return `column ${column.name} of ${relation.kind} ${relation.name} depends on type ${type}`;
      });
  }
  if (relation.kind !== 'index') return [];
  return relation.columns.flatMap(({ operatorClass, operatorClassOid }) =>
    operatorClassOid !== undefined && moduleOfClass(operatorClassOid) === module
      ? [
          `index ${relation.name} depends on operator class ${operatorClass ?? ''} for access method ${relation.method}`,
        ]
      : [],
  );
}
