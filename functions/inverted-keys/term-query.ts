// What a search of an inverted index asks for: terms under "and" and "or". It selects at least the rows
// for which the condition holds; the condition itself is evaluated on each of them.

export type TermQuery =
  /** Any row may match. */
  | { readonly kind: 'all' }
  /** No row matches. */
  | { readonly kind: 'none' }
  /** A whole term, or the beginning of one. */
  | { readonly kind: 'term'; readonly term: string }
  | {
      readonly kind: 'between';
      readonly lower: TermBound | undefined;
      readonly upper: TermBound | undefined;
    }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly TermQuery[] };

export interface TermBound {
  readonly term: string;
  readonly inclusive: boolean;
}

export const allRows: TermQuery = { kind: 'all' };
export const noRows: TermQuery = { kind: 'none' };

export function term(text: string): TermQuery {
  return { kind: 'term', term: text };
}

/** Rows of all parts; those that say nothing are left out. */
export function allOf(parts: readonly TermQuery[]): TermQuery {
  if (parts.some(({ kind }) => kind === 'none')) return noRows;
  const telling = distinct(
    parts.flatMap((part) => (part.kind === 'and' ? part.parts : [part])),
  ).filter(({ kind }) => kind !== 'all');
  if (telling.length === 0) return allRows;
  return telling.length === 1 ? telling[0] : { kind: 'and', parts: telling };
}

/** Rows of any part. */
export function anyOf(parts: readonly TermQuery[]): TermQuery {
  if (parts.some(({ kind }) => kind === 'all')) return allRows;
  const telling = distinct(
    parts.flatMap((part) => (part.kind === 'or' ? part.parts : [part])),
  ).filter(({ kind }) => kind !== 'none');
  if (telling.length === 0) return noRows;
  return telling.length === 1 ? telling[0] : { kind: 'or', parts: telling };
}

/** Each term once. */
function distinct(parts: readonly TermQuery[]): TermQuery[] {
  const seen = new Set<string>();
  return parts.filter((part) => {
    if (part.kind !== 'term') return true;
    if (seen.has(part.term)) return false;
    seen.add(part.term);
    return true;
  });
}
