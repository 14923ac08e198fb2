// Edits that make the text of a query mean the same under any search path: relations by their schemas,
// users' types and routines by oid. Used where the text itself is kept (views, rules, policies).

import {
  type ParsedStatement,
  qualifiedText,
  relationReferences,
  stringsOf,
  type TextEdit,
  typeReferences,
} from '#planner';
import { isTemporarySchema } from '#storage';
import { routineEdits } from './routine-references.ts';
import type { DdlStatement } from './statement.ts';
import { findType } from './user-types.ts';

export interface QualifyingEdits {
  readonly edits: readonly TextEdit[];
  /** Relations, types and routines that the text names. */
  readonly dependencies: readonly number[];
  /** It reads a temporary relation. */
  readonly usesTemporary: boolean;
}

/** Positions are those of the statement's text. */
export function qualifyingEdits(
  ddl: DdlStatement,
  parsed: ParsedStatement,
  functionOids: ReadonlySet<number>,
): QualifyingEdits {
  const dependencies = new Set<number>();
  const edits: TextEdit[] = [];
  let usesTemporary = false;
  for (const { range, start, end } of relationReferences(parsed, parsed.statement)) {
    const relation = ddl.findRelation(range.schemaname, range.relname ?? '');
    if (relation === undefined) continue;
    dependencies.add(relation.oid);
    const schema = ddl.schemaByOid(relation.schemaOid);
    usesTemporary ||= isTemporarySchema(schema.name);
    edits.push({ start, end, text: qualifiedText(schema.name, relation.name) });
  }
  for (const { name, start, end } of typeReferences(parsed, parsed.statement)) {
    const oid = userTypeNamed(ddl, stringsOf(name.names));
    if (oid === undefined) continue;
    dependencies.add(oid);
    edits.push({ start, end, text: `pg_catalog."${oid}"` });
  }
  for (const oid of functionOids) dependencies.add(oid);
  const routines = [...functionOids].flatMap((oid) => ddl.catalog.routineByOid(oid) ?? []);
  edits.push(...routineEdits(parsed, routines));
  return { edits, dependencies: [...dependencies], usesTemporary };
}

/** A type that can be renamed: it is kept by oid. */
function userTypeNamed(ddl: DdlStatement, parts: readonly string[]): number | undefined {
  const type = findType(ddl, parts);
  if (type === undefined) return undefined;
  return type.name === parts.at(-1) ? type.oid : undefined;
}
