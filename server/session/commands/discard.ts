// DISCARD ALL | PLANS | SEQUENCES | TEMP.

import type { DiscardStmt } from '@pgsql/types';
import { databaseError } from '#common';
import { setSessionAuthorization } from '../authorization.ts';
import type { Command, Invocation } from '../command.ts';

export const discardCommand: Command = {
  run: ({ session, statement }: Invocation<DiscardStmt>) => {
    switch (statement.target) {
      case 'DISCARD_PLANS':
        return 'DISCARD PLANS';
      case 'DISCARD_SEQUENCES':
        session.database.forgetSequences();
        return 'DISCARD SEQUENCES';
      case 'DISCARD_TEMP':
        session.database.dropTemporaryObjects(session);
        return 'DISCARD TEMP';
      default: {
        if (session.inTransactionBlock) {
          throw databaseError(
            'activeSqlTransaction',
            'DISCARD ALL cannot run inside a transaction block',
          );
        }
        session.cursors.closeAll();
        setSessionAuthorization(session, undefined);
        session.settings.resetAll();
        session.prepared.closeAll();
        session.server.advisoryLocks.releaseSession(session.lockHolder);
        session.server.channels.unlistenAll(session);
        session.database.forgetSequences();
        session.database.dropTemporaryObjects(session);
        return 'DISCARD ALL';
      }
    }
  },
};
