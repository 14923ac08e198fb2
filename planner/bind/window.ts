// Window functions (PostgreSQL's parse_agg.c and transformWindowDefinitions): definitions, named or
// inline, with their frames, and the column that takes the place of a call.

import type { Node, WindowDef } from '@pgsql/types';
import {
  databaseError,
  Jsonb,
  sqlType,
  TypeOid,
  type Expression,
  type OrderKey,
  type SqlType,
} from '#common';
import { at } from '../errors.ts';
import type { WindowFrameBound, WindowNode } from '../logical-plan.ts';
import { columnsOf } from '../optimize/plan-tree.ts';
import { bindFilter, collatedArguments, plainExtreme } from './aggregate.ts';
import { collatedForEquality, collatedKey, inputCollation, mergedColumnType } from './collation.ts';
import { coerceToSpecific, coerceToTarget } from './coercion.ts';
import { int8Type } from './expression-build.ts';
import { ExpressionKinds, type ExpressionKind } from './expression-kind.ts';
import type { ResolvedCall } from './function-call.ts';
import { requireAggregate, requireWindow } from './implementation.ts';
import { bodyOf } from './node.ts';
import { columnReference, type Scope } from './scope.ts';
import { bindSortKey, requireOrdering, textIfUnknown } from './sort-key.ts';
import { typeName } from './type-name.ts';
import { startOf } from './located.ts';

export interface BoundWindow {
  readonly name: string | undefined;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderKey[];
  readonly frame: WindowNode['frame'];
  readonly hasFrame: boolean;
}

/** FRAMEOPTION_… of PostgreSQL's parsenodes.h. */
const Frame = {
  nonDefault: 0x1,
  rows: 0x4,
  groups: 0x8,
  startUnboundedPreceding: 0x20,
  endUnboundedPreceding: 0x40,
  startUnboundedFollowing: 0x80,
  endUnboundedFollowing: 0x100,
  startCurrentRow: 0x200,
  endCurrentRow: 0x400,
  startOffsetPreceding: 0x800,
  endOffsetPreceding: 0x1000,
  startOffsetFollowing: 0x2000,
  endOffsetFollowing: 0x4000,
  excludeCurrentRow: 0x8000,
  excludeGroup: 0x10000,
  excludeTies: 0x20000,
} as const;

export function bindWindowCall(call: ResolvedCall, over: WindowDef, scope: Scope): Expression {
  const { node, name, signature, position } = call;
  checkCall(call, scope);
  if (signature.kind === 'window')
    requireWindow(signature.oid, `window function ${name}`, position);
  else requireAggregate(signature.oid, `aggregate ${name}`, position);
  const filter = bindFilter(call, scope);
  const windowCall = {
    functionOid: signature.oid,
    isAggregate: signature.kind === 'aggregate',
    arguments: node.agg_star === true ? [] : collatedArguments(call, false),
    filter,
    ...(signature.routine === undefined ? {} : inputCollation(call.arguments)),
    type: mergedColumnType(sqlType(call.resultType), call.arguments, false),
  };
  checkContents(
    [...windowCall.arguments, ...(filter === undefined ? [] : [filter])],
    scope,
    position,
  );
  const window = windowFor(over, scope);
  const column = scope.newColumn(name, windowCall.type);
  scope.windowCalls.push({ column, call: windowCall, window });
  return plainExtreme(columnReference(column.id, column.type, position), windowCall.arguments);
}

function checkCall(call: ResolvedCall, scope: Scope): void {
  const { node, name, signature, position } = call;
  const place = scope.kind.windows;
  if (signature.kind !== 'window' && signature.kind !== 'aggregate') {
    throw databaseError(
      'wrongObjectType',
      `OVER specified, but ${name} is not a window function nor an aggregate function`,
      at(position),
    );
  }
  if (place !== undefined) {
    throw databaseError(
      'windowingError',
      `window functions are not allowed in ${place}`,
      at(position),
    );
  }
  if (signature.aggregateKind === 'ordered' || signature.aggregateKind === 'hypothetical') {
    throw databaseError(
      'featureNotSupported',
      `OVER is not supported for ordered-set aggregate ${name}`,
      at(position),
    );
  }
  if (node.agg_distinct === true) {
    throw databaseError(
      'featureNotSupported',
      'DISTINCT is not implemented for window functions',
      at(position),
    );
  }
  if (node.agg_order !== undefined) {
    throw databaseError(
      'featureNotSupported',
      'aggregate ORDER BY is not implemented for window functions',
      at(position),
    );
  }
  if (node.agg_filter !== undefined && signature.kind === 'window') {
    throw databaseError(
      'featureNotSupported',
      'FILTER is not implemented for non-aggregate window functions',
      at(position),
    );
  }
  if (signature.kind === 'aggregate' && call.arguments.length === 0 && node.agg_star !== true) {
    throw databaseError(
      'wrongObjectType',
      `${name}(*) must be used to call a parameterless aggregate function`,
      at(position),
    );
  }
}

function checkContents(
  expressions: readonly Expression[],
  scope: Scope,
  position: number | undefined,
): void {
  for (const expression of expressions) {
    const columns = columnsOf(expression);
    if (scope.windowCalls.some((inner) => columns.has(inner.column.id))) {
      throw databaseError('windowingError', 'window function calls cannot be nested', at(position));
    }
    if (scope.sets.some((inner) => columns.has(inner.column.id))) {
      throw databaseError(
        'featureNotSupported',
        'window function calls cannot contain set-returning function calls',
        {
          ...at(position),
          hint: 'You might be able to move the set-returning function into a LATERAL FROM item.',
        },
      );
    }
  }
}

/** The definition of OVER: a name, or one of its own; equal ones are one window. */
function windowFor(over: WindowDef, scope: Scope): BoundWindow {
  if (over.name !== undefined) return namedWindow(over.name, scope, scope.position(over.location));
  const window = bindWindow(over, scope);
  const signature = signatureOf(window);
  const known = scope.inlineWindows.get(signature);
  if (known !== undefined) return known;
  scope.inlineWindows.set(signature, window);
  scope.windows.push(window);
  return window;
}

/** Equal for equal windows; positions in the text do not count. */
function signatureOf({ partitionBy, orderBy, frame }: BoundWindow): string {
  return JSON.stringify([partitionBy, orderBy, frame], (key, value: unknown) => {
    if (key === 'position') return undefined;
    if (value instanceof Jsonb) return { jsonb: String(value) };
    return typeof value === 'bigint' ? `${value}n` : value;
  });
}

function namedWindow(name: string, scope: Scope, position: number | undefined): BoundWindow {
  const known = scope.windows.find((window) => window.name === name);
  if (known !== undefined) return known;
  const definition = scope.windowClause.find((each) => each.name === name);
  if (definition === undefined) {
    throw databaseError('undefinedObject', `window "${name}" does not exist`, at(position));
  }
  const window = bindWindow(definition, scope);
  scope.windows.push(window);
  return window;
}

/** Definitions of the WINDOW clause that nothing uses are checked all the same. */
export function bindUnusedWindows(scope: Scope): void {
  const names = new Set<string>();
  for (const definition of scope.windowClause) {
    const name = definition.name ?? '';
    const position = scope.position(definition.location);
    if (names.has(name)) {
      throw databaseError('windowingError', `window "${name}" is already defined`, at(position));
    }
    names.add(name);
    namedWindow(name, scope, position);
  }
}

function bindWindow(definition: WindowDef, scope: Scope): BoundWindow {
  const position = scope.position(definition.location);
  const base =
    definition.refname === undefined ? undefined : namedWindow(definition.refname, scope, position);
  const partition = (definition.partitionClause ?? []).map((node) =>
    partitionKey(scope.bindAs(ExpressionKinds.windowPartition, node), scope),
  );
  const order = scope.within(ExpressionKinds.windowOrder, () =>
    (definition.orderClause ?? []).map((node) =>
      collatedKey(bindSortKey(bodyOf(node, 'SortBy')!, scope)),
    ),
  );
  if (base !== undefined) checkOverride(definition, base, partition, order, position);
  const orderBy = base !== undefined && base.orderBy.length > 0 ? base.orderBy : order;
  const frame = bindFrame(definition, orderBy, scope);
  return {
    name: definition.name,
    partitionBy: base?.partitionBy ?? partition,
    orderBy,
    frame,
    hasFrame: ((definition.frameOptions ?? 0) & Frame.nonDefault) !== 0,
  };
}

function partitionKey(expression: Expression, scope: Scope): Expression {
  const key = textIfUnknown(expression, scope.binder);
  requireOrdering(key, scope.binder);
  return collatedForEquality(key);
}

function checkOverride(
  definition: WindowDef,
  base: BoundWindow,
  partition: readonly Expression[],
  order: readonly OrderKey[],
  position: number | undefined,
): void {
  const refuse = (what: string): never => {
    throw databaseError('windowingError', what, at(position));
  };
  const name = definition.refname;
  if (partition.length > 0) refuse(`cannot override PARTITION BY clause of window "${name}"`);
  if (order.length > 0 && base.orderBy.length > 0) {
    refuse(`cannot override ORDER BY clause of window "${name}"`);
  }
  if (base.hasFrame) refuse(`cannot copy window "${name}" because it has a frame clause`);
}

function bindFrame(
  definition: WindowDef,
  orderBy: readonly OrderKey[],
  scope: Scope,
): WindowNode['frame'] {
  const options = definition.frameOptions ?? 0;
  const position = scope.position(definition.location);
  const has = (flag: number): boolean => (options & flag) !== 0;
  const mode = has(Frame.rows) ? 'rows' : has(Frame.groups) ? 'groups' : 'range';
  if (mode === 'groups' && orderBy.length === 0) {
    throw databaseError('windowingError', 'GROUPS mode requires an ORDER BY clause', at(position));
  }
  const bound = (
    flags: readonly [number, number, number, number, number],
    offset: Node | undefined,
  ): WindowFrameBound => {
    const [unboundedPreceding, preceding, current, following, unboundedFollowing] = flags;
    if (has(unboundedPreceding)) return { kind: 'unboundedPreceding' };
    if (has(unboundedFollowing)) return { kind: 'unboundedFollowing' };
    if (has(current)) return { kind: 'currentRow' };
    const kind = has(preceding) ? 'preceding' : has(following) ? 'following' : undefined;
    if (kind === undefined || offset === undefined) return { kind: 'currentRow' };
    return { kind, offset: frameOffset(offset, mode, orderBy, scope, position) };
  };
  return {
    mode,
    start: bound(
      [
        Frame.startUnboundedPreceding,
        Frame.startOffsetPreceding,
        Frame.startCurrentRow,
        Frame.startOffsetFollowing,
        Frame.startUnboundedFollowing,
      ],
      definition.startOffset,
    ),
    end: bound(
      [
        Frame.endUnboundedPreceding,
        Frame.endOffsetPreceding,
        Frame.endCurrentRow,
        Frame.endOffsetFollowing,
        Frame.endUnboundedFollowing,
      ],
      definition.endOffset,
    ),
    exclude: has(Frame.excludeCurrentRow)
      ? 'currentRow'
      : has(Frame.excludeGroup)
        ? 'group'
        : has(Frame.excludeTies)
          ? 'ties'
          : 'none',
  };
}

const offsetKinds: Readonly<Record<'rows' | 'groups' | 'range', ExpressionKind>> = {
  rows: ExpressionKinds.windowFrameRows,
  groups: ExpressionKinds.windowFrameGroups,
  range: ExpressionKinds.windowFrameRange,
};

function frameOffset(
  node: Node,
  mode: 'rows' | 'groups' | 'range',
  orderBy: readonly OrderKey[],
  scope: Scope,
  position: number | undefined,
): Expression {
  const kind = offsetKinds[mode];
  const bound = scope.bindAs(kind, node);
  const offset =
    mode === 'range'
      ? rangeOffset(bound, orderBy, scope, position)
      : coerceToSpecific(bound, int8Type, kind.name, scope.binder);
  for (const column of columnsOf(offset)) {
    if (scope.binder.owners.get(column) !== scope) continue;
    throw databaseError(
      'invalidColumnReference',
      `argument of ${kind.name} must not contain variables`,
      at(startOf(offset)),
    );
  }
  return offset;
}

/** The type that is added to an order key of a type (PostgreSQL's in_range support functions). */
const offsetTypes: ReadonlyMap<number, SqlType> = new Map([
  [TypeOid.int2, sqlType(TypeOid.int8)],
  [TypeOid.int4, sqlType(TypeOid.int8)],
  [TypeOid.int8, sqlType(TypeOid.int8)],
  [TypeOid.float4, sqlType(TypeOid.float8)],
  [TypeOid.float8, sqlType(TypeOid.float8)],
  [TypeOid.numeric, sqlType(TypeOid.numeric)],
  [TypeOid.date, sqlType(TypeOid.interval)],
  [TypeOid.time, sqlType(TypeOid.interval)],
  [TypeOid.timetz, sqlType(TypeOid.interval)],
  [TypeOid.timestamp, sqlType(TypeOid.interval)],
  [TypeOid.timestamptz, sqlType(TypeOid.interval)],
  [TypeOid.interval, sqlType(TypeOid.interval)],
]);

function rangeOffset(
  offset: Expression,
  orderBy: readonly OrderKey[],
  scope: Scope,
  position: number | undefined,
): Expression {
  const [key] = orderBy;
  if (key === undefined || orderBy.length !== 1) {
    throw databaseError(
      'windowingError',
      'RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column',
      at(position),
    );
  }
  const keyType = key.expression.type;
  const type = offsetTypes.get(keyType.oid);
  const { binder } = scope;
  if (type === undefined) {
    throw databaseError(
      'featureNotSupported',
      `RANGE with offset PRECEDING/FOLLOWING is not supported for column type ${typeName(keyType, binder)}`,
      at(startOf(offset)),
    );
  }
  const coerced = coerceToTarget(offset, type, 'implicit', binder);
  if (coerced !== undefined) return coerced;
  throw databaseError(
    'featureNotSupported',
    `RANGE with offset PRECEDING/FOLLOWING is not supported for column type ${typeName(keyType, binder)} and offset type ${typeName(offset.type, binder)}`,
    { ...at(startOf(offset)), hint: 'Cast the offset value to an appropriate type.' },
  );
}
