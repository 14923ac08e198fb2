// Data directories of a real PostgreSQL 15 for tests. initdb takes a second of processor time and a copy of what it
// made a small part of that, so it runs once and its directory is kept beside npm's packages. PostgreSQL refuses to
// run as root, so root runs it as the user postgres.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const binaryDirectories = [
  '/usr/lib/postgresql/15/bin',
  '/usr/pgsql-15/bin',
  '/usr/local/pgsql/bin',
];

/** Where initdb, postgres and pgbench are; undefined when PostgreSQL 15 is not installed. */
export function postgresBinaries(): string | undefined {
  return binaryDirectories.find((directory) => existsSync(join(directory, 'initdb')));
}

/** As whom PostgreSQL runs; undefined: as the user of this process. */
export function postgresUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }).trim());
  return { uid: id('-u'), gid: id('-g') };
}

/** A new cluster in a directory that is not there yet, below one that is PostgreSQL's own. */
export function makeCluster(data: string): void {
  const initdb = join(postgresBinaries() ?? '', 'initdb');
  const template = templateOf(initdb);
  if (existsSync(template)) {
    copy(template, data);
    return;
  }
  const options = ['-U', 'postgres', '-A', 'trust', '--locale=C.UTF-8', '-E', 'UTF8', '--no-sync'];
  execFileSync(initdb, ['-D', data, ...options], {
    ...postgresUser(),
    cwd: dirname(data),
    stdio: 'ignore',
  });
  keepTemplate(data, template);
}

/** One for each installation and user. */
function templateOf(initdb: string): string {
  const packages = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'lattice');
  return join(packages, `initdb-${process.getuid?.()}-${statSync(initdb).mtimeMs}`);
}

/** Another process may be doing the same: the first one's stays. */
function keepTemplate(data: string, template: string): void {
  const copied = `${template}-${process.pid}`;
  try {
    mkdirSync(dirname(template), { recursive: true });
    copy(data, copied);
    renameSync(copied, template);
  } catch {
    rmSync(copied, { recursive: true, force: true });
  }
}

function copy(from: string, to: string): void {
  execFileSync('cp', ['-a', from, to]);
}
