// How collations compare text. libc's (C, POSIX, C.UTF-8, the default) order by UTF-8 bytes, as all text
// does here; ICU's compare through Intl.Collator, which is ICU too. A deterministic collation tells apart
// texts that compare equal, by their bytes; for one that is not, hashKey() gives equal texts one key.

import { collationByOid, type CollationDescriptor } from './collations.ts';
import { CollationClasses } from './collation-classes.ts';
import { icuCollator } from './icu-locale.ts';
import { compareText } from './text-order.ts';

export interface CollationOrder {
  readonly compare: (left: string, right: string) => number;
  /** Equal for texts that the collation takes to be equal. */
  readonly hashKey: (text: string) => string;
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
  const classes = new CollationClasses(compare, options);
  return { compare, hashKey: (text) => classes.representative(text), locale };
}
