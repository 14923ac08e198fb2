/**
 * Goal: every mistake on the command line or in the configuration file is a message that names it, and the
 * line where there is one.
 * Method: parseCommandLine() on wrong arguments and on files written for the purpose.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseCommandLine } from './command-line.ts';
import type { Configuration } from './config/configuration.ts';

const directory = mkdtempSync(join(tmpdir(), 'lattice-configuration-'));

after(() => rmSync(directory, { recursive: true, force: true }));

function fileWith(text: string): string {
  const file = join(directory, 'lattice.yaml');
  writeFileSync(file, text);
  return file;
}

function configurationOf(...args: string[]): Configuration {
  const command = parseCommandLine(['start', ...args]);
  assert.equal(command.kind, 'start');
  return command.configuration;
}

test('flags', () => {
  const configuration = configurationOf(
    '--data',
    'd',
    '--listen=127.0.0.1:0',
    '--admin',
    '[::1]:9',
  );
  assert.equal(configuration.dataDirectory, 'd');
  assert.deepEqual(configuration.listen, { host: '127.0.0.1', port: 0 });
  assert.deepEqual(configuration.admin, { host: '::1', port: 9 });
});

test('defaults are loopback and trust', () => {
  const configuration = configurationOf();
  assert.deepEqual(configuration.listen, { host: '127.0.0.1', port: 5433 });
  assert.deepEqual(configuration.admin, { host: '127.0.0.1', port: 8433 });
  assert.equal(configuration.auth, 'trust');
});

test('wrong arguments', () => {
  const cases: [string[], RegExp][] = [
    [['strat'], /^unknown command "strat"/],
    [['start', '--port', '1'], /^unknown option "--port"/],
    [['start', '--listen'], /"--listen" needs a value/],
    [['start', '--listen', 'here'], /^--listen takes HOST:PORT, got "here"/],
    [['start', '--admin', '127.0.0.1:70000'], /^--admin takes HOST:PORT/],
    [['start', '--config', join(directory, 'absent.yaml')], /^cannot read .*absent\.yaml/],
    [
      ['start', '--listen', '0.0.0.0:1'],
      /^refusing to listen on 0\.0\.0\.0 without TLS and passwords/,
    ],
    [['start', '--listen', '[::]:1'], /^refusing to listen on ::/],
  ];
  for (const [args, message] of cases)
    assert.throws(() => parseCommandLine(args), { name: 'ConfigurationError', message });
});

test('a file, over which flags win', () => {
  const file = fileWith(
    "data: elsewhere\ntls:\n  cert: c.pem\n  key: k.pem\nauth: scram\nwork_mem: 8MB\nlisten: '0.0.0.0:1'\n" +
      'settings:\n  statement_timeout: 5s\n',
  );
  const configuration = configurationOf('--config', file, '--data', 'here');
  assert.equal(configuration.dataDirectory, 'here');
  assert.deepEqual(configuration.tls, { certFile: 'c.pem', keyFile: 'k.pem' });
  assert.equal(configuration.workMemBytes, 8 << 20);
  assert.deepEqual(configuration.settings, { statement_timeout: '5s' });
});

test('wrong files name file and line', () => {
  const cases: [string, RegExp][] = [
    ['log_level: warn\nlistn: 127.0.0.1:0\n', /lattice\.yaml:2: unknown key "listn"/],
    [
      '# one\n\nmax_connections: many\n',
      /lattice\.yaml:3: "max_connections" must be a whole number/,
    ],
    ['max_connections: 0\n', /lattice\.yaml:1: "max_connections" must be a whole number from 1/],
    ['tls:\n  cert: a.pem\n  kye: b.pem\n', /lattice\.yaml:3: unknown key "tls\.kye"/],
    ['tls:\n  cert: a.pem\n', /^tls\.cert and tls\.key must be given together/],
    ['work_mem: 64\n', /lattice\.yaml:1: "work_mem" must be a size like 64MB/],
    ['auth: none\n', /lattice\.yaml:1: "auth" must be one of trust, scram/],
    ['log_level: warn\nlog_level: info\n', /lattice\.yaml:2: .*unique/],
    ['log_level: warn\nwork_mem: [1\n', /lattice\.yaml:[23]: /],
    ['- a\n', /lattice\.yaml:1: expected keys and values/],
    ['workMem: 1MB\n', /did you mean "work_mem"/],
  ];
  for (const [text, message] of cases) {
    const file = fileWith(text);
    assert.throws(() => parseCommandLine(['start', '--config', file]), {
      name: 'ConfigurationError',
      message,
    });
  }
});

test('a list or a map where a value belongs is a bad value', () => {
  for (const text of ['auth:\n  - scram\n', 'auth:\n  kind: scram\n']) {
    const file = fileWith(text);
    assert.throws(() => parseCommandLine(['start', '--config', file]), /lattice\.yaml:[12]: /);
  }
});
