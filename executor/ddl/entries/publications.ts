// CREATE and ALTER PUBLICATION (publicationcmds.c). Publications are kept, checked and shown; what they
// publish no subscriber can read yet, which CREATE PUBLICATION says as PostgreSQL does below
// wal_level = logical.

import type { AlterPublicationStmt, CreatePublicationStmt, DefElem } from '@pgsql/types';
import { databaseError, type DefinitionOf, type Entry } from '#common';
import { definitionElements, elementBoolean, elementText } from '#planner';
import { permissionDenied, positionField } from '../errors.ts';
import { sendWarning } from '../notice.ts';
import type { DdlStatement } from '../statement.ts';
import { addEntry, newest, redefine } from './alter-entries.ts';
import { requireEntryOwner, requireSuperuser } from './entry-owner.ts';
import { requireNamed } from './entry-references.ts';
import { splitList } from './name-list.ts';
import { readObjects, type PublishedObjects } from './publication-objects.ts';
import {
  addSchemas,
  addTables,
  dropSchemas,
  dropTables,
  partsOf,
  setSchemas,
  setTables,
} from './publication-parts.ts';

type Definition = DefinitionOf<'publication'>;

const actions = ['insert', 'update', 'delete', 'truncate'] as const;
const noActions = { insert: false, update: false, delete: false, truncate: false };
const allActions = { insert: true, update: true, delete: true, truncate: true };

/** What WITH (…) says; only what is mentioned. 42601. */
function readParameters(
  ddl: DdlStatement,
  elements: readonly DefElem[],
): Partial<Omit<Definition, 'class' | 'allTables'>> {
  let published: Partial<Definition> = {};
  let viaRoot: boolean | undefined;
  let isPublishGiven = false;
  for (const element of elements) {
    const position = positionField(ddl.position(element.location));
    switch (element.defname) {
      case 'publish':
        if (isPublishGiven)
          throw databaseError('syntaxError', 'conflicting or redundant options', position);
        isPublishGiven = true;
        published = readActions(elementText(element) ?? '');
        break;
      case 'publish_via_partition_root':
        if (viaRoot !== undefined)
          throw databaseError('syntaxError', 'conflicting or redundant options', position);
        viaRoot = elementBoolean(element);
        break;
      default:
        throw databaseError(
          'syntaxError',
          `unrecognized publication parameter: "${element.defname ?? ''}"`,
        );
    }
  }
  return { ...published, ...(viaRoot === undefined ? {} : { viaRoot }) };
}

function readActions(text: string): typeof noActions {
  const names = splitList(text);
  if (names === undefined)
    throw databaseError('syntaxError', 'invalid list syntax for "publish" option');
  const published = { ...noActions };
  for (const name of names) {
    const action = actions.find((each) => each === name);
    if (action === undefined)
      throw databaseError(
        'syntaxError',
        `unrecognized value for publication option "publish": "${name}"`,
      );
    published[action] = true;
  }
  return published;
}

export function createPublication(ddl: DdlStatement, statement: CreatePublicationStmt): string {
  const name = statement.pubname ?? '';
  ddl.requireDatabaseRight('C', (database) => permissionDenied(`for database ${database}`));
  const allTables = statement.for_all_tables === true;
  if (allTables) {
    requireSuperuser(ddl, 'must be superuser to create FOR ALL TABLES publication');
  }
  if (ddl.catalog.findEntry('publication', 0, name) !== undefined) {
    throw databaseError('duplicateObject', `publication "${name}" already exists`);
  }
  const parameters = readParameters(ddl, definitionElements(statement.options));
  const definition: Definition = {
    class: 'publication',
    allTables,
    ...allActions,
    viaRoot: false,
    ...parameters,
  };
  const objects = readObjects(ddl, statement.pubobjects);
  if (objects.schemas.length > 0)
    requireSuperuser(ddl, 'must be superuser to create FOR TABLES IN SCHEMA publication');
  const publication = addEntry(ddl, { name, definition });
  addTables(ddl, publication, objects.tables, objects.schemas.length > 0);
  addSchemas(ddl, publication, objects.schemas);
  if (ddl.context.functions.setting('wal_level') !== 'logical') {
    sendWarning(
      ddl.context,
      'wal_level is insufficient to publish logical changes',
      { hint: 'Set wal_level to "logical" before creating subscriptions.' },
      '55000',
    );
  }
  return 'CREATE PUBLICATION';
}

export function alterPublication(ddl: DdlStatement, statement: AlterPublicationStmt): string {
  const publication = newest(ddl, requireNamed(ddl, 'publication', statement.pubname ?? ''));
  requireEntryOwner(ddl, publication);
  if (statement.options !== undefined) {
    changeParameters(ddl, publication, definitionElements(statement.options));
    return 'ALTER PUBLICATION';
  }
  const objects = readObjects(ddl, statement.pubobjects);
  const { action } = statement;
  const isSet = action === 'AP_SetObjects';
  if (action !== 'AP_DropObjects' && objects.schemas.length > 0)
    requireSuperuser(ddl, 'must be superuser to add or set schemas');
  if (publication.definition.allTables) throw definedForAll(publication, objects);
  const parts = partsOf(ddl, publication);
  if (action === 'AP_DropObjects') {
    dropTables(ddl, publication, objects.tables);
    dropSchemas(ddl, publication, objects.schemas);
  } else if (isSet) {
    setTables(ddl, publication, objects.tables, objects.schemas.length > 0);
    setSchemas(ddl, publication, objects.schemas);
  } else {
    const hasSchemas = objects.schemas.length > 0 || parts.schemas.length > 0;
    addTables(ddl, publication, objects.tables, hasSchemas);
    addSchemas(ddl, publication, objects.schemas);
  }
  return 'ALTER PUBLICATION';
}

function definedForAll(publication: Entry<'publication'>, objects: PublishedObjects): Error {
  return databaseError(
    'objectNotInPrerequisiteState',
    `publication "${publication.name}" is defined as FOR ALL TABLES`,
    {
      detail:
        objects.schemas.length > 0
          ? 'Schemas cannot be added to or dropped from FOR ALL TABLES publications.'
          : 'Tables cannot be added to or dropped from FOR ALL TABLES publications.',
    },
  );
}

function changeParameters(
  ddl: DdlStatement,
  publication: Entry<'publication'>,
  elements: readonly DefElem[],
): void {
  const parameters = readParameters(ddl, elements);
  if (parameters.viaRoot === false && !publication.definition.allTables) {
    for (const { definition } of partsOf(ddl, publication).tables) {
      const table = ddl.catalog.tableByOid(definition.table);
      if (table?.partitioning === undefined) continue;
      const what =
        definition.condition !== undefined
          ? ['WHERE clause', 'a WHERE clause']
          : definition.columns !== undefined
            ? ['column list', 'a column list']
            : undefined;
      if (what === undefined) continue;
      throw databaseError(
        'invalidParameterValue',
        `cannot set parameter "publish_via_partition_root" to false for publication "${publication.name}"`,
        {
          detail: `The publication contains a ${what[0]} for partitioned table "${table.name}", which is not allowed when "publish_via_partition_root" is false.`,
        },
      );
    }
  }
  redefine(ddl, publication, { ...publication.definition, ...parameters });
}
