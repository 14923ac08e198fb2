// The default orders and hashes of the types that contrib modules bring, in the form of PostgreSQL's.

import { contribFacts } from './contrib.ts';
import type { OperatorClass, OperatorStrategy } from './facts.ts';

/** Names of the operators of a module's btree class, by strategy. */
const orders: Readonly<Record<string, readonly string[]>> = {
  citext: ['<', '<=', '=', '>=', '>'],
  hstore: ['#<#', '#<=#', '=', '#>=#', '#>#'],
};

export function contribOrderings(): {
  readonly classes: readonly OperatorClass[];
  readonly strategies: readonly OperatorStrategy[];
} {
  const classes: OperatorClass[] = [];
  const strategies: OperatorStrategy[] = [];
  for (const { module, method, oid, name, inputType, isDefault } of contribFacts().classes) {
    if (!isDefault || (method !== 'btree' && method !== 'hash')) continue;
    classes.push({ accessMethod: method, oid, name, family: oid, inputType });
    const names = method === 'hash' ? ['='] : orders[module];
    names.forEach((operator, at) => {
      const found = contribFacts().operators.find(
        (each) => each.name === operator && each.left === inputType && each.right === inputType,
      );
      if (found === undefined) return;
      const accessMethod = method;
      strategies.push({ operatorOid: found.oid, accessMethod, family: oid, strategy: at + 1 });
    });
  }
  return { classes, strategies };
}
