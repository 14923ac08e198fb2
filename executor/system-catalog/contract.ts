// How a relation of the system catalog computes its rows: by column name; what is left out is null.

import { ArrayValue, type Datum, TypeOid } from '#common';
import type { StateCatalog } from '../catalog/catalog.ts';
import { aclTexts } from '../catalog/acl-text.ts';
import type { CatalogNames } from '../catalog/names.ts';
import type { ExecutionContext } from '../contract.ts';

export type CatalogRow = Readonly<Record<string, Datum>>;

/** Equalities that the reader applies anyway; a source may use them to list less. */
export interface Lookups {
  /** undefined: not asked for. */
  get(column: string): Datum | undefined;
}

export interface CatalogScope {
  readonly catalog: StateCatalog;
  readonly names: CatalogNames;
  readonly context: ExecutionContext;
}

export type RowSource = (scope: CatalogScope, lookups: Lookups) => Iterable<CatalogRow>;
/** By relation name. */
export type RowSources = Readonly<Record<string, RowSource>>;

/** An int2vector or oidvector: subscripts begin at 0. */
export function vector(elementType: number, elements: readonly number[]): ArrayValue {
  const dimensions = elements.length === 0 ? [] : [{ length: elements.length, lowerBound: 0 }];
  return new ArrayValue(elementType, dimensions, elements);
}

export function textArray(texts: readonly string[] | undefined): Datum {
  return texts === undefined || texts.length === 0 ? null : ArrayValue.of(TypeOid.text, texts);
}

/** A list of rights with the roles' names. */
export function aclArray(
  { catalog }: Pick<CatalogScope, 'catalog'>,
  items: readonly string[] | undefined,
): Datum {
  return items === undefined ? null : ArrayValue.of(TypeOid.aclitem, aclTexts(catalog, items));
}

/** Options as reloptions shows them: name=value. */
export function optionArray(options: Readonly<Record<string, string>> | undefined): Datum {
  return textArray(Object.entries(options ?? {}).map(([name, value]) => `${name}=${value}`));
}
