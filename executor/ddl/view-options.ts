// Options of views: what CREATE VIEW's WITH says, and ALTER VIEW's SET, RESET and column defaults.

import type { AlterTableCmd, DefElem } from '@pgsql/types';
import { databaseError, type ViewDescriptor } from '#common';
import { definitionElements, elementText, listItems } from '#planner';
import { columnOfRelationDoesNotExist } from './errors.ts';
import type { DdlStatement } from './statement.ts';
import { bindStored, isNullConstant } from './stored-expression.ts';

export type ViewOptions = Pick<ViewDescriptor, 'checkOption' | 'options'>;

/** The options with those of the list. 22023. */
export function withViewOptions(before: ViewOptions, elements: readonly DefElem[]): ViewOptions {
  const options: Record<string, string> = { ...before.options };
  let { checkOption } = before;
  for (const element of elements) {
    const name = element.defname ?? '';
    const text = elementText(element) ?? 'true';
    if (name === 'check_option') {
      const level = text.toLowerCase();
      if (level !== 'local' && level !== 'cascaded') {
        throw databaseError(
          'invalidParameterValue',
          `invalid value for enum option "check_option": ${text}`,
          { detail: 'Valid values are "local" and "cascaded".' },
        );
      }
      checkOption = level;
    } else if (name === 'security_barrier' || name === 'security_invoker') {
      if (!/^(t|tr|tru|true|f|fa|fal|fals|false|on|of|off|yes|y|no|n|1|0)$/i.test(text)) {
        throw databaseError(
          'invalidParameterValue',
          `invalid value for boolean option "${name}": ${text}`,
        );
      }
      options[name] = text;
    } else throw databaseError('invalidParameterValue', `unrecognized parameter "${name}"`);
  }
  return { checkOption, ...(Object.keys(options).length === 0 ? {} : { options }) };
}

function optionElements(command: AlterTableCmd): readonly DefElem[] {
  return definitionElements(listItems(command.def));
}

export function setViewOptions(
  ddl: DdlStatement,
  view: ViewDescriptor,
  command: AlterTableCmd,
): void {
  const { options: _options, ...rest } = view;
  ddl.put({ ...rest, ...withViewOptions(view, optionElements(command)) });
}

export function resetViewOptions(
  ddl: DdlStatement,
  view: ViewDescriptor,
  command: AlterTableCmd,
): void {
  const names = new Set(optionElements(command).map(({ defname }) => defname));
  const { options = {}, ...rest } = view;
  const kept = Object.fromEntries(Object.entries(options).filter(([name]) => !names.has(name)));
  ddl.put({
    ...rest,
    ...(names.has('check_option') ? { checkOption: 'none' as const } : {}),
    ...(Object.keys(kept).length === 0 ? {} : { options: kept }),
  });
}

/** ALTER VIEW … ALTER COLUMN … SET DEFAULT: for rows inserted through the view. */
export function setViewColumnDefault(
  ddl: DdlStatement,
  view: ViewDescriptor,
  command: AlterTableCmd,
): void {
  const name = command.name ?? '';
  const column = view.columns.find((each) => each.name === name && !each.dropped);
  if (column === undefined) throw columnOfRelationDoesNotExist(name, view.name);
  const { default: _default, ...plain } = column;
  const changed =
    command.def === undefined || isNullConstant(command.def)
      ? plain
      : {
          ...plain,
          default: bindStored(ddl, command.def, { place: 'columnDefault', column }).stored,
        };
  ddl.put({ ...view, columns: view.columns.map((each) => (each === column ? changed : each)) });
}
