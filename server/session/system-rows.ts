// Rows of the system catalog that only the server knows: settings, sessions, prepared statements,
// cursors. The columns are PostgreSQL's; what is left out is null.

import { ArrayValue, type Datum, TypeOid } from '#common';
import type { CatalogRow, ExecutionContext } from '#executor';
import { Session } from './session.ts';
import { settingDefinitions, type SettingDefinition } from './setting-definitions.ts';

const sources: Readonly<Record<string, (session: Session) => CatalogRow[]>> = {
  pg_settings: settingRows,
  pg_stat_activity: activityRows,
  pg_prepared_statements: preparedRows,
};

/** undefined: a relation that the catalog computes itself. */
export function systemRows(relation: string, context: ExecutionContext): CatalogRow[] | undefined {
  const source = Object.hasOwn(sources, relation) ? sources[relation] : undefined;
  if (source === undefined) return undefined;
  return context.session instanceof Session ? source(context.session) : [];
}

function contextOf(definition: SettingDefinition): string {
  if (definition.internal === true) return 'internal';
  return definition.startOnly === true ? 'postmaster' : 'user';
}

function settingRows(session: Session): CatalogRow[] {
  const text = (value: number | undefined): Datum => (value === undefined ? null : String(value));
  return [...settingDefinitions.values()].map((definition) => {
    const value = session.settings.require(definition.name);
    return {
      name: definition.name,
      setting: value,
      unit: definition.unit ?? null,
      category: definition.category,
      short_desc: definition.description,
      context: contextOf(definition),
      vartype: definition.type,
      source: value === definition.default ? 'default' : 'session',
      min_val: text(definition.min),
      max_val: text(definition.max),
      enumvals:
        definition.type === 'enum' && definition.choices !== undefined
          ? ArrayValue.of(TypeOid.text, definition.choices)
          : null,
      boot_val: definition.default,
      reset_val: session.settings.resetValue(definition.name),
      pending_restart: false,
    };
  });
}

function stateOf(session: Session): string {
  if (session.state === 'active') return 'active';
  if (session.block.isFailed) return 'idle in transaction (aborted)';
  return session.block.inBlock ? 'idle in transaction' : 'idle';
}

function activityRows(session: Session): CatalogRow[] {
  const { clock } = session.server;
  const time = (micros: number): Datum => (micros === 0 ? null : clock.toSql(micros));
  return [...session.server.sessions.all()].map((each) => ({
    datid: each.database.descriptor.oid,
    datname: each.database.name,
    pid: each.processId,
    usesysid: each.sessionUser.oid,
    usename: each.sessionUser.name,
    application_name: each.settings.require('application_name'),
    backend_start: time(each.startedAt),
    xact_start: each.block.active === undefined ? null : time(each.block.active.startTimestamp),
    query_start: time(each.queryStartedAt),
    state_change: time(each.queryStartedAt),
    state: stateOf(each),
    query: each.lastQuery,
    backend_type: 'client backend',
  }));
}

function preparedRows(session: Session): CatalogRow[] {
  return [...session.prepared.values()]
    .filter(({ name }) => name !== '')
    .map((prepared) => ({
      name: prepared.name,
      statement: prepared.text,
      prepare_time: session.server.clock.toSql(prepared.preparedAt),
      parameter_types: ArrayValue.of(
        TypeOid.regtype,
        prepared.parameterTypes.map(({ oid }) => oid),
      ),
      from_sql: prepared.fromSql,
      generic_plans: 0,
      custom_plans: 0,
    }));
}
