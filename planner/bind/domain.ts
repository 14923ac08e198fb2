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
import { bindStoredText } from './stored-expression.ts';

/** The value as the domain's; the caller knows that the type below takes it. */
export function coerceToDomain(
  expression: Expression,
  target: SqlType,
  context: CoercionContext,
  binder: Binder,
): Expression {
  const base = domainBase(target.oid);
  const isParameter = expression.kind === 'parameter' && expression.type.oid === unknownOid;
  const value =
    isParameter && binder.parameters.literal(expression.index + 1) === undefined
      ? underDomain(binder.parameters.decide(expression, target), base, binder)
      : (coerceToTarget(expression, base, context, binder) ?? expression);
  return domainCast(value, target, context === 'explicit', binder);
}

const unknownOid = TypeOid.unknown;

type DomainDefinition = Extract<UserTypeDescriptor['definition'], { readonly type: 'domain' }>;

/** A parameter that is declared with the domain comes unchecked: the domains below are applied here. */
function underDomain(parameter: Expression, base: SqlType, binder: Binder): Expression {
  const plain: Expression = {
    kind: 'cast',
    method: 'relabel',
    argument: parameter,
    explicit: false,
    type: sqlType(base.oid),
    ...placed(parameter.position),
  };
  if (typeByOid(base.oid)?.kind !== 'domain') return plain;
  return domainCast(underDomain(parameter, domainBase(base.oid), binder), base, false, binder);
}

export function domainBase(oid: number): SqlType {
  const facts = typeByOid(oid)?.facts;
  return sqlType(facts?.base ?? 0, facts?.baseModifier ?? -1);
}

function domainCast(
  argument: Expression,
  target: SqlType,
  explicit: boolean,
  binder: Binder,
): Expression {
  const type = binder.context.catalog.typeByOid(target.oid);
  const domain = type === undefined ? undefined : domainRule(type, binder);
  const cast = { kind: 'cast', argument, explicit, ...placed(argument.position) } as const;
  if (domain === undefined || (!domain.notNull && domain.checks.length === 0)) {
    return { ...cast, method: 'relabel', type: sqlType(target.oid) };
  }
  return { ...cast, method: 'domain', domain, type: sqlType(target.oid) };
}

/** The constraints of a domain itself, without those of a domain that it is over. */
export function domainRule(type: UserTypeDescriptor, binder: Binder): DomainRule | undefined {
  const { definition } = type;
  if (definition.type !== 'domain') return undefined;
  const request = { place: 'check', value: definition.base } as const;
  return {
    name: type.name,
    schemaName: binder.context.catalog.schemaByOid(type.schemaOid)?.name ?? '',
    notNull: definition.notNull,
    checks: definition.constraints.map(({ name, expression }) => ({
      name,
      condition: bindStoredText(binder, expression.sql, request),
    })),
  };
}

/** What a column of the type has that gives none itself; undefined when the type is no domain. */
export function domainDefault(type: SqlType, binder: Binder): Expression | undefined {
  let domain = binder.context.catalog.typeByOid(type.oid);
  if (domain?.definition.type !== 'domain' || domain.oid !== type.oid) return undefined;
  let value: Expression = constant(null, sqlType(unknownOid));
  while (domain?.definition.type === 'domain') {
    const { definition }: { definition: DomainDefinition } = domain as never;
    if (definition.default !== undefined) {
      value = bindStoredText(binder, definition.default.sql, { place: 'columnDefault' });
      break;
    }
    domain = binder.context.catalog.typeByOid(definition.base.oid);
  }
  return coerceToTarget(value, type, 'assignment', binder);
}
