/**
 * Goal: what npm offers to applications works unmodified: drivers, query builders, ORMs, migration tools, queues.
 * Method: each package runs a program of its own (node/) against a database of its own; the program
 * throws when an answer is not as PostgreSQL gives it.
 */
import { test } from 'node:test';
import { connect } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';
import { run as drizzle } from './node/drizzle.ts';
import { run as knex } from './node/knex.ts';
import { run as kysely } from './node/kysely.ts';
import { run as postgresJs } from './node/postgres-js.ts';
import type { Program } from './node/program.ts';
import { runGraphileWorker, runNodePgMigrate, runPgBoss } from './node/queues.ts';
import { run as sequelize } from './node/sequelize.ts';
import { run as typeorm } from './node/typeorm.ts';

const programs: Readonly<Record<string, Program>> = {
  'postgres.js': postgresJs,
  kysely,
  knex,
  drizzle,
  sequelize,
  typeorm,
  'node-pg-migrate': runNodePgMigrate,
  'graphile-worker': runGraphileWorker,
  'pg-boss': runPgBoss,
};

const lattice = await testServer();

for (const [name, program] of Object.entries(programs)) {
  test(name, { timeout: 60_000 }, async () => {
    const database = name.replaceAll(/[^a-z]/g, '_');
    const client = await connect(lattice.port);
    await client.query(`CREATE DATABASE ${database}`);
    await client.end();
    await program({
      host: '127.0.0.1',
      port: lattice.port,
      user: 'postgres',
      database,
      url: `postgres://postgres@127.0.0.1:${lattice.port}/${database}`,
    });
  });
}
