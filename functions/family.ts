// A family: one file's implementations of SQL functions, filed under the facts' implementation key.
//
// The key of a function is pg_proc.prosrc when PostgreSQL implements it in C (one entry then serves
// every SQL name and signature that shares the C function: "int4pl", "texteq", "text_substr"), and
// "name(types)" in pg_type's names for everything else: aggregates ("sum(int4)", "count()") and the
// functions that PostgreSQL writes in SQL ("lpad(text,int4)"). families.test.ts refuses unknown keys.

import type {
  AggregateImplementation,
  CallTypes,
  ScalarImplementation,
  SetImplementation,
  WindowImplementation,
} from './contract.ts';

/** An implementation that depends on the types of the call; made once per expression. */
export interface TypedImplementation<Implementation> {
  readonly forTypes: (types: CallTypes) => Implementation;
}

/** What a family's tables hold. */
export type Entry<Implementation> = Implementation | TypedImplementation<Implementation>;

export interface Family {
  readonly scalars?: Readonly<Record<string, Entry<ScalarImplementation>>>;
  readonly sets?: Readonly<Record<string, Entry<SetImplementation>>>;
  readonly aggregates?: Readonly<Record<string, Entry<AggregateImplementation>>>;
  readonly windows?: Readonly<Record<string, WindowImplementation>>;
}

export function forTypes<Implementation>(
  make: (types: CallTypes) => Implementation,
): TypedImplementation<Implementation> {
  return { forTypes: make };
}

/** An aggregate whose states may be of any type, as the registry holds it. */
export function aggregate<State>(
  implementation: AggregateImplementation<State>,
): AggregateImplementation {
  return implementation;
}
