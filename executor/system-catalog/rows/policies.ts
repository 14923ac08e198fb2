// pg_policy and pg_policies: the row policies of users' tables.

import { ArrayValue, type PolicyDescriptor, type TableDescriptor, TypeOid } from '#common';
import { expressionText } from '../../catalog/expression-text.ts';
import type { CatalogRow, CatalogScope, RowSources } from '../contract.ts';

const commandLetters = { all: '*', select: 'r', insert: 'a', update: 'w', delete: 'd' } as const;

interface Policy {
  readonly table: TableDescriptor;
  readonly policy: PolicyDescriptor;
}

function* policies({ catalog }: CatalogScope): Iterable<Policy> {
  for (const table of catalog.userRelations()) {
    if (table.kind !== 'table') continue;
    for (const policy of table.policies ?? []) yield { table, policy };
  }
}

function* policyRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const { table, policy } of policies(scope)) {
    const { oid, name, command, permissive, roles, using, check } = policy;
    yield {
      oid,
      polname: name,
      polrelid: table.oid,
      polcmd: commandLetters[command],
      polpermissive: permissive,
      // 0 stands for PUBLIC.
      polroles: ArrayValue.of(TypeOid.oid, roles.length === 0 ? [0] : roles),
      polqual: using?.sql ?? null,
      polwithcheck: check?.sql ?? null,
    };
  }
}

function* policyListing(scope: CatalogScope): Iterable<CatalogRow> {
  const { catalog, names } = scope;
  for (const { table, policy } of policies(scope)) {
    const { name, command, permissive, roles, using, check } = policy;
    const roleNames = roles.flatMap((oid) => catalog.roleByOid(oid)?.name ?? []).toSorted();
    yield {
      schemaname: catalog.schemaByOid(table.schemaOid)?.name ?? '',
      tablename: table.name,
      policyname: name,
      permissive: permissive ? 'PERMISSIVE' : 'RESTRICTIVE',
      roles: ArrayValue.of(TypeOid.name, roles.length === 0 ? ['public'] : roleNames),
      cmd: command.toUpperCase(),
      qual: using === undefined ? null : expressionText(names, using.sql),
      with_check: check === undefined ? null : expressionText(names, check.sql),
    };
  }
}

export const policySources: RowSources = {
  pg_policy: policyRows,
  pg_policies: policyListing,
};
