// The databases of the server as sessions reach them, and the cluster-wide objects behind logins.

import { databaseError, type DatabaseDescriptor, type RoleDescriptor } from '#common';
import type { Server } from '../server.ts';
import { SessionDatabase } from './session-database.ts';

export class Databases {
  private readonly server: Server;

  constructor(server: Server) {
    this.server = server;
  }

  /** Raises 3D000 when there is no such database, 55000 when it takes no connections. */
  open(name: string): SessionDatabase {
    const descriptor = this.find(name);
    if (descriptor === undefined) {
      throw databaseError('invalidCatalogName', `database "${name}" does not exist`, {
        severity: 'FATAL',
      });
    }
    if (!descriptor.allowConnections) {
      throw databaseError(
        'objectNotInPrerequisiteState',
        `database "${name}" is not currently accepting connections`,
        {
          severity: 'FATAL',
        },
      );
    }
    return new SessionDatabase(this.server, descriptor);
  }

  private find(name: string): DatabaseDescriptor | undefined {
    for (const object of this.server.catalogStore.scope(clusterScope).objects()) {
      if (object.kind === 'database' && object.name === name) return object;
    }
    return undefined;
  }

  findRole(name: string): RoleDescriptor | undefined {
    for (const object of this.server.catalogStore.scope(clusterScope).objects()) {
      if (object.kind === 'role' && object.name === name) return object;
    }
    return undefined;
  }

  /** The configuration's password for the bootstrap superuser, kept as a verifier. */
  async setBootstrapPassword(verifier: string): Promise<void> {
    const { storage, catalogStore } = this.server;
    const role = this.findRole('postgres');
    if (role === undefined || role.passwordVerifier !== null) return;
    const transaction = storage.begin({ isolation: 'read committed', readOnly: false });
    transaction.beginStatement();
    catalogStore
      .forTransaction(transaction, postgresDatabase)
      .put({ ...role, passwordVerifier: verifier });
    await storage.whenSynced(transaction.commit().position);
  }
}

const clusterScope = 0;
const postgresDatabase = 5;
