// Names of operators, plain and as OPERATOR(schema.name).

import type { Node } from '@pgsql/types';
import { databaseError } from '#common';
import { functionRegistry } from '#functions';
import { at } from '../errors.ts';
import { isModuleSchema } from './module-schema.ts';
import { stringsOf } from './node.ts';
import type { Scope } from './scope.ts';

/** The bare name; schemas other than pg_catalog have no operators. */
export function operatorName(
  nodes: readonly Node[] | undefined,
  scope: Scope,
  location: number | undefined,
): string {
  const parts = stringsOf(nodes);
  const schema = parts.length > 1 ? parts.at(-2)! : 'pg_catalog';
  if (schema === 'pg_catalog') return parts.at(-1) ?? '';
  if (scope.binder.context.catalog.findSchema(schema) === undefined) {
    throw databaseError(
      'invalidSchemaName',
      `schema "${schema}" does not exist`,
      at(scope.position(location)),
    );
  }
  const name = parts.at(-1) ?? '';
  const isModule = functionRegistry
    .operatorsNamed(name)
    .some(({ module }) => isModuleSchema(scope.binder, module, schema));
  if (isModule) return name;
  throw databaseError(
    'undefinedFunction',
    `operator does not exist: ${parts.join('.')}`,
    at(scope.position(location)),
  );
}
