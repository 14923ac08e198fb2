// How collations compare text. libc's (C, POSIX, C.UTF-8, the default) order by UTF-8 bytes, as all text
// does here; ICU's compare through Intl.Collator, which is ICU too. A deterministic collation tells apart
// texts that compare equal, by their bytes; for one that is not, hashKey() gives equal texts one key.

import { collationByOid, type CollationDescriptor } from './collations.ts';
import { icuCollator } from './icu-locale.ts';
import { compareText } from './text-order.ts';

export interface CollationOrder {
  compare(left: string, right: string): number;
  /** Equal for texts that the collation takes to be equal. */
  hashKey(text: string): string;
  /** For upper() and lower(). */
  readonly locale: string;
}

const orders = new WeakMap<CollationDescriptor, CollationOrder>();

const byteOrder: CollationOrder = { compare: compareText, hashKey: (text) => text, locale: 'en' };

export function collationOrder(oid: number): CollationOrder {
  const collation = collationByOid(oid);
  if (collation?.provider !== 'icu') return byteOrder;
  let order = orders.get(collation);
  if (order === undefined) {
    order = makeOrder(collation);
    orders.set(collation, order);
  }
  return order;
}

function makeOrder(collation: CollationDescriptor): CollationOrder {
  const { tag, options } = icuCollator(collation.icuLocale ?? '');
  const collator = new Intl.Collator(tag, options);
  const { compare } = collator;
  const locale = tag.replace(/-u-.*/, '');
  if (collation.deterministic) {
    return {
      compare: (left, right) => compare(left, right) || compareText(left, right),
      hashKey: (text) => text,
      locale,
    };
  }
  const classes = new EquivalenceClasses(compare, options);
  return { compare, hashKey: (text) => classes.representative(text), locale };
}

/** How many texts a collation remembers the representatives of. */
const classesMax = 65_536;

/**
 * One text for all that compare equal. Folding (case, marks, forms) finds the candidates, the collator
 * decides among them.
 */
class EquivalenceClasses {
  private readonly compare: (left: string, right: string) => number;
  private readonly options: Intl.CollatorOptions;
  private readonly candidates = new Map<string, string[]>();

  constructor(compare: (left: string, right: string) => number, options: Intl.CollatorOptions) {
    this.compare = compare;
    this.options = options;
  }

  representative(text: string): string {
    const folded = this.fold(text);
    if (this.compare(text, folded) === 0) return folded;
    // Folding went too far: what it took away tells texts apart.
    const known = this.candidates.get(folded);
    const same = known?.find((candidate) => this.compare(candidate, text) === 0);
    if (same !== undefined) return same;
    if (known !== undefined) known.push(text);
    else if (this.candidates.size < classesMax) this.candidates.set(folded, [text]);
    return text;
  }

  private fold(text: string): string {
    const { sensitivity, numeric, ignorePunctuation } = this.options;
    let folded = text.normalize(sensitivity === 'variant' ? 'NFD' : 'NFKD');
    if (sensitivity === 'base' || sensitivity === 'case') folded = folded.replace(/\p{M}/gu, '');
    if (sensitivity === 'base' || sensitivity === 'accent')
      folded = folded.toUpperCase().toLowerCase().normalize('NFKD');
    if (numeric === true) folded = folded.replace(/(?<!\d)0+(?=\d)/g, '');
    if (ignorePunctuation === true) folded = folded.replace(/[\p{P}\p{Z}]/gu, '');
    return folded;
  }
}
