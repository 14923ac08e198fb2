// The views that an extension brings: made like those of users, and members of the extension.

import type { GrantStmt, ViewStmt } from '@pgsql/types';
import { quoteIdentifier } from '#common';
import { parseStatements } from '#planner';
import { grant } from './grants.ts';
import { DdlStatement } from './statement.ts';
import { createView } from './views.ts';

/** Their oids. Everyone may read them. */
export function createExtensionViews(
  ddl: DdlStatement,
  schema: string,
  views: Readonly<Record<string, string>>,
): number[] {
  const home = quoteIdentifier(schema);
  return Object.entries(views).map(([name, call]) => {
    const view = `${home}.${quoteIdentifier(name)}`;
    const [created, granted] = parseStatements(
      `CREATE VIEW ${view} AS SELECT * FROM ${home}.${call}; GRANT SELECT ON ${view} TO PUBLIC`,
    );
    const { ViewStmt: viewNode } = created.statement as { readonly ViewStmt: ViewStmt };
    createView(new DdlStatement(created, ddl.context), viewNode);
    const { GrantStmt: grantNode } = granted.statement as { readonly GrantStmt: GrantStmt };
    grant(new DdlStatement(granted, ddl.context), grantNode);
    return ddl.findRelation(schema, name)!.oid;
  });
}
