// Follows a renamed relation, column or schema into the texts of views.

import type { ColumnRef, Node } from '@pgsql/types';
import {
  notSupported,
  quoteIdentifier,
  type RelationDescriptor,
  type ViewDescriptor,
  queryOf,
  type TableDescriptor,
} from '#common';
import {
  bodyOf,
  editText,
  type ParsedStatement,
  parseStatements,
  qualifiedText,
  relationReferences,
  stringsOf,
  type TextEdit,
} from '#planner';
import type { DdlStatement } from './statement.ts';
import { bindViewText } from './views.ts';

interface NamedPlace {
  readonly edit: TextEdit;
  readonly relationOid: number;
  /** No alias was given, so the name itself may qualify columns. */
  readonly needsAlias: string | undefined;
}

/** A view, or a table that is a materialized one. */
export type StoredView = ViewDescriptor | TableDescriptor;

interface AffectedView {
  readonly view: StoredView;
  readonly parsed: ParsedStatement;
  readonly places: readonly NamedPlace[];
  readonly columns: readonly string[];
}

/**
 * Looks at the texts before the change; the function that is returned rewrites them after it. The oid
 * is that of a relation or of a schema. 0A000 when a text cannot follow.
 */
export function rewriteViewReferences(ddl: DdlStatement, oid: number): () => void {
  const schema = ddl.catalog.schemaByOid(oid);
  const affected: AffectedView[] = [];
  const before = columnNames(ddl.catalog.relationByOid(oid));
  for (const view of ddl.catalog.userRelations()) {
    const query = queryOf(view);
    if (query === undefined) continue;
    const [parsed] = parseStatements(query.sql);
    if (parsed === undefined) continue;
    const places = placesIn(ddl, parsed).filter(({ relationOid }) => {
      if (schema === undefined) return relationOid === oid;
      return ddl.catalog.relationByOid(relationOid)?.schemaOid === oid;
    });
    if (places.length > 0)
      affected.push({ view: view as StoredView, parsed, places, columns: before });
  }
  return () => {
    for (const each of affected) rewrite(ddl, each, oid);
  };
}

function columnNames(relation: RelationDescriptor | undefined): readonly string[] {
  return relation?.kind === 'table' || relation?.kind === 'view'
    ? relation.columns.map(({ name }) => name)
    : [];
}

function placesIn(ddl: DdlStatement, parsed: ParsedStatement): NamedPlace[] {
  return relationReferences(parsed, parsed.statement).flatMap(({ range, start, end }) => {
    const relation = ddl.findRelation(range.schemaname, range.relname ?? '');
    if (relation === undefined) return [];
    const needsAlias = range.alias === undefined ? range.relname : undefined;
    return [{ edit: { start, end, text: '' }, relationOid: relation.oid, needsAlias }];
  });
}

function rewrite(
  ddl: DdlStatement,
  { view, parsed, places, columns }: AffectedView,
  oid: number,
): void {
  const edits = places.map(({ edit, relationOid, needsAlias }): TextEdit => {
    const relation = ddl.catalog.relationByOid(relationOid)!;
    const name = qualifiedText(ddl.schemaByOid(relation.schemaOid).name, relation.name);
    const alias =
      needsAlias === undefined || needsAlias === relation.name
        ? ''
        : ` ${quoteIdentifier(needsAlias)}`;
    return { ...edit, text: name + alias };
  });
  const after = columnNames(ddl.catalog.relationByOid(oid));
  const renamed = columns.findIndex(
    (name, index) => after[index] !== undefined && after[index] !== name,
  );
  if (renamed >= 0) edits.push(...columnEdits(parsed, columns[renamed], after[renamed]));
  const sql = editText(parsed.sql, edits);
  try {
    bindViewText(ddl, sql);
  } catch {
    throw viewCannotFollow(view.name);
  }
  putViewText(ddl, view, sql);
}

export function putViewText(ddl: DdlStatement, view: StoredView, sql: string): void {
  const newest = ddl.catalog.relationByOid(view.oid) as StoredView;
  const definition = { ...queryOf(newest)!, sql };
  if (newest.kind === 'view') ddl.put({ ...newest, definition });
  else ddl.put({ ...newest, materialized: { ...newest.materialized!, definition } });
}

export function viewCannotFollow(view: string): Error {
  return notSupported(`renaming what view "${view}" uses in this way`, {
    hint: 'Drop the view, rename, and create the view again.',
  });
}

/** References by the old name; as a result column it keeps the name that outer queries know. */
function columnEdits(parsed: ParsedStatement, from: string, to: string): TextEdit[] {
  const edits: TextEdit[] = [];
  const visit = (node: unknown, isTarget: boolean): void => {
    if (typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) {
      for (const item of node) visit(item, isTarget);
      return;
    }
    const reference = bodyOf(node as Node, 'ColumnRef');
    if (reference !== undefined) {
      const edit = columnEdit(parsed, reference, { from, to, isTarget });
      if (edit !== undefined) edits.push(edit);
      return;
    }
    const target = bodyOf(node as Node, 'ResTarget');
    if (target !== undefined) {
      visit(target.val, target.name === undefined);
      return;
    }
    for (const value of Object.values(node)) visit(value, 'ColumnRef' in node);
  };
  visit(parsed.statement, false);
  return edits;
}

function columnEdit(
  parsed: ParsedStatement,
  reference: ColumnRef,
  {
    from,
    to,
    isTarget,
  }: { readonly from: string; readonly to: string; readonly isTarget: boolean },
): TextEdit | undefined {
  const names = stringsOf(reference.fields);
  const start = parsed.positionOf(reference.location);
  if (names.at(-1) !== from || start === undefined) return undefined;
  const text = [...names.slice(0, -1), to].map(quoteIdentifier).join('.');
  const written = new RegExp(
    `^(?:(?:"(?:[^"]|"")*"|[^\\s".,()]+)\\s*\\.\\s*)*(?:"(?:[^"]|"")*"|[\\w$\\u0080-\\uffff]+)`,
    'u',
  );
  const length = written.exec(parsed.sql.slice(start))?.[0].length ?? 0;
  return {
    start,
    end: start + length,
    text: isTarget ? `${text} AS ${quoteIdentifier(from)}` : text,
  };
}
