// A workload whose invariants show lost or half-done transactions: clients move money between accounts
// and write each transfer into a journal in the same transaction. Who was told that a transfer is
// committed writes it down here, outside of the server.

import assert from 'node:assert/strict';
import { connect, rows } from '../harness/client.ts';

export const accountCount = 50;
const initialBalance = 1000;

export interface Acknowledged {
  /** Transfers by "client:sequence" that the server has acknowledged. */
  readonly transfers: Set<string>;
}

export async function createBank(port: number): Promise<void> {
  const client = await connect(port);
  await client.query('CREATE TABLE account (id int PRIMARY KEY, balance bigint NOT NULL)');
  await client.query(
    'CREATE TABLE transfer (client int, sequence int, source int, target int, amount int, PRIMARY KEY (client, sequence))',
  );
  await client.query(
    `INSERT INTO account SELECT g, ${initialBalance} FROM generate_series(1, ${accountCount}) g`,
  );
  await client.end();
}

/** Runs transfers until the connection breaks or `stopped()` says so. `first` is the first sequence number. */
export async function transferUntilStopped(
  port: number,
  run: {
    readonly client: number;
    readonly first: number;
    readonly acknowledged: Acknowledged;
    readonly stopped: () => boolean;
  },
): Promise<number> {
  let sequence = run.first;
  const connection = await connect(port).catch(() => undefined);
  if (connection === undefined) return sequence;
  try {
    while (!run.stopped()) {
      await transfer(connection, run.client, sequence);
      run.acknowledged.transfers.add(`${run.client}:${sequence}`);
      sequence++;
    }
    await connection.end();
  } catch (error) {
    if (isServerError(error)) throw error;
    // The outcome of a transfer in flight is unknown; its number is not used again.
    sequence++;
  }
  return sequence;
}

/** An answer of the server, as opposed to a broken connection. */
function isServerError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'severity' in error;
}

async function transfer(
  connection: Awaited<ReturnType<typeof connect>>,
  client: number,
  sequence: number,
): Promise<void> {
  const source = 1 + ((client * 31 + sequence * 17) % accountCount);
  const target = 1 + ((source + (sequence % (accountCount - 1))) % accountCount);
  const amount = 1 + (sequence % 50);
  // Locks in the order of ids, so that transfers do not deadlock.
  const [low, high] = source < target ? [source, target] : [target, source];
  const change = (id: number): number =>
    (id === source ? -amount : 0) + (id === target ? amount : 0);
  await connection.query('BEGIN');
  await connection.query('UPDATE account SET balance = balance + $1 WHERE id = $2', [
    change(low),
    low,
  ]);
  if (high !== low)
    await connection.query('UPDATE account SET balance = balance + $1 WHERE id = $2', [
      change(high),
      high,
    ]);
  await connection.query('INSERT INTO transfer VALUES ($1, $2, $3, $4, $5)', [
    client,
    sequence,
    source,
    target,
    amount,
  ]);
  await connection.query('COMMIT');
}

/** Every acknowledged transfer is there, and the balances are exactly what the journal says. */
export async function checkBank(port: number, acknowledged: Acknowledged): Promise<void> {
  const client = await connect(port);
  const total = await rows(client, 'SELECT sum(balance) FROM account');
  assert.equal(total[0][0], String(accountCount * initialBalance), 'the sum of all balances');
  const journal = await rows(
    client,
    'SELECT client, sequence, source, target, amount FROM transfer',
  );
  const present = new Set(journal.map(([who, sequence]) => `${who}:${sequence}`));
  const lost = [...acknowledged.transfers].filter((transfer) => !present.has(transfer));
  assert.deepEqual(lost, [], 'acknowledged transfers that are gone');
  const expected = new Map<number, number>();
  for (let id = 1; id <= accountCount; id++) expected.set(id, initialBalance);
  for (const [, , source, target, amount] of journal) {
    expected.set(Number(source), expected.get(Number(source))! - Number(amount));
    expected.set(Number(target), expected.get(Number(target))! + Number(amount));
  }
  const balances = await rows(client, 'SELECT id, balance FROM account ORDER BY id');
  assert.deepEqual(
    balances.map(([id, balance]) => [Number(id), Number(balance)]),
    [...expected],
    'balances against the journal',
  );
  await client.end();
}
