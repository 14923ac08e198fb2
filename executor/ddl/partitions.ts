// Partitioned tables: PARTITION BY, the bounds of partitions and whether they collide, ATTACH and DETACH.

import type { Node, PartitionBoundSpec, PartitionElem, PartitionSpec } from '@pgsql/types';
import {
  databaseError,
  equalityType,
  type Datum,
  orderType,
  type PartitionBound,
  type Partitioning,
  type PartitionKey,
  type RangeDatum,
  type SqlType,
  type TableDescriptor,
  typeByOid,
  typeOutput,
} from '#common';
import { functionRegistry } from '#functions';
import { bodyOf, columnTypeOf, isCollatable, stringsOf, withCollation } from '#planner';
import { boundValue, compareEnds, rangeEnd } from '../write/partition-routing.ts';
import { partitionHash } from '../write/partition-hash.ts';
import { findCollation } from './collations.ts';
import { positionField } from './errors.ts';
import { liveColumn, requireOrdering } from './index-definition.ts';
import { systemColumns } from './table-elements.ts';
import { compileRowExpression } from './row-expression.ts';
import type { DdlStatement } from './statement.ts';
import { bindStored } from './stored-expression.ts';
import { requireImmutable } from '../expression/volatility.ts';

const strategies: Readonly<Record<string, Partitioning['strategy']>> = {
  PARTITION_STRATEGY_RANGE: 'range',
  PARTITION_STRATEGY_LIST: 'list',
  PARTITION_STRATEGY_HASH: 'hash',
};

/** PARTITION BY strategy (keys). 42703, 42P17, 42704. */
export function readPartitioning(
  ddl: DdlStatement,
  table: TableDescriptor,
  spec: PartitionSpec,
): Partitioning {
  const strategy = strategies[spec.strategy ?? ''] ?? 'range';
  const elements = (spec.partParams ?? []).map((node) => bodyOf(node, 'PartitionElem')!);
  if (strategy === 'list' && elements.length > 1) {
    throw databaseError(
      'invalidObjectDefinition',
      'cannot use "list" partition strategy with more than one column',
    );
  }
  const keys = elements.map((element) => readKey(ddl, table, element));
  keys.forEach(({ attributeNumber, type }, at) => {
    if (attributeNumber !== 0 || typeByOid(type.oid)?.kind !== 'pseudo') return;
    throw databaseError(
      'invalidTableDefinition',
      `partition key column ${at + 1} has pseudo-type ${ddl.typeText(type)}`,
    );
  });
  for (const { type } of keys) {
    if (strategy === 'hash') partitionHash([equalityType(type)]);
    else requireOrdering(type);
  }
  return { strategy, keys };
}

/** 42804 for a COLLATE clause of a type without. */
function keyType(ddl: DdlStatement, element: PartitionElem, type: SqlType): SqlType {
  const collation = element.collation ?? bodyOf(element.expr, 'CollateClause')?.collname;
  if (collation === undefined) return type;
  const { oid } = findCollation(ddl, stringsOf(collation));
  if (isCollatable(type)) return withCollation(type, oid);
  throw databaseError(
    'datatypeMismatch',
    `collations are not supported by type ${ddl.typeText(type)}`,
  );
}

function readKey(ddl: DdlStatement, table: TableDescriptor, element: PartitionElem): PartitionKey {
  const position = ddl.position(element.location);
  if (element.name !== undefined) {
    const column = liveColumn(table, element.name);
    if (column === undefined && systemColumns.has(element.name)) {
      throw databaseError(
        'invalidObjectDefinition',
        `cannot use system column "${element.name}" in partition key`,
        positionField(position),
      );
    }
    if (column === undefined) {
      throw databaseError(
        'undefinedColumn',
        `column "${element.name}" named in partition key does not exist`,
        positionField(position),
      );
    }
    if (column.generated !== undefined) {
      throw databaseError(
        'invalidObjectDefinition',
        'cannot use generated column in partition key',
        {
          detail: `Column "${column.name}" is a generated column.`,
          ...positionField(position),
        },
      );
    }
    return {
      attributeNumber: column.attributeNumber,
      type: keyType(ddl, element, column.type),
    };
  }
  const { stored, expression, attributes } = bindStored(ddl, element.expr!, {
    place: 'partitionKey',
    table,
  });
  if (attributes.length === 0) {
    throw databaseError(
      'invalidObjectDefinition',
      'cannot use constant expression as partition key',
    );
  }
  requireImmutable(expression, 'partitionKey');
  const type = keyType(ddl, element, columnTypeOf(expression));
  return { attributeNumber: 0, expression: stored, type };
}

/** 0A000 for names of columns, wherever they stand; MINVALUE and MAXVALUE look like ones. */
function refuseColumns(ddl: DdlStatement, spec: PartitionBoundSpec): void {
  const visit = (value: unknown, isWhole: boolean): void => {
    if (Array.isArray(value)) for (const each of value) visit(each, isWhole);
    else if (typeof value === 'object' && value !== null) {
      const reference = bodyOf(value as Node, 'ColumnRef');
      if (reference === undefined) {
        for (const each of Object.values(value)) visit(each, false);
        return;
      }
      const word = bodyOf(reference.fields?.[0], 'String')?.sval ?? '';
      const isEnd = isWhole && spec.strategy === 'r' && /^(min|max)value$/.test(word);
      if (isEnd && reference.fields?.length === 1) return;
      throw databaseError(
        'featureNotSupported',
        'cannot use column reference in partition bound expression',
        positionField(ddl.position(reference.location)),
      );
    }
  };
  visit(spec.listdatums, true);
  visit(spec.lowerdatums, true);
  visit(spec.upperdatums, true);
}

/** FOR VALUES … or DEFAULT, with its values as the key's types. */
export function readBound(
  ddl: DdlStatement,
  parent: TableDescriptor,
  spec: PartitionBoundSpec,
  name: string,
): PartitionBound {
  const { strategy, keys } = parent.partitioning!;
  const wrong = (wanted: string): Error =>
    databaseError(
      'invalidTableDefinition',
      `invalid bound specification for a ${wanted} partition`,
      positionField(ddl.position(spec.location)),
    );
  if (spec.is_default === true) {
    if (strategy === 'hash') {
      throw databaseError(
        'invalidTableDefinition',
        'a hash-partitioned table may not have a default partition',
      );
    }
    return { kind: 'default' };
  }
  switch (strategy) {
    case 'hash':
      if (spec.strategy !== 'h') throw wrong('hash');
      return hashBound(spec);
    case 'list':
      if (spec.strategy !== 'l') throw wrong('list');
      refuseColumns(ddl, spec);
      return listBound(ddl, spec, keys[0], parent);
    case 'range':
      if (spec.strategy !== 'r') throw wrong('range');
      return rangeBound(ddl, spec, parent, name);
  }
}

function hashBound({ modulus = 0, remainder = 0 }: PartitionBoundSpec): PartitionBound {
  const invalid = (message: string): Error => databaseError('invalidTableDefinition', message);
  if (modulus <= 0)
    throw invalid('modulus for hash partition must be an integer value greater than zero');
  if (remainder < 0)
    throw invalid(
      'remainder for hash partition must be an integer value greater than or equal to zero',
    );
  if (remainder >= modulus) throw invalid('remainder for hash partition must be less than modulus');
  return { kind: 'hash', modulus, remainder };
}

function listBound(
  ddl: DdlStatement,
  spec: PartitionBoundSpec,
  key: PartitionKey,
  parent: TableDescriptor,
): PartitionBound {
  const values: (string | null)[] = [];
  for (const node of spec.listdatums ?? []) {
    const text = valueOf(ddl, node, key, parent);
    if (!values.includes(text)) values.push(text);
  }
  return { kind: 'list', values };
}

function rangeBound(
  ddl: DdlStatement,
  spec: PartitionBoundSpec,
  parent: TableDescriptor,
  name: string,
): PartitionBound {
  const { keys } = parent.partitioning!;
  const { lowerdatums = [], upperdatums = [] } = spec;
  for (const [word, nodes] of [
    ['FROM', lowerdatums],
    ['TO', upperdatums],
  ] as const) {
    if (nodes.length === keys.length) continue;
    throw databaseError(
      'invalidTableDefinition',
      `${word} must specify exactly one value per partitioning column`,
    );
  }
  refuseColumns(ddl, spec);
  const end = (nodes: readonly Node[]): RangeDatum[] =>
    nodes.map((node, at) => rangeDatum(ddl, node, keys[at], parent));
  const bound = { kind: 'range', lower: end(lowerdatums), upper: end(upperdatums) } as const;
  checkEndless(bound.lower);
  checkEndless(bound.upper);
  const orderings = orderingsOf(keys);
  const order = compareEnds(rangeEnd(bound.lower, keys), rangeEnd(bound.upper, keys), orderings);
  if (order >= 0) {
    const text = (datums: readonly RangeDatum[]): string => boundText(datums);
    throw databaseError(
      'invalidObjectDefinition',
      `empty range bound specified for partition "${name}"`,
      {
        detail: `Specified lower bound ${text(bound.lower)} is greater than or equal to upper bound ${text(bound.upper)}.`,
        ...positionField(ddl.position(locationOfFirst(spec.lowerdatums))),
      },
    );
  }
  return bound;
}

function locationOfFirst(nodes: readonly Node[] | undefined): number | undefined {
  const [first] = nodes ?? [];
  if (first === undefined) return undefined;
  return (Object.values(first)[0] as { readonly location?: number }).location;
}

/** Behind MINVALUE or MAXVALUE only the same may follow. 42804 */
function checkEndless(datums: readonly RangeDatum[]): void {
  let endless: RangeDatum | undefined;
  for (const datum of datums) {
    if (endless !== undefined && datum !== endless) {
      const word = endless === 'minimum' ? 'MINVALUE' : 'MAXVALUE';
      throw databaseError('datatypeMismatch', `every bound following ${word} must also be ${word}`);
    }
    if (typeof datum === 'string') endless = datum;
  }
}

function rangeDatum(
  ddl: DdlStatement,
  node: Node,
  key: PartitionKey,
  parent: TableDescriptor,
): RangeDatum {
  const reference = bodyOf(node, 'ColumnRef');
  const word = reference === undefined ? undefined : bodyOf(reference.fields?.[0], 'String')?.sval;
  if (word === 'minvalue') return 'minimum';
  if (word === 'maxvalue') return 'maximum';
  const text = valueOf(ddl, node, key, parent);
  if (text === null) {
    throw databaseError('invalidTableDefinition', 'cannot specify NULL in range bound');
  }
  return { value: text };
}

/** A value of the key's type as text; null for NULL. */
function valueOf(
  ddl: DdlStatement,
  node: Node,
  key: PartitionKey,
  parent: TableDescriptor,
): string | null {
  const column = {
    name:
      key.expression === undefined
        ? parent.columns[key.attributeNumber - 1].name
        : key.expression.sql,
    type: key.type,
  };
  const { expression } = bindStored(ddl, node, { place: 'partitionBound', column });
  const value: Datum = compileRowExpression(expression, 0, ddl.context.functions)([]);
  return value === null ? null : typeOutput(key.type.oid)(value, ddl.context.functions);
}

function orderingsOf(keys: readonly PartitionKey[]) {
  return keys.map(({ type }) => functionRegistry.ordering(orderType(type))!);
}

function boundText(datums: readonly RangeDatum[]): string {
  const texts = datums.map((datum) =>
    datum === 'minimum' ? 'MINVALUE' : datum === 'maximum' ? 'MAXVALUE' : `'${datum.value}'`,
  );
  return `(${texts.join(', ')})`;
}

/** 42P17 when the bound overlaps that of another partition of the parent. */
export function requireFreeBound(
  ddl: DdlStatement,
  parent: TableDescriptor,
  bound: PartitionBound,
  name: string,
  spec?: PartitionBoundSpec,
): void {
  const position = ddl.position(locationOfFirst(spec?.lowerdatums ?? spec?.listdatums));
  const others = (parent.children ?? []).flatMap((oid) => {
    const child = ddl.catalog.tableByOid(oid);
    return child?.partitionBound === undefined ? [] : [{ child, bound: child.partitionBound }];
  });
  if (bound.kind === 'hash') requireFactor(bound.modulus, others);
  for (const other of others) {
    if (bound.kind === 'default' && other.bound.kind === 'default') {
      throw databaseError(
        'invalidObjectDefinition',
        `partition "${name}" conflicts with existing default partition "${other.child.name}"`,
      );
    }
    if (!overlaps(parent.partitioning!, bound, other.bound)) continue;
    throw databaseError(
      'invalidObjectDefinition',
      `partition "${name}" would overlap partition "${other.child.name}"`,
      positionField(position ?? ddl.position(spec?.location)),
    );
  }
}

function overlaps({ keys }: Partitioning, left: PartitionBound, right: PartitionBound): boolean {
  if (left.kind === 'list' && right.kind === 'list') {
    const ordering = functionRegistry.ordering(orderType(keys[0].type))!;
    const keyOf = (text: string | null): unknown =>
      text === null ? null : ordering.hashKey(boundValue(text, keys[0]));
    const taken = new Set(right.values.map(keyOf));
    return left.values.some((text) => taken.has(keyOf(text)));
  }
  if (left.kind === 'range' && right.kind === 'range') {
    const orderings = orderingsOf(keys);
    const isBefore = (upper: readonly RangeDatum[], lower: readonly RangeDatum[]): boolean =>
      compareEnds(rangeEnd(upper, keys), rangeEnd(lower, keys), orderings) <= 0;
    return !isBefore(left.upper, right.lower) && !isBefore(right.upper, left.lower);
  }
  if (left.kind === 'hash' && right.kind === 'hash') {
    const smaller = Math.min(left.modulus, right.modulus);
    return left.remainder % smaller === right.remainder % smaller;
  }
  return false;
}

/** 42P17 unless every modulus divides the next larger one. */
function requireFactor(
  modulus: number,
  others: readonly { readonly child: TableDescriptor; readonly bound: PartitionBound }[],
): void {
  const known = others
    .flatMap(({ child, bound }) =>
      bound.kind === 'hash' ? [{ name: child.name, modulus: bound.modulus }] : [],
    )
    .toSorted((left, right) => left.modulus - right.modulus);
  const below = known.findLast((other) => other.modulus <= modulus);
  const above = known.find((other) => other.modulus > modulus);
  const found =
    below !== undefined && modulus % below.modulus !== 0
      ? { ...below, fault: 'divisible by' }
      : above !== undefined && above.modulus % modulus !== 0
        ? { ...above, fault: 'a factor of' }
        : undefined;
  if (found === undefined) return;
  throw databaseError(
    'invalidObjectDefinition',
    'every hash partition modulus must be a factor of the next larger modulus',
    {
      detail: `The new modulus ${modulus} is not ${found.fault} ${found.modulus}, the modulus of existing partition "${found.name}".`,
    },
  );
}

/** Children in the order in which PostgreSQL lists them: by their bounds, the default last. */
export function orderedChildren(
  ddl: DdlStatement,
  parent: TableDescriptor,
  oids: readonly number[],
): readonly number[] {
  const { partitioning } = parent;
  if (partitioning === undefined) return oids;
  const { keys, strategy } = partitioning;
  const boundOf = (oid: number): PartitionBound =>
    ddl.catalog.tableByOid(oid)?.partitionBound ?? { kind: 'default' };
  const orderings = strategy === 'hash' ? [] : orderingsOf(keys);
  return oids.toSorted((one, other) => {
    const [left, right] = [boundOf(one), boundOf(other)];
    if (left.kind === 'default' || right.kind === 'default') {
      return Number(left.kind === 'default') - Number(right.kind === 'default');
    }
    if (left.kind === 'range' && right.kind === 'range') {
      return compareEnds(rangeEnd(left.lower, keys), rangeEnd(right.lower, keys), orderings);
    }
    if (left.kind === 'list' && right.kind === 'list') {
      const least = (values: readonly (string | null)[]): Datum =>
        values.reduce<Datum>((kept, text) => {
          const value = text === null ? null : boundValue(text, keys[0]);
          if (kept === null || value === null) return kept ?? value;
          return orderings[0].compare(value, kept) < 0 ? value : kept;
        }, null);
      const [a, b] = [least(left.values), least(right.values)];
      return a === null || b === null
        ? Number(a === null) - Number(b === null)
        : orderings[0].compare(a, b);
    }
    if (left.kind === 'hash' && right.kind === 'hash') {
      return left.modulus - right.modulus || left.remainder - right.remainder;
    }
    return 0;
  });
}
