// May an expression give different values from row to row?

import { databaseError, type Expression, type SqlType, typeByOid } from '#common';
import { functionRegistry } from '#functions';

/** A volatile function anywhere in the tree. */
export function isVolatile(expression: Expression): boolean {
  const pending: unknown[] = [expression];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null) continue;
    if ('kind' in value && value.kind === 'call' && 'functionOid' in value) {
      if (functionRegistry.functionByOid(Number(value.functionOid))?.volatility === 'volatile')
        return true;
    }
    if ('kind' in value && value.kind === 'constant') continue;
    for (const item of Object.values(value)) pending.push(item);
  }
  return false;
}

/** May the expression give another value for the same arguments, under other settings or later? */
export function isMutable(expression: Expression): boolean {
  const pending: unknown[] = [expression];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null) continue;
    const node = value as Partial<Expression>;
    if (node.kind === 'constant') continue;
    if (node.kind === 'sqlValue') return true;
    if (node.kind === 'call') {
      // PostgreSQL looks into text || anything: the operand becomes text by its type's output function.
      const changes = textConcatenations.has(nameOf(node.functionOid))
        ? node.arguments!.some(({ type }) => hasMutableText(type, 'output'))
        : volatilityOf(node.functionOid) !== 'immutable';
      if (changes) return true;
    }
    if (node.kind === 'cast' && node.method === 'io') {
      const { argument, type } = node;
      if (hasMutableText(argument!.type, 'output') || hasMutableText(type!, 'input')) return true;
    }
    for (const item of Object.values(value)) pending.push(item);
  }
  return false;
}

const textConcatenations: ReadonlySet<string> = new Set(['textanycat', 'anytextcat']);

function nameOf(functionOid: number | undefined): string {
  return functionRegistry.functionByOid(functionOid ?? 0)?.name ?? '';
}

function volatilityOf(functionOid: number | undefined): string {
  return functionRegistry.functionByOid(functionOid ?? 0)?.volatility ?? 'immutable';
}

/** Types whose text depends on settings: times, names of objects … */
function hasMutableText({ oid }: SqlType, direction: 'input' | 'output'): boolean {
  const facts = typeByOid(oid)?.facts;
  return facts !== undefined && volatilityOf(facts[direction]) !== 'immutable';
}

/** 42P17 for generation expressions, 42P17 for indexes and partition keys, in their words. */
export function requireImmutable(
  expression: Expression,
  place: 'generated' | 'indexExpression' | 'indexPredicate' | 'partitionKey',
): void {
  if (!isMutable(expression)) return;
  const messages = {
    generated: 'generation expression is not immutable',
    indexExpression: 'functions in index expression must be marked IMMUTABLE',
    indexPredicate: 'functions in index predicate must be marked IMMUTABLE',
    partitionKey: 'functions in partition key expression must be marked IMMUTABLE',
  };
  throw databaseError('invalidObjectDefinition', messages[place]);
}
