// TABLESAMPLE (PostgreSQL's transformRangeTableSample): a table with a condition on the places of its
// rows, so that whatever reads the table samples it.

import type { RangeTableSample } from '@pgsql/types';
import { databaseError, type Expression, type SqlType, sqlType, TypeOid } from '#common';
import { tableSampleOids } from '#functions';
import { at } from '../errors.ts';
import { coerceToSpecific } from './coercion.ts';
import { booleanType, constant, int4Type, textType } from './expression-build.ts';
import { ExpressionKinds } from './expression-kind.ts';
import type { FromElement } from './from-element.ts';
import { bodyOf, stringsOf } from './node.ts';
import type { Scope } from './scope.ts';

const methods: ReadonlySet<string> = new Set(['bernoulli', 'system']);

export function sampledElement(
  sample: RangeTableSample,
  element: FromElement,
  scope: Scope,
): FromElement {
  const range = bodyOf(sample.relation, 'RangeVar');
  const place = element.row.table === undefined ? undefined : element.row.pseudoColumn('ctid');
  if (place === undefined) {
    throw databaseError(
      'featureNotSupported',
      'TABLESAMPLE clause can only be applied to tables and materialized views',
      at(scope.position(range?.location)),
    );
  }
  const method = stringsOf(sample.method).at(-1) ?? '';
  const position = scope.position(sample.location);
  if (!methods.has(method)) {
    throw databaseError(
      'undefinedObject',
      `tablesample method ${method} does not exist`,
      at(position),
    );
  }
  const given = sample.args ?? [];
  if (given.length !== 1) {
    throw databaseError(
      'invalidTablesampleArgument',
      `tablesample method ${method} requires 1 argument, not ${given.length}`,
      at(position),
    );
  }
  const bind = (node: RangeTableSample['repeatable'], type: SqlType): Expression =>
    coerceToSpecific(
      scope.bindAs(ExpressionKinds.fromFunction, node!),
      type,
      'TABLESAMPLE',
      scope.binder,
    );
  const percent = bind(given[0], sqlType(TypeOid.float4));
  const isRepeatable = sample.repeatable !== undefined;
  const seed = isRepeatable
    ? bind(sample.repeatable, sqlType(TypeOid.float8))
    : constant(sample.location ?? 0, int4Type);
  const condition: Expression = {
    kind: 'call',
    type: booleanType,
    functionOid: isRepeatable ? tableSampleOids.repeatable : tableSampleOids.once,
    arguments: [place.expression(), constant(method, textType), percent, seed],
  };
  return {
    ...element,
    build() {
      const input = element.build();
      return { kind: 'filter', input, condition, barrier: false, outputs: input.outputs };
    },
  };
}
