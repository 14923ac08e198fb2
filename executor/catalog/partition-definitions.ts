// SQL text of partitioning: pg_get_partkeydef(), the bound of a partition as pg_get_expr() shows
// relpartbound, pg_get_partition_constraintdef().

import {
  baseTypeOf,
  type PartitionBound,
  type PartitionKey,
  quoteIdentifier,
  quoteLiteral,
  type RangeDatum,
  type TableDescriptor,
  TypeOid,
} from '#common';
import { typeCollation } from '#planner';
import { expressionText } from './expression-text.ts';
import type { CatalogNames } from './names.ts';

/** "RANGE (logdate)" */
export function partitionKeyDefinition(names: CatalogNames, table: TableDescriptor): string {
  const { strategy, keys } = table.partitioning!;
  const texts = keys.map((key) => keyText(names, table, key));
  return `${strategy.toUpperCase()} (${texts.join(', ')})`;
}

function keyText(
  names: CatalogNames,
  table: TableDescriptor,
  { attributeNumber, expression, type }: PartitionKey,
): string {
  if (expression === undefined) {
    const column = table.columns[attributeNumber - 1];
    const collation = typeCollation(type);
    const isOwn = collation === typeCollation(column.type);
    return quoteIdentifier(column.name) + (isOwn ? '' : collateText(names, collation));
  }
  const text = expressionText(names, expression.sql);
  return /^[a-z_][\w.]*\(.*\)$/s.test(text) ? text : `(${text})`;
}

function collateText(names: CatalogNames, oid: number): string {
  return ` COLLATE ${quoteIdentifier(names.catalog.collationByOid(oid)?.name ?? '')}`;
}

/** A constant without the cast that its place makes needless. */
function constantText(text: string, key: PartitionKey): string {
  const type = baseTypeOf(key.type.oid);
  if (type === TypeOid.bool) return text === 't' ? 'true' : 'false';
  if (type === TypeOid.int4 && /^\d/.test(text)) return text;
  if (type === TypeOid.numeric && /^\d.*[eE.]/.test(text)) return text;
  return quoteLiteral(text);
}

/** "FOR VALUES FROM (1) TO (10)", "DEFAULT" */
export function partitionBoundText(parent: TableDescriptor, bound: PartitionBound): string {
  const { keys } = parent.partitioning!;
  const ends = (datums: readonly RangeDatum[]): string =>
    datums
      .map((datum, at) =>
        datum === 'minimum'
          ? 'MINVALUE'
          : datum === 'maximum'
            ? 'MAXVALUE'
            : constantText(datum.value, keys[at]),
      )
      .join(', ');
  switch (bound.kind) {
    case 'default':
      return 'DEFAULT';
    case 'list': {
      const texts = bound.values.map((text) =>
        text === null ? 'NULL' : constantText(text, keys[0]),
      );
      return `FOR VALUES IN (${texts.join(', ')})`;
    }
    case 'range':
      return `FOR VALUES FROM (${ends(bound.lower)}) TO (${ends(bound.upper)})`;
    case 'hash':
      return `FOR VALUES WITH (modulus ${bound.modulus}, remainder ${bound.remainder})`;
  }
}

/** The condition that a partition's rows satisfy, as \d+ shows it. */
export function partitionConstraint(
  names: CatalogNames,
  parent: TableDescriptor,
  bound: PartitionBound,
): string | undefined {
  const { keys } = parent.partitioning!;
  const columns = keys.map((key) => keyText(names, parent, key));
  const value = (text: string, at: number): string => {
    const type = names.typeName(keys[at].type.oid, -1) ?? '';
    const shown = constantText(text, keys[at]);
    return shown.startsWith("'") ? `${shown}::${type}` : shown;
  };
  switch (bound.kind) {
    case 'list': {
      const texts = bound.values.filter((text) => text !== null).map((text) => value(text, 0));
      const known = bound.values.includes(null);
      const list =
        texts.length === 1
          ? `(${columns[0]} = ${texts[0]})`
          : `(${columns[0]} = ANY (ARRAY[${texts.join(', ')}]))`;
      if (texts.length === 0) return `(${columns[0]} IS NULL)`;
      return known
        ? `((${columns[0]} IS NULL) OR ${list})`
        : `((${columns[0]} IS NOT NULL) AND ${list})`;
    }
    case 'range': {
      if (keys.length > 1) return undefined;
      const parts = [`(${columns[0]} IS NOT NULL)`];
      const [lower] = bound.lower;
      const [upper] = bound.upper;
      if (typeof lower !== 'string') parts.push(`(${columns[0]} >= ${value(lower.value, 0)})`);
      if (typeof upper !== 'string') parts.push(`(${columns[0]} < ${value(upper.value, 0)})`);
      return `(${parts.join(' AND ')})`;
    }
    case 'hash':
      return `satisfies_hash_partition('${parent.oid}'::oid, ${bound.modulus}, ${bound.remainder}, ${columns.join(', ')})`;
    case 'default':
      return undefined;
  }
}
