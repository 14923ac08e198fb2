// Domains: a value becomes one of the domain by becoming one of the type below and passing the
// domain's constraints there. What a domain asks for is bound into the plan; plans are bound anew when
// the catalog changes.

import {
  sqlType,
  typeByOid,
  TypeOid,
  type DomainRule,
  type Expression,
  type SqlType,
  type UserTypeDescriptor,
} from '#common';
import type { CoercionContext } from '#functions';
import type { Binder } from './context.ts';
import { coerceToTarget } from './coercion.ts';
import { constant, placed } from './expression-build.ts';

/** The value as the domain's; the caller knows that the type below takes it. */
export function coerceToDomain(
  expression: Expression,
  target: SqlType,
  context: CoercionContext,
  binder: Binder,
): Expression {
  const base = domainBase(target.oid);
  const explicit = context === 'explicit';
  const isParameter = expression.kind === 'parameter' && expression.type.oid === TypeOid.unknown;
  const value =
    isParameter && binder.parameters.literal(expression.index + 1) === undefined
      ? relabelled(binder.parameters.decide(expression, target), base, explicit)
      : (coerceToTarget(expression, base, context, binder) ?? expression);
  const rule = domainRule(target.oid, binder);
  if (rule === undefined || (!rule.notNull && rule.checks.length === 0)) {
    return relabelled(value, sqlType(target.oid), explicit);
  }
  return {
    kind: 'cast',
    method: 'domain',
    argument: value,
    explicit,
    domain: rule,
    type: sqlType(target.oid),
    ...placed(value.position),
  };
}

function relabelled(argument: Expression, type: SqlType, explicit: boolean): Expression {
  return {
    kind: 'cast',
    method: 'relabel',
    argument,
    explicit,
    type: sqlType(type.oid),
    ...placed(argument.position),
  };
}

/** The type below all domains, with the modifier that one of them gives. */
function domainBase(oid: number): SqlType {
  let type = sqlType(oid);
  for (;;) {
    const known = typeByOid(type.oid);
    if (known?.kind !== 'domain') return type;
    const { base, baseModifier } = known.facts;
    type = sqlType(base, baseModifier);
  }
}

/** What the domain and those below it ask, the lowest first; undefined when the type is no domain. */
export function domainRule(oid: number, binder: Binder): DomainRule | undefined {
  const { catalog } = binder.context;
  const type = catalog.typeByOid(oid);
  if (type?.definition.type !== 'domain') return undefined;
  let notNull = false;
  const checks: { name: string; condition: Expression }[] = [];
  let level: UserTypeDescriptor | undefined = type;
  while (level?.definition.type === 'domain') {
    const { definition }: { definition: DomainDefinition } = level as never;
    notNull ||= definition.notNull;
    const request = { place: 'check', value: definition.base } as const;
    checks.unshift(
      ...definition.constraints.map(({ name, expression }) => ({
        name,
        condition: binder.grammar.storedText(binder, expression.sql, request),
      })),
    );
    level = catalog.typeByOid(definition.base.oid);
  }
  const schemaName = catalog.schemaByOid(type.schemaOid)?.name ?? '';
  return { name: type.name, schemaName, notNull, checks };
}

type DomainDefinition = Extract<UserTypeDescriptor['definition'], { readonly type: 'domain' }>;

/** What a column of the type has that gives none itself; undefined when the type is no domain. */
export function domainDefault(type: SqlType, binder: Binder): Expression | undefined {
  let domain = binder.context.catalog.typeByOid(type.oid);
  if (domain?.definition.type !== 'domain' || domain.oid !== type.oid) return undefined;
  let value: Expression = constant(null, sqlType(TypeOid.unknown));
  while (domain?.definition.type === 'domain') {
    const { definition }: { definition: DomainDefinition } = domain as never;
    if (definition.default !== undefined) {
      value = binder.grammar.storedText(binder, definition.default.sql, { place: 'columnDefault' });
      break;
    }
    domain = binder.context.catalog.typeByOid(definition.base.oid);
  }
  return coerceToTarget(value, type, 'assignment', binder);
}
