// npm run conformance: how many statements this server and a real PostgreSQL 15 answer alike.
//
//   npm run conformance                         the files of test/slt, and docs/sql.md's table from them
//   npm run conformance -- --corpus DIR         SQLite's sqllogictest corpus
//   npm run conformance -- --scripts DIR        psql scripts (PostgreSQL's regression tests), one database
//   … --only PATTERN   files whose name contains it    … --show N   differences printed a file (default 5)
//   … --write          write the table of docs/sql.md anew

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startLattice } from '../harness/lattice.ts';
import { postgresBinaries, startPostgres } from '../harness/postgres.ts';
import { compareScript, type ScriptResult, type Servers } from './compare.ts';
import { corpusScripts, psqlScripts, type Script, sltScripts } from './sources.ts';
import { writeSupportTable } from './support-table.ts';

const { values: options } = parseArgs({
  options: {
    corpus: { type: 'string' },
    scripts: { type: 'string' },
    only: { type: 'string' },
    show: { type: 'string', default: '5' },
    write: { type: 'boolean', default: false },
  },
});

function chosenScripts(): Script[] {
  const scripts =
    options.corpus !== undefined
      ? corpusScripts(options.corpus)
      : options.scripts !== undefined
        ? psqlScripts(options.scripts)
        : sltScripts(join(import.meta.dirname, '..', 'slt'));
  return scripts.filter(({ name }) => options.only === undefined || name.includes(options.only));
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(2)} %`;
}

function print(result: ScriptResult): void {
  const { script, agreed, differences } = result;
  const total = script.statements.length;
  console.log(`${script.name}: ${agreed} of ${total} agree (${percent(agreed, total)})`);
  for (const { sql, ours, theirs } of differences.slice(0, Number(options.show))) {
    const short = (text: string): string => text.slice(0, 600).replaceAll('\n', '\n      ');
    console.log(
      `  ${short(sql)}\n    here:       ${short(ours)}\n    PostgreSQL: ${short(theirs)}`,
    );
  }
}

async function run(): Promise<void> {
  if (postgresBinaries() === undefined) {
    console.log('skipped: PostgreSQL 15 is not installed');
    return;
  }
  const directory = mkdtempSync(join(tmpdir(), 'lattice-conformance-'));
  let lattice = await startLattice(join(directory, 'ours'));
  const postgres = await startPostgres(join(directory, 'postgres'), {
    shared_preload_libraries: 'pg_stat_statements',
  });
  const servers: Servers = {
    ours: () => lattice.port,
    theirs: () => postgres.port,
    recover: async () => {
      await sleep(1000);
      if (lattice.process.exitCode === null && lattice.process.signalCode === null)
        return undefined;
      const said = lattice.errorText.slice(-2000);
      lattice = await startLattice(join(directory, 'ours'));
      return `the server ended: ${said}`;
    },
  };
  try {
    const results: ScriptResult[] = [];
    for (const [place, script] of chosenScripts().entries()) {
      const database = options.scripts === undefined ? `conformance_${place}` : 'regression';
      const result = await compareScript(servers, script, database);
      print(result);
      results.push(result);
    }
    const total = results.reduce((sum, { script }) => sum + script.statements.length, 0);
    const agreed = results.reduce((sum, result) => sum + result.agreed, 0);
    const refused = results.reduce((sum, result) => sum + result.notSupported, 0);
    console.log(
      `\n${agreed} of ${total} statements agree (${percent(agreed, total)}); ${refused} of the others answer 0A000 here`,
    );
  } finally {
    await lattice.stop();
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

if (options.write) writeSupportTable();
else await run();
