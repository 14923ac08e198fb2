// SET CONSTRAINTS ALL | name, … DEFERRED | IMMEDIATE.

import type { ConstraintsSetStmt, Node } from '@pgsql/types';
import { databaseError } from '#common';
import type { Command, Invocation } from '../command.ts';
import { noticeOf } from '../notice.ts';
import type { Session } from '../session.ts';

export const constraintsCommand: Command = {
  run: ({ session, statement }: Invocation<ConstraintsSetStmt>) => {
    if (!session.block.inBlock) {
      session.notice(
        noticeOf('WARNING', '25P01', 'SET CONSTRAINTS can only be used in transaction blocks'),
      );
    }
    // The modes end with a transaction.
    session.block.require();
    const mode = statement.deferred === true ? 'deferred' : 'immediate';
    const { constraintModes } = session.block;
    if (statement.constraints === undefined) {
      constraintModes.clear();
      constraintModes.set('all', mode);
    } else {
      for (const name of statement.constraints) {
        for (const oid of constraintOids(session, name, mode === 'deferred'))
          constraintModes.set(oid, mode);
      }
    }
    if (mode === 'immediate') session.block.runDeferredChecks();
    return 'SET CONSTRAINTS';
  },
};

/** All of the name in the first schema that has one, and what partitions have of them. 42704, 42809. */
function constraintOids(session: Session, node: Node, isDeferred: boolean): number[] {
  const { schemaname, relname: name = '' } = ('RangeVar' in node && node.RangeVar) || {};
  const catalog = session.catalog();
  const constraints = [...catalog.relations()].flatMap((relation) =>
    relation.kind === 'table'
      ? relation.constraints.map((constraint) => ({ constraint, schema: relation.schemaOid }))
      : [],
  );
  const named = constraints.filter(({ constraint }) => constraint.name === name);
  const schemas = schemaname === undefined ? session.searchPath() : [schemaname];
  const found = schemas
    .map((schema) => catalog.findSchema(schema)?.oid)
    .map((oid) => named.filter(({ schema }) => schema === oid))
    .find((list) => list.length > 0);
  if (found === undefined)
    throw databaseError('undefinedObject', `constraint "${name}" does not exist`);
  if (isDeferred && found.some(({ constraint }) => !constraint.deferrable))
    throw databaseError('wrongObjectType', `constraint "${name}" is not deferrable`);
  const oids = new Set(found.map(({ constraint }) => constraint.oid));
  for (let before = 0; before !== oids.size;) {
    before = oids.size;
    for (const { constraint } of constraints)
      if ('parentOid' in constraint && oids.has(constraint.parentOid ?? 0))
        oids.add(constraint.oid);
  }
  return [...oids];
}
