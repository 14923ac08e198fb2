// Names of operators, plain and as OPERATOR(schema.name), and the operators of users that they can mean. An
// operator's name holds no dot, so a qualified one is passed on as "schema.name".

import type { Node } from '@pgsql/types';
import { databaseError, type Entry } from '#common';
import { functionRegistry, operatorSignature, type OperatorSignature } from '#functions';
import { at } from '../errors.ts';
import type { Binder } from './context.ts';
import { isModuleSchema } from './module-schema.ts';
import { stringsOf } from './node.ts';
import type { Scope } from './scope.ts';

/** The bare name, of operators of pg_catalog also where that is written, else with its schema. */
export function operatorName(
  nodes: readonly Node[] | undefined,
  scope: Scope,
  location: number | undefined,
): string {
  const parts = stringsOf(nodes);
  const schema = parts.length > 1 ? parts.at(-2)! : 'pg_catalog';
  if (schema === 'pg_catalog') return parts.at(-1) ?? '';
  const name = parts.at(-1) ?? '';
  const isModule = functionRegistry
    .operatorsNamed(name)
    .some(({ module }) => isModuleSchema(scope.binder.context.catalog, module, schema));
  if (isModule) return name;
  const isKnown =
    /^\d+$/.test(schema) || scope.binder.context.catalog.findSchema(schema) !== undefined;
  if (isKnown) return `${schema}.${name}`;
  throw databaseError(
    'invalidSchemaName',
    `schema "${schema}" does not exist`,
    at(scope.position(location)),
  );
}

export interface NamedOperators {
  readonly name: string;
  readonly userOperators: readonly OperatorSignature[];
  /** The name is qualified: the server's own operators are not meant. */
  readonly userOnly: boolean;
}

/** Stored expressions name operators by oid in the place of the schema: OPERATOR("16384".===). */
export function namedOperators(qualified: string, binder: Binder): NamedOperators {
  const dot = qualified.lastIndexOf('.');
  const name = qualified.slice(dot + 1);
  const { catalog, searchPath } = binder.context;
  const all = catalog.entries('operator');
  if (dot < 0 && all.length === 0) return { name, userOperators: [], userOnly: false };
  const named = all.filter((entry) => entry.name === name);
  const schema = dot < 0 ? undefined : qualified.slice(0, dot);
  if (schema !== undefined && /^\d+$/.test(schema)) {
    const found = named.filter(({ oid }) => oid === Number(schema));
    const brought = functionRegistry.operatorByOid(Number(schema));
    const isBrought = found.length === 0 && brought?.module !== undefined;
    const userOperators = isBrought ? [brought] : found.map(operatorSignature);
    return { name, userOperators, userOnly: true };
  }
  const userOperators = (schema === undefined ? searchPath : [schema]).flatMap((each) => {
    const schemaOid = catalog.findSchema(each)?.oid;
    return named
      .filter((entry: Entry<'operator'>) => entry.schemaOid === schemaOid)
      .map(operatorSignature);
  });
  return { name, userOperators, userOnly: schema !== undefined };
}
