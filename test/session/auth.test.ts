/**
 * Goal: with auth: scram nobody gets in without the right password of a role that may log in, over TLS or
 * in the clear; the answers for an unknown user, a wrong password and an expired one are the same.
 * Method: a server with TLS and SCRAM on loopback, node-postgres and psql as clients, and one SCRAM
 * exchange by hand against the roles' stored verifiers.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type pg from 'pg';
import { hasProgram, makeCertificate, type CertificateFiles } from '../harness/certificate.ts';
import { connect, rows } from '../harness/client.ts';
import { type LatticeProcess, startLattice } from '../harness/lattice.ts';
import { errorFields, frame, RawConnection, startupPacket } from '../protocol/raw-connection.ts';

const directory = mkdtempSync(join(tmpdir(), 'lattice-auth-'));
let certificate: CertificateFiles | undefined;
let server: LatticeProcess;

before(async () => {
  mkdirSync(directory, { recursive: true });
  certificate = makeCertificate(directory);
  const tls =
    certificate === undefined
      ? ''
      : `tls:\n  cert: ${certificate.cert}\n  key: ${certificate.key}\n`;
  server = await startLattice(directory, {
    configuration: `${tls}auth: scram\nbootstrap_password: öffne dich\n`,
  });
});

after(async () => {
  assert.equal(await server.stop(), 0);
  rmSync(directory, { recursive: true, force: true });
});

function login(user: string, password: string, more: pg.ClientConfig = {}): Promise<pg.Client> {
  return connect(server.port, { user, password, ...more });
}

async function administrator(...statements: string[]): Promise<void> {
  const client = await login('postgres', 'öffne dich');
  for (const statement of statements) await client.query(statement);
  await client.end();
}

test('the bootstrap superuser gets in with the configured password only', async () => {
  const client = await login('postgres', 'öffne dich');
  assert.deepEqual(await rows(client, 'SELECT current_user, session_user'), [
    ['postgres', 'postgres'],
  ]);
  await client.end();
  await assert.rejects(login('postgres', 'öffne mich'), {
    code: '28P01',
    message: 'password authentication failed for user "postgres"',
  });
});

test('roles: LOGIN, PASSWORD, NOLOGIN, VALID UNTIL, unknown', async () => {
  await administrator(
    "CREATE ROLE clerk LOGIN PASSWORD 'secret'",
    "CREATE ROLE nobody_home NOLOGIN PASSWORD 'secret'",
    "CREATE ROLE expired LOGIN PASSWORD 'secret' VALID UNTIL '2001-01-01'",
    "CREATE ROLE lasting LOGIN PASSWORD 'secret' VALID UNTIL 'infinity'",
    'CREATE ROLE passwordless LOGIN',
    'CREATE USER "Ünïcode ☂" PASSWORD \'pä§§wörd ☂\'',
  );
  for (const user of ['clerk', 'lasting']) await (await login(user, 'secret')).end();
  await (await login('Ünïcode ☂', 'pä§§wörd ☂')).end();
  await assert.rejects(login('nobody_home', 'secret'), {
    code: '28000',
    message: 'role "nobody_home" is not permitted to log in',
  });
  for (const user of ['expired', 'passwordless', 'unknown']) {
    await assert.rejects(login(user, 'secret'), {
      code: '28P01',
      message: `password authentication failed for user "${user}"`,
    });
  }
});

test('ALTER ROLE changes the password, the right to log in, and the settings', async () => {
  await administrator("CREATE ROLE changing LOGIN PASSWORD 'old'");
  await administrator("ALTER ROLE changing PASSWORD 'new'");
  await assert.rejects(login('changing', 'old'), { code: '28P01' });
  await (await login('changing', 'new')).end();
  await administrator("ALTER ROLE changing SET work_mem = '9MB'");
  const client = await login('changing', 'new');
  assert.deepEqual(await rows(client, 'SHOW work_mem'), [['9MB']]);
  await client.end();
  await administrator('ALTER ROLE changing NOLOGIN');
  await assert.rejects(login('changing', 'new'), { code: '28000' });
  await administrator('DROP ROLE changing');
  await assert.rejects(login('changing', 'new'), { code: '28P01' });
});

test('the password itself is not stored', async () => {
  await administrator("CREATE ROLE hidden LOGIN PASSWORD 'a-very-visible-password'");
  const client = await login('postgres', 'öffne dich');
  const stored = await rows(client, "SELECT rolpassword FROM pg_authid WHERE rolname = 'hidden'");
  assert.match(stored[0]?.[0] ?? '', /^SCRAM-SHA-256\$4096:/);
  await client.end();
});

test('what a client sends before it is in is not believed', async () => {
  const connection = await RawConnection.open(server.port);
  connection.socket.write(startupPacket({ user: 'postgres' }));
  connection.socket.write(frame('Q', Buffer.from('SELECT 1\0')));
  const messages = await connection.until('Z');
  const error = messages.find((message) => message.type === 'E');
  assert.ok(error !== undefined);
  assert.equal(errorFields(error)['C'], '08P01');
  assert.ok(!messages.some((message) => message.type === 'D' || message.type === 'Z'));
});

test('a forged SCRAM proof is refused', async () => {
  const connection = await RawConnection.open(server.port);
  connection.socket.write(startupPacket({ user: 'postgres' }));
  await connection.until('R');
  const first = Buffer.from('n,,n=,r=abcdefgh');
  const length = Buffer.alloc(4);
  length.writeInt32BE(first.length);
  connection.send('p', Buffer.concat([Buffer.from('SCRAM-SHA-256\0'), length, first]));
  const challenge = (await connection.until('R')).at(-1)?.body.toString('utf8') ?? '';
  const nonce = /r=([^,]+)/.exec(challenge)?.[1];
  assert.ok(nonce?.startsWith('abcdefgh'));
  connection.send('p', `c=biws,r=${nonce},p=${Buffer.alloc(32, 7).toString('base64')}`);
  const last = (await connection.until('never')).at(-1);
  assert.ok(last !== undefined);
  assert.equal(errorFields(last)['C'], '28P01');
});

test('TLS, with the certificate checked', async (context) => {
  if (certificate === undefined) return context.skip('no openssl program to make a certificate');
  const ssl = { ca: readFileSync(certificate.cert, 'utf8') };
  const client = await login('postgres', 'öffne dich', { ssl });
  await client.query('SELECT 1');
  const long = await rows(client, "SELECT repeat('x', 1000000)");
  assert.equal(long[0]?.[0]?.length, 1_000_000);
  await client.end();
  await assert.rejects(login('postgres', 'wrong', { ssl }), { code: '28P01' });
});

test('psql over TLS with PGPASSWORD', (context) => {
  if (!hasProgram('psql')) return context.skip('no psql program');
  if (certificate === undefined) return context.skip('no openssl program to make a certificate');
  const psql = (password: string, mode: string): string =>
    execFileSync('psql', ['-X', '-At', '-c', 'SELECT current_user'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PGHOST: '127.0.0.1',
        PGPORT: String(server.port),
        PGUSER: 'postgres',
        PGDATABASE: 'postgres',
        PGPASSWORD: password,
        PGSSLMODE: mode,
        PGSSLROOTCERT: certificate?.cert ?? '',
      },
    });
  assert.equal(psql('öffne dich', 'verify-ca'), 'postgres\n');
  assert.equal(psql('öffne dich', 'disable'), 'postgres\n');
  assert.throws(
    () => psql('wrong', 'require'),
    /password authentication failed for user "postgres"/,
  );
});

test('an address that others reach takes TLS connections only', async (context) => {
  if (certificate === undefined) return context.skip('no openssl program to make a certificate');
  const open = await startLattice(join(directory, 'open'), {
    listen: '0.0.0.0:0',
    configuration: `tls:\n  cert: ${certificate.cert}\n  key: ${certificate.key}\nauth: scram\nbootstrap_password: secret\n`,
  });
  try {
    await assert.rejects(connect(open.port, { password: 'secret' }), { code: '28000' });
    const ssl = { ca: readFileSync(certificate.cert, 'utf8') };
    const client = await connect(open.port, { password: 'secret', ssl });
    assert.deepEqual(await rows(client, 'SHOW ssl'), [['on']]);
    await client.end();
  } finally {
    assert.equal(await open.stop(), 0);
  }
});
