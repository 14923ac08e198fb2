// What a publication consists of: an entry for each table (with its row filter and columns) and each
// schema, which the publication's drop takes along.

import {
  databaseError,
  type DefinitionOf,
  type Entry,
  type EntryUse,
  type SchemaDescriptor,
  type StoredExpression,
  type TableDescriptor,
} from '#common';
import { rowFilterObstacle, stringsOf } from '#planner';
import { columnOfRelationDoesNotExist, positionField } from '../errors.ts';
import type { DdlStatement } from '../statement.ts';
import { bindStored } from '../stored-expression.ts';
import { addEntry } from './alter-entries.ts';
import {
  type PublishedTable,
  requirePublishableSchema,
  requireTableOwner,
} from './publication-objects.ts';

type Publication = Entry<'publication'>;
type TablePart = Entry<'publicationTable'>;
type SchemaPart = Entry<'publicationSchema'>;

interface Parts {
  readonly tables: readonly TablePart[];
  readonly schemas: readonly SchemaPart[];
}

export function partsOf(ddl: DdlStatement, { oid }: Publication): Parts {
  return {
    tables: ddl.catalog
      .entries('publicationTable')
      .filter(({ definition }) => definition.publication === oid),
    schemas: ddl.catalog
      .entries('publicationSchema')
      .filter(({ definition }) => definition.publication === oid),
  };
}

interface Content {
  readonly definition: DefinitionOf<'publicationTable'>;
  readonly uses: readonly EntryUse[];
}

export function addTables(
  ddl: DdlStatement,
  publication: Publication,
  tables: readonly PublishedTable[],
  hasSchemas: boolean,
): void {
  for (const published of tables) {
    const { table } = published;
    requireTableOwner(ddl, table);
    const content = contentOf(ddl, publication, published, hasSchemas);
    if (partsOf(ddl, publication).tables.some((part) => part.definition.table === table.oid)) {
      throw databaseError(
        'duplicateObject',
        `relation "${table.name}" is already member of publication "${publication.name}"`,
      );
    }
    addEntry(ddl, content);
  }
}

/** The filter and the columns of a table, checked. */
function contentOf(
  ddl: DdlStatement,
  publication: Publication,
  { table, source }: PublishedTable,
  hasSchemas: boolean,
): Content {
  const { oid, definition } = publication;
  const isRouted = table.partitioning !== undefined && !definition.viaRoot;
  const condition =
    source.whereClause === undefined
      ? undefined
      : filterOf(ddl, publication, { table, source }, isRouted);
  const columns =
    source.columns === undefined
      ? undefined
      : columnsOf(ddl, publication, { table, source }, { isRouted, hasSchemas });
  const attributes = new Set([...(columns ?? []), ...(condition?.attributes ?? [])]);
  return {
    definition: {
      class: 'publicationTable',
      publication: oid,
      table: table.oid,
      ...(columns === undefined ? {} : { columns }),
      ...(condition === undefined ? {} : { condition: condition.stored }),
    },
    uses: [
      { oid, bond: 'auto' },
      { oid: table.oid, bond: 'auto' },
      ...[...attributes].map((column) => ({ oid: table.oid, column })),
      ...(condition?.stored.dependencies ?? []).map((used) => ({ oid: used })),
    ],
  };
}

function filterOf(
  ddl: DdlStatement,
  publication: Publication,
  { table, source }: PublishedTable,
  isRouted: boolean,
): { readonly stored: StoredExpression; readonly attributes: readonly number[] } {
  if (isRouted) {
    throw databaseError(
      'invalidParameterValue',
      `cannot use publication WHERE clause for relation "${table.name}"`,
      {
        detail:
          'WHERE clause cannot be used for a partitioned table when publish_via_partition_root is false.',
      },
    );
  }
  const bound = bindStored(ddl, source.whereClause!, { place: 'publicationWhere', table });
  const obstacle = rowFilterObstacle(bound.expression);
  if (obstacle === undefined) return bound;
  throw databaseError('featureNotSupported', 'invalid publication WHERE expression', {
    detail: obstacle.detail,
    ...positionField(obstacle.position),
  });
}

const systemColumns = new Set(['tableoid', 'cmax', 'xmax', 'cmin', 'xmin', 'ctid']);

function columnsOf(
  ddl: DdlStatement,
  publication: Publication,
  { table, source }: PublishedTable,
  { isRouted, hasSchemas }: { readonly isRouted: boolean; readonly hasSchemas: boolean },
): number[] {
  if (hasSchemas) {
    const name = `${ddl.schemaByOid(table.schemaOid).name}.${table.name}`;
    throw databaseError(
      'invalidParameterValue',
      `cannot use column list for relation "${name}" in publication "${publication.name}"`,
      {
        detail:
          'Column lists cannot be specified in publications containing FOR TABLES IN SCHEMA elements.',
      },
    );
  }
  if (isRouted) {
    throw databaseError(
      'invalidParameterValue',
      `cannot use column list for relation "${table.name}"`,
      {
        detail:
          'Column list cannot be specified for a partitioned table when publish_via_partition_root is false.',
      },
    );
  }
  const columns: number[] = [];
  for (const name of stringsOf(source.columns)) {
    if (systemColumns.has(name)) {
      throw databaseError(
        'invalidColumnReference',
        `cannot use system column "${name}" in publication column list`,
      );
    }
    const column = table.columns.find((each) => each.name === name && !each.dropped);
    if (column === undefined) throw columnOfRelationDoesNotExist(name, table.name);
    if (column.generated !== undefined) {
      throw databaseError(
        'invalidColumnReference',
        `cannot use generated column "${name}" in publication column list`,
      );
    }
    if (columns.includes(column.attributeNumber)) {
      throw databaseError(
        'duplicateObject',
        `duplicate column "${name}" in publication column list`,
      );
    }
    columns.push(column.attributeNumber);
  }
  return columns.toSorted((left, right) => left - right);
}

export function setTables(
  ddl: DdlStatement,
  publication: Publication,
  tables: readonly PublishedTable[],
  hasSchemas: boolean,
): void {
  const wanted = tables.map((published) => {
    requireTableOwner(ddl, published.table);
    return contentOf(ddl, publication, published, hasSchemas);
  });
  for (const part of partsOf(ddl, publication).tables) {
    const kept = wanted.findIndex(
      ({ definition }) => JSON.stringify(definition) === JSON.stringify(part.definition),
    );
    if (kept < 0) ddl.changes.remove(part);
    else wanted.splice(kept, 1);
  }
  for (const content of wanted) addEntry(ddl, content);
}

export function dropTables(
  ddl: DdlStatement,
  publication: Publication,
  tables: readonly PublishedTable[],
): void {
  for (const { table, source } of tables) {
    if (source.columns !== undefined) {
      throw databaseError(
        'syntaxError',
        'column list must not be specified in ALTER PUBLICATION ... DROP',
      );
    }
    const part = partOf(ddl, publication, table);
    if (part === undefined) {
      throw databaseError(
        'undefinedObject',
        `relation "${table.name}" is not part of the publication`,
      );
    }
    if (source.whereClause !== undefined) {
      throw databaseError(
        'syntaxError',
        'cannot use a WHERE clause when removing a table from a publication',
      );
    }
    ddl.changes.remove(part);
  }
}

function partOf(
  ddl: DdlStatement,
  publication: Publication,
  { oid }: TableDescriptor,
): TablePart | undefined {
  return partsOf(ddl, publication).tables.find(({ definition }) => definition.table === oid);
}

export function addSchemas(
  ddl: DdlStatement,
  publication: Publication,
  schemas: readonly SchemaDescriptor[],
): void {
  if (schemas.length > 0) refuseColumnLists(ddl, publication);
  for (const schema of schemas) {
    requirePublishableSchema(schema);
    const { schemas: parts } = partsOf(ddl, publication);
    if (parts.some(({ definition }) => definition.schema === schema.oid)) {
      throw databaseError(
        'duplicateObject',
        `schema "${schema.name}" is already member of publication "${publication.name}"`,
      );
    }
    addEntry(ddl, {
      definition: {
        class: 'publicationSchema',
        publication: publication.oid,
        schema: schema.oid,
      },
      uses: [
        { oid: publication.oid, bond: 'auto' },
        { oid: schema.oid, bond: 'auto' },
      ],
    });
  }
}

function refuseColumnLists(ddl: DdlStatement, publication: Publication): void {
  const { tables } = partsOf(ddl, publication);
  if (tables.every(({ definition }) => definition.columns === undefined)) return;
  throw databaseError(
    'invalidParameterValue',
    `cannot add schema to publication "${publication.name}"`,
    {
      detail:
        'Schemas cannot be added if any tables that specify a column list are already part of the publication.',
    },
  );
}

export function setSchemas(
  ddl: DdlStatement,
  publication: Publication,
  schemas: readonly SchemaDescriptor[],
): void {
  const known = new Set<number>();
  for (const part of partsOf(ddl, publication).schemas) {
    const { schema } = part.definition;
    if (schemas.some(({ oid }) => oid === schema)) known.add(schema);
    else ddl.changes.remove(part);
  }
  addSchemas(
    ddl,
    publication,
    schemas.filter(({ oid }) => !known.has(oid)),
  );
}

export function dropSchemas(
  ddl: DdlStatement,
  publication: Publication,
  schemas: readonly SchemaDescriptor[],
): void {
  for (const schema of schemas) {
    const part = partsOf(ddl, publication).schemas.find(
      ({ definition }) => definition.schema === schema.oid,
    );
    if (part === undefined) {
      throw databaseError(
        'undefinedObject',
        `tables from schema "${schema.name}" are not part of the publication`,
      );
    }
    ddl.changes.remove(part);
  }
}
