// Event triggers around one statement: ddl_command_start before it, sql_drop and ddl_command_end after it,
// table_rewrite before a table is written anew. What the statement made and dropped is what differs between
// the catalog before and after. Databases without event triggers pay one look at an empty list.

import {
  type CatalogObject,
  type ColumnDescriptor,
  type Entry,
  type EventTriggerEvent,
  type TableDescriptor,
} from '#common';
import type { Node } from '@pgsql/types';
import type { DroppedObject, EventCommand, EventTriggerData } from '#functions';
import { isTemporarySchema } from '#storage';
import type { StateCatalog } from '../catalog/catalog.ts';
import { CatalogNames } from '../catalog/names.ts';
import { catalogOf, type KnownObject, objectAt } from '../catalog/object-identity.ts';
import { catalogOids } from '../system-catalog/catalog-oids.ts';
import { isTriggerEnabled } from '../write/trigger-calls.ts';
import { commandTag } from './command-tag.ts';
import { commandSupport } from './command-support.ts';
import type { DdlStatement } from './statement.ts';

/** Objects of the cluster, for which nothing fires. */
const clusterTypes = new Set([
  'OBJECT_DATABASE',
  'OBJECT_TABLESPACE',
  'OBJECT_ROLE',
  'OBJECT_EVENT_TRIGGER',
]);

export class EventFiring {
  private readonly tag: string;
  private readonly before: StateCatalog;
  private readonly changesBefore: number;

  private constructor(ddl: DdlStatement, tag: string) {
    this.tag = tag;
    this.before = ddl.catalog;
    this.changesBefore = ddl.changes.count;
  }

  /** undefined: nothing fires for the statement. */
  static open(ddl: DdlStatement, node: Node): EventFiring | undefined {
    if (ddl.catalog.entries('eventTrigger').length === 0) return undefined;
    const tag = commandTag(node);
    if (commandSupport(tag) !== 'fires' || isAboutCluster(node)) return undefined;
    return new EventFiring(ddl, tag);
  }

  start(ddl: DdlStatement): void {
    fire(ddl, this.tag, 'ddl_command_start', { commands: [], dropped: [] });
  }

  end(ddl: DdlStatement): void {
    const changed = new Set(ddl.changes.changedSince(this.changesBefore));
    const dropped = this.dropped(ddl, changed);
    if (dropped.length > 0) fire(ddl, this.tag, 'sql_drop', { commands: [], dropped });
    const commands = this.commands(ddl, changed);
    fire(ddl, this.tag, 'ddl_command_end', { commands, dropped: [] });
  }

  /** What is new or other than before; the statement itself says how, further objects were made along. */
  private commands(ddl: DdlStatement, changed: ReadonlySet<number>): EventCommand[] {
    const names = namesOf(ddl, ddl.catalog);
    const commands: EventCommand[] = [];
    const add = (catalog: number, oid: number, isNew: boolean): void => {
      const object = objectAt(names, { catalog, oid, column: 0 });
      if (object === undefined) return;
      const { type, schema, identity } = object;
      const created = `CREATE ${type.toUpperCase()}`;
      const tag = isNew && !this.tag.endsWith(type.toUpperCase()) ? created : this.tag;
      commands.push({ catalog, oid, column: 0, tag, type, schema, identity });
    };
    for (const oid of changed) {
      const object = ddl.catalog.state.find(oid);
      if (object === undefined) continue;
      const old = this.before.state.find(oid);
      const isNew = old === undefined;
      if (isNew || !this.tag.startsWith('CREATE')) add(catalogOf(object), oid, isNew);
      if (object.kind !== 'table') continue;
      const known = new Set(old?.kind === 'table' ? old.indexes.map((index) => index.oid) : []);
      for (const index of object.indexes)
        if (!known.has(index.oid)) add(catalogOids.class, index.oid, true);
    }
    return commands;
  }

  private dropped(ddl: DdlStatement, changed: ReadonlySet<number>): DroppedObject[] {
    const names = namesOf(ddl, this.before);
    const found: DroppedObject[] = [];
    const add = (catalog: number, oid: number, column = 0): void => {
      const object = objectAt(names, { catalog, oid, column });
      if (object === undefined) return;
      const isOriginal = column === 0 && ddl.originals.has(oid);
      found.push({
        catalog,
        oid,
        column,
        original: isOriginal,
        normal: !isOriginal,
        temporary: isTemporary(object),
        object,
      });
    };
    for (const oid of changed) {
      const old = this.before.state.find(oid);
      if (old === undefined) continue;
      const now = ddl.catalog.state.find(oid) as CatalogObject | undefined;
      if (now === undefined) add(catalogOf(old), oid);
      if (old.kind === 'table' || old.kind === 'view') {
        if (now === undefined) for (const type of rowTypes(old)) add(catalogOids.type, type);
        if (old.kind === 'table') droppedParts(old, now?.kind === 'table' ? now : undefined, add);
      }
      if (old.kind === 'type' && now === undefined) add(catalogOids.type, old.arrayOid);
    }
    return found;
  }
}

type Add = (catalog: number, oid: number, column?: number) => void;

/** Indexes, constraints, triggers and columns that a table had and has no more. */
function droppedParts(old: TableDescriptor, now: TableDescriptor | undefined, add: Add): void {
  const left = new Set(
    now === undefined
      ? []
      : [...now.indexes, ...now.constraints, ...(now.triggers ?? [])].map(({ oid }) => oid),
  );
  for (const { oid } of old.indexes) if (!left.has(oid)) add(catalogOids.class, oid);
  for (const { oid } of old.constraints) if (!left.has(oid)) add(catalogOids.constraint, oid);
  for (const { oid } of old.triggers ?? []) if (!left.has(oid)) add(catalogOids.trigger, oid);
  if (now === undefined) return;
  old.columns.forEach((column: ColumnDescriptor, place) => {
    if (!column.dropped && now.columns[place]?.dropped === true)
      add(catalogOids.class, old.oid, column.attributeNumber);
  });
}

function rowTypes(relation: {
  readonly rowTypeOid: number;
  readonly rowArrayOid?: number;
}): number[] {
  const { rowTypeOid, rowArrayOid } = relation;
  return rowArrayOid === undefined ? [rowTypeOid] : [rowTypeOid, rowArrayOid];
}

function isTemporary({ schema }: KnownObject): boolean {
  return schema !== null && isTemporarySchema(schema);
}

function namesOf(ddl: DdlStatement, catalog: StateCatalog): CatalogNames {
  return new CatalogNames(catalog, ddl.context.searchPath);
}

function isAboutCluster(node: Node): boolean {
  const body = Object.values(node)[0] as
    | {
        readonly objtype?: string;
        readonly removeType?: string;
        readonly renameType?: string;
        readonly objectType?: string;
      }
    | undefined;
  const type = body?.objtype ?? body?.removeType ?? body?.renameType ?? body?.objectType;
  return type !== undefined && clusterTypes.has(type);
}

/** Before the rows of a table are written anew. */
export function fireTableRewrite(ddl: DdlStatement, table: TableDescriptor, reason: number): void {
  if (ddl.catalog.entries('eventTrigger').length === 0) return;
  const tag = commandTag(ddl.parsed.statement);
  const data = { commands: [], dropped: [], rewrite: { oid: table.oid, reason } };
  fire(ddl, tag, 'table_rewrite', data);
}

/** All enabled triggers of the event whose filter lets the tag through, by name. */
function fire(
  ddl: DdlStatement,
  tag: string,
  event: EventTriggerEvent,
  data: Omit<EventTriggerData, 'event'>,
): void {
  const { functions } = ddl.context;
  const role = functions.setting('session_replication_role');
  const matching = ddl.catalog
    .entries('eventTrigger')
    .filter(({ definition }: Entry<'eventTrigger'>) => {
      const { tags } = definition;
      const isMeant = definition.event === event && (tags.length === 0 || tags.includes(tag));
      return isMeant && isTriggerEnabled(definition, role);
    })
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
  for (const { definition } of matching)
    functions.routines?.eventTrigger(definition.functionOid, { tag, data: { ...data, event } });
}
