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
      for (const name of statement.constraints)
        constraintModes.set(constraintOid(session, name), mode);
    }
    if (mode === 'immediate') session.block.runDeferredChecks();
    return 'SET CONSTRAINTS';
  },
};

function constraintOid(session: Session, node: Node): number {
  const range = 'RangeVar' in node ? node.RangeVar : undefined;
  const name = range?.relname ?? '';
  for (const relation of session.catalog().relations()) {
    if (relation.kind !== 'table') continue;
    const constraint = relation.constraints.find((candidate) => candidate.name === name);
    if (constraint === undefined) continue;
    if (!constraint.deferrable) {
      throw databaseError('wrongObjectType', `constraint "${name}" is not deferrable`);
    }
    return constraint.oid;
  }
  throw databaseError('undefinedObject', `constraint "${name}" does not exist`);
}
