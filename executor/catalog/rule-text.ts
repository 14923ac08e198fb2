// pg_get_ruledef(): a rule as CREATE RULE.

import {
  quoteIdentifier,
  type RuleDescriptor,
  type TableDescriptor,
  type ViewDescriptor,
} from '#common';
import { expressionText } from './expression-text.ts';
import type { CatalogNames } from './names.ts';

export function ruleDefinition(
  names: CatalogNames,
  relation: TableDescriptor | ViewDescriptor,
  rule: RuleDescriptor,
  pretty: boolean,
): string {
  const target = pretty ? names.relationName(relation) : names.qualifiedName(relation);
  const condition =
    rule.condition === undefined ? '' : `\n   WHERE ${expressionText(names, rule.condition.sql)}`;
  const actions = rule.actions.map(({ sql }) => expressionText(names, sql));
  const body =
    actions.length === 0
      ? 'NOTHING;'
      : actions.length === 1
        ? ` ${actions[0]};`
        : `( ${actions.map((action) => `${action};\n`).join(' ')});`;
  return `CREATE RULE ${quoteIdentifier(rule.name)} AS\n    ON ${rule.event.toUpperCase()} TO ${target}${condition} DO ${rule.instead ? 'INSTEAD ' : ''}${body}`;
}
