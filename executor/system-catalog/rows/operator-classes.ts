// The operator class of a type's btree indexes, as the catalog names it.

import { TypeOid } from '#common';
import { defaultIndexClass, orderingFacts } from '#functions';

const classes = new Map<number, number>();
const textType: number = TypeOid.text;

export function operatorClassOf(typeOid: number): number {
  if (classes.size === 0) {
    for (const { accessMethod, inputType, oid } of orderingFacts().classes) {
      if (accessMethod === 'btree') classes.set(inputType, oid);
    }
  }
  const known = classes.get(typeOid === TypeOid.varchar ? textType : typeOid);
  return known ?? defaultIndexClass('btree', typeOid)?.oid ?? 0;
}
