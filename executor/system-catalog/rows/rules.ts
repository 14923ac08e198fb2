// pg_rewrite and pg_rules: the rules of users' relations; the query of a view is its rule _RETURN.

import { queryOf } from '#common';
import { ruleDefinition } from '../../catalog/rule-text.ts';
import type { CatalogRow, CatalogScope, RowSources } from '../contract.ts';
import { rewriteOid } from '../catalog-oids.ts';

const eventNumbers = { update: '2', insert: '3', delete: '4' } as const;

function* rewriteRows({ catalog }: CatalogScope): Iterable<CatalogRow> {
  for (const relation of catalog.userRelations()) {
    const query = queryOf(relation);
    if (query !== undefined && 'rowTypeOid' in relation) {
      yield {
        oid: rewriteOid(relation),
        rulename: '_RETURN',
        ev_class: relation.oid,
        ev_type: '1',
        ev_enabled: 'O',
        is_instead: true,
        ev_qual: '<>',
        ev_action: query.sql,
      };
    }
    if (relation.kind !== 'table' && relation.kind !== 'view') continue;
    for (const rule of relation.rules ?? []) {
      yield {
        oid: rule.oid,
        rulename: rule.name,
        ev_class: relation.oid,
        ev_type: eventNumbers[rule.event],
        ev_enabled: rule.enabled,
        is_instead: rule.instead,
        ev_qual: rule.condition?.sql ?? '<>',
        ev_action: rule.actions.map(({ sql }) => sql).join('; '),
      };
    }
  }
}

function* ruleListing(scope: CatalogScope): Iterable<CatalogRow> {
  const { catalog, names } = scope;
  for (const relation of catalog.userRelations()) {
    if (relation.kind !== 'table' && relation.kind !== 'view') continue;
    for (const rule of relation.rules ?? []) {
      yield {
        schemaname: catalog.schemaByOid(relation.schemaOid)?.name ?? '',
        tablename: relation.name,
        rulename: rule.name,
        definition: ruleDefinition(names, relation, rule, false),
      };
    }
  }
}

export const ruleSources: RowSources = {
  pg_rewrite: rewriteRows,
  pg_rules: ruleListing,
};
