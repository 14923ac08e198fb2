// OPTIONS (name 'value', ADD …, SET …, DROP …) of foreign objects (foreigncmds.c), and the options that
// the validator postgresql_fdw_validator() knows.

import type { Node } from '@pgsql/types';
import { databaseError, type EntryOptions } from '#common';
import { definitionElements, elementText } from '#planner';

/** The options as a statement leaves them. 42710, 42704. */
export function changedOptions(
  old: EntryOptions,
  nodes: readonly Node[] | undefined,
): EntryOptions {
  const options: Record<string, string> = { ...old };
  for (const element of definitionElements(nodes)) {
    const { defname: name = '', defaction } = element;
    const isKnown = Object.hasOwn(options, name);
    switch (defaction) {
      case 'DEFELEM_DROP':
        if (!isKnown) throw databaseError('undefinedObject', `option "${name}" not found`);
        delete options[name];
        break;
      case 'DEFELEM_SET':
        if (!isKnown) throw databaseError('undefinedObject', `option "${name}" not found`);
        options[name] = elementText(element) ?? '';
        break;
      default:
        if (isKnown) {
          throw databaseError('duplicateObject', `option "${name}" provided more than once`);
        }
        options[name] = elementText(element) ?? '';
    }
  }
  return options;
}

/** What is being validated, as the oid of its catalog. */
export type OptionContext = 'wrapper' | 'server' | 'mapping' | 'table' | 'column';

const serverOptions = [
  'authtype',
  'service',
  'connect_timeout',
  'dbname',
  'host',
  'hostaddr',
  'port',
  'tty',
  'options',
  'requiressl',
  'sslmode',
  'gsslib',
];
const known: Readonly<Record<OptionContext, readonly string[]>> = {
  wrapper: [],
  server: serverOptions,
  mapping: ['user', 'password'],
  table: [],
  column: [],
};

/** pg_proc.oid of postgresql_fdw_validator(). */
export const builtinValidator = 2316;

/** postgresql_fdw_validator(): HV00D for an option that libpq does not have. */
export function validateOptions(
  validator: number,
  options: EntryOptions,
  context: OptionContext,
): void {
  if (validator !== builtinValidator) return;
  for (const name of Object.keys(options)) {
    if (known[context].includes(name)) continue;
    const valid = known[context].join(', ');
    throw databaseError(
      'syntaxError',
      `invalid option "${name}"`,
      valid === ''
        ? { hint: 'There are no valid options in this context.' }
        : { hint: `Valid options in this context are: ${valid}` },
    );
  }
}
