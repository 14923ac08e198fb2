// hstore['key']: the value of one key, as text.

import type { A_Indices } from '@pgsql/types';
import { databaseError, sqlType, TypeOid, type Expression } from '#common';
import { functionRegistry } from '#functions';
import { at } from '../errors.ts';
import { coerceToTarget } from './coercion.ts';
import { placed, textType } from './expression-build.ts';
import { startOf } from './located.ts';
import type { Scope } from './scope.ts';

/** The key that the only subscript is. 0A000 for several and slices, 42804 when it is no text. */
export function hstoreKey(subscripts: readonly A_Indices[], scope: Scope): Expression {
  const [{ is_slice: isSlice, uidx }] = subscripts;
  if (isSlice === true || subscripts.length !== 1) {
    throw databaseError('featureNotSupported', 'hstore allows only one subscript');
  }
  const bound = scope.bind(uidx!);
  const key = coerceToTarget(bound, textType, 'assignment', scope.binder);
  if (key !== undefined) return key;
  throw databaseError(
    'datatypeMismatch',
    'hstore subscript must have type text',
    at(startOf(bound)),
  );
}

export function hstoreSubscript(
  argument: Expression,
  subscripts: readonly A_Indices[],
  scope: Scope,
): Expression {
  const key = hstoreKey(subscripts, scope);
  const [signature] = functionRegistry.functionsNamed('fetchval');
  return {
    kind: 'call',
    functionOid: signature.oid,
    arguments: [argument, key],
    type: sqlType(TypeOid.text),
    ...placed(argument.position),
  };
}
