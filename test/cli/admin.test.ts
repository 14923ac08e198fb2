/**
 * Goal: what an operator sees over HTTP: /health, /ready and /metrics, with figures that move.
 * Method: a server, some statements of each kind, and the difference between two readings of /metrics.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';

const server = await testServer();

function get(path: string, method = 'GET'): Promise<Response> {
  return fetch(`http://127.0.0.1:${server.process.adminPort}${path}`, { method });
}

/** Every sample of /metrics by its name and labels as written there. */
async function samples(): Promise<Map<string, number>> {
  const response = await get('/metrics');
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain/);
  const found = new Map<string, number>();
  for (const line of (await response.text()).split('\n')) {
    const match = /^([a-z_]+(?:\{[^}]*\})?) (\S+)$/.exec(line);
    if (match !== null) found.set(match[1], Number(match[2]));
  }
  return found;
}

test('/health, /ready and what is not there', async () => {
  assert.equal((await get('/health')).status, 200);
  const ready = await get('/ready');
  assert.equal(ready.status, 200);
  assert.equal(await ready.text(), 'ready\n');
  assert.equal((await get('/secrets')).status, 404);
  assert.equal((await get('/metrics', 'POST')).status, 405);
});

test('/metrics moves with what clients do', async () => {
  const client = await connect(server.port);
  await client.query('CREATE TABLE measured (id int PRIMARY KEY, name text)');
  const earlier = await samples();
  assert.equal(earlier.get('lattice_connections'), 1);
  for (let id = 0; id < 20; id++)
    await client.query({
      name: 'add',
      text: 'INSERT INTO measured VALUES ($1, $2)',
      values: [id, 'x'],
    });
  for (let id = 0; id < 10; id++)
    await client.query({
      name: 'get',
      text: 'SELECT name FROM measured WHERE id = $1',
      values: [id],
    });
  for (let id = 0; id < 10; id++) await client.query(`SELECT name FROM measured WHERE id = ${id}`);
  await client.query("UPDATE measured SET name = 'y' WHERE id < 5");
  await client.query('DELETE FROM measured WHERE id = 7');
  await client.query('BEGIN; COMMIT');
  await client.query('CREATE TABLE measured_too (id int)');
  await assert.rejects(client.query('SELECT 1 / 0'), { code: '22012' });
  const later = await samples();
  const growth = (name: string): number => {
    const value = later.get(name);
    assert.ok(value !== undefined, `${name} is missing`);
    return value - (earlier.get(name) ?? 0);
  };
  const latencyCount = (kind: string): number =>
    growth(`lattice_statement_seconds_count{kind="${kind}"}`);
  assert.equal(latencyCount('insert'), 20);
  assert.equal(latencyCount('select'), 21);
  assert.equal(latencyCount('update'), 1);
  assert.equal(latencyCount('delete'), 1);
  assert.equal(latencyCount('transaction'), 2);
  assert.equal(latencyCount('ddl'), 1);
  assert.ok(growth('lattice_statement_seconds_sum{kind="insert"}') > 0);
  assert.equal(growth('lattice_statement_seconds_bucket{le="+Inf",kind="insert"}'), 20);
  assert.ok(growth('lattice_commits_total') >= 23);
  assert.ok(growth('lattice_log_syncs_total') > 0);
  assert.ok(growth('lattice_log_bytes_total') > 0);
  assert.ok(growth('lattice_memtable_bytes') > 0);
  assert.ok(growth('lattice_plan_cache_hits_total') >= 9);
  assert.equal(growth('lattice_errors_total'), 1);
  assert.ok(later.has('lattice_page_cache_hits_total'));
  assert.ok(later.has('lattice_page_cache_misses_total'));
  assert.ok((later.get('lattice_process_resident_memory_bytes') ?? 0) > 0);
  await client.end();
});
