// ALTER FUNCTION | PROCEDURE | ROUTINE: options, name, owner and schema.

import type { AlterFunctionStmt, Node } from '@pgsql/types';
import { databaseError, type RoutineDescriptor } from '#common';
import { routineTitle } from '../catalog/routine-name.ts';
import { bodyOf } from '#planner';
import { CatalogNames } from '../catalog/names.ts';
import { applyOption, type ChangedOptions } from './routine-options.ts';
import { findRoutine, routineNouns } from './routine-names.ts';
import { sameInputs } from './routines.ts';
import type { DdlStatement } from './statement.ts';

export function alterFunction(ddl: DdlStatement, statement: AlterFunctionStmt): string {
  const noun = routineNouns[statement.objtype ?? 'OBJECT_FUNCTION'];
  const node: Node = { ObjectWithArgs: statement.func! };
  const routine = findRoutine(ddl, node, noun)!;
  ddl.requireOwner(noun, routine);
  const changed: ChangedOptions =
    routine.settings === undefined ? {} : { settings: routine.settings };
  const isProcedure = routine.routineKind === 'procedure';
  const given = new Set<string | undefined>();
  for (const action of statement.actions ?? []) {
    const option = bodyOf(action, 'DefElem')!;
    if (option.defname !== 'set' && given.has(option.defname))
      throw databaseError('syntaxError', 'conflicting or redundant options');
    given.add(option.defname);
    applyOption(option, changed, { isProcedure }, ddl);
  }
  if (changed.rows !== undefined && changed.rows > 0 && !routine.returnsSet) {
    throw databaseError(
      'invalidParameterValue',
      'ROWS is not applicable when function does not return a set',
    );
  }
  const { settings, ...others } = changed;
  const { settings: _old, ...rest } = routine;
  const hasSettings = settings !== undefined && Object.keys(settings).length > 0;
  ddl.put({ ...rest, ...others, ...(hasSettings ? { settings } : {}) });
  return `ALTER ${noun.toUpperCase()}`;
}

/** Another name or schema, if it is free there. 42723. */
export function moveRoutine(
  ddl: DdlStatement,
  routine: RoutineDescriptor,
  place: { readonly name?: string; readonly schemaOid?: number },
): void {
  ddl.requireOwner(routine.routineKind, routine);
  const moved = { ...routine, ...place };
  if (moved.name === routine.name && moved.schemaOid === routine.schemaOid) return;
  ddl.changes.lockName(`routine ${moved.schemaOid}`, moved.name);
  const taken = ddl.catalog
    .routinesNamed(moved.name)
    .some((other) => other.schemaOid === moved.schemaOid && sameInputs(other, moved));
  if (taken) {
    const names = new CatalogNames(ddl.catalog, ddl.context.searchPath);
    const schema = ddl.catalog.schemaByOid(moved.schemaOid)?.name ?? '';
    const title = routineTitle(names, moved)
      .replace(/^.*?\(/, `${moved.name}(`)
      .replaceAll(',', ', ');
    throw databaseError(
      'duplicateFunction',
      `function ${title} already exists in schema "${schema}"`,
    );
  }
  ddl.put(moved);
}
