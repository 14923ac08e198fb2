// The name of a scan's condition in what executions have taught: the conjuncts in an order of their own, columns by
// attribute number. `general` leaves constants out; `parts` has them, with the numbers of parameters between
// texts, so that the value of a parameter and an equal constant make the same name.

import type { ColumnId, Datum, Expression } from '#common';
import type { ScanNode } from '../logical-plan.ts';
import { textOf, valueText } from '../optimize/sharing/fingerprint.ts';

export interface PredicateKey {
  readonly general: string;
  readonly parts: readonly (string | number)[];
}

/** Longer conditions are not remembered. */
const keyLengthMax = 4000;
/** Around the number of a parameter while the text is made; other texts are quoted, so it is in none. */
const mark = '\u0001';
const noNames: ReadonlyMap<ColumnId, string> = new Map();

/** undefined: the condition says another thing each time, or reads more than the scan. */
export function predicateKey(
  scan: ScanNode,
  conjuncts: readonly Expression[],
): PredicateKey | undefined {
  const names = new Map<ColumnId, string>();
  for (const [at, source] of scan.sources.entries()) {
    if (source.kind === 'attribute') names.set(scan.outputs[at].id, `a${source.attributeNumber}`);
  }
  const texts: { readonly general: string; readonly exact: string }[] = [];
  for (const conjunct of conjuncts) {
    const general = textOf(conjunct, names, () => '?');
    const exact = textOf(conjunct, names, (literal) =>
      literal.kind === 'constant' ? valueName(literal.value) : `${mark}${literal.index}${mark}`,
    );
    if (general === undefined || exact === undefined) return undefined;
    texts.push({ general, exact });
  }
  texts.sort(
    (left, right) => compare(left.general, right.general) || compare(left.exact, right.exact),
  );
  const general = texts.map((text) => text.general).join('&');
  if (general.length > keyLengthMax) return undefined;
  const pieces = texts
    .map((text) => text.exact)
    .join('&')
    .split(mark);
  return { general, parts: pieces.map((piece, at) => (at % 2 === 0 ? piece : Number(piece))) };
}

/** undefined: a parameter's value is not known. */
export function exactKey(
  { parts }: PredicateKey,
  parameters: readonly Datum[] | undefined,
): string | undefined {
  let text = '';
  for (const part of parts) {
    if (typeof part === 'string') text += part;
    else if (parameters === undefined || part >= parameters.length) return undefined;
    else text += valueName(parameters[part]);
    if (text.length > keyLengthMax) return undefined;
  }
  return text;
}

/** A constant and a parameter of the same value have the same name. */
export function valueName(value: Datum): string {
  return `=${valueText(value, noNames) ?? ''}`;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
