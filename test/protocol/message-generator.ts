// Random sequences of valid messages of the extended and the simple protocol, the same for the same seed: named
// statements and portals that come, are replaced and go, row limits, COPY in both directions, pipelines with
// errors in the middle, transactions, cursors, and DDL between Parse and Execute.

import type { Random } from '../sql/query-generator.ts';
import * as message from './extended-messages.ts';
import { frame } from './raw-connection.ts';

export const sequenceTables =
  'CREATE TABLE t (id int PRIMARY KEY, a int, b text);' +
  "INSERT INTO t SELECT g, g % 4, 'row ' || g FROM generate_series(1, 9) g;" +
  'CREATE TABLE u (id int REFERENCES t DEFERRABLE INITIALLY DEFERRED, x numeric(8, 2) CHECK (x > 0))';

/** A message and how a failure report writes it. */
export interface Step {
  readonly label: string;
  readonly bytes: Buffer;
}

interface Prepared {
  readonly sql: string;
  /** Values that a Bind may send, one list for each parameter. */
  readonly values: readonly (readonly (string | null)[])[];
}

const ids = ['1', '4', '9', '77', null, 'x'];
const texts = ['row 2', '', null, 'é'];

const preparedStatements: readonly Prepared[] = [
  { sql: 'SELECT * FROM t ORDER BY id', values: [] },
  { sql: 'SELECT id, b FROM t WHERE id = $1', values: [ids] },
  { sql: 'SELECT a, count(*) FROM t WHERE id < $1 GROUP BY a ORDER BY a', values: [ids] },
  { sql: 'SELECT $1::int + g FROM generate_series(1, 5) g', values: [ids] },
  { sql: 'SELECT 1 / (count(*) - count(id)) FROM t', values: [] },
  { sql: 'SELECT $1 || b, $2 FROM t WHERE id IN (1, 2) ORDER BY id', values: [texts, texts] },
  { sql: "VALUES (1, $1::text), (2, NULL), (3, 'c')", values: [texts] },
  { sql: 'INSERT INTO t VALUES ($1, 5, $2) RETURNING *', values: [ids, texts] },
  {
    sql: 'INSERT INTO t SELECT g + 100, g, $1 FROM generate_series(1, 4) g RETURNING id',
    values: [texts],
  },
  {
    sql: 'INSERT INTO t VALUES (10, 0, $1) ON CONFLICT (id) DO UPDATE SET b = excluded.b',
    values: [texts],
  },
  { sql: 'INSERT INTO u VALUES ($1, 1.5)', values: [ids] },
  { sql: 'UPDATE t SET a = a + 1 WHERE id < 4 RETURNING id, a', values: [] },
  { sql: 'UPDATE t SET b = $1 WHERE id = $2', values: [texts, ids] },
  { sql: 'DELETE FROM t WHERE id = $1', values: [ids] },
  { sql: 'DELETE FROM t WHERE id > 7 RETURNING b', values: [] },
  {
    sql: 'WITH gone AS (DELETE FROM t WHERE id = $1 RETURNING id) SELECT * FROM gone',
    values: [ids],
  },
  { sql: 'SELECT id FROM t WHERE id < 3 ORDER BY id FOR UPDATE', values: [] },
  { sql: 'COPY t FROM STDIN', values: [] },
  { sql: 'COPY u (id, x) FROM STDIN (FORMAT csv)', values: [] },
  { sql: 'COPY (SELECT id, b FROM t ORDER BY id) TO STDOUT', values: [] },
  { sql: 'COPY (SELECT 1 / min(id - id) FROM t) TO STDOUT', values: [] },
  { sql: '', values: [] },
  { sql: 'BEGIN', values: [] },
  { sql: 'COMMIT', values: [] },
  { sql: 'ROLLBACK', values: [] },
  { sql: 'SAVEPOINT s', values: [] },
  { sql: 'ROLLBACK TO s', values: [] },
  { sql: 'DECLARE p1 CURSOR WITH HOLD FOR SELECT id FROM t ORDER BY id', values: [] },
  { sql: 'DECLARE p0 SCROLL CURSOR WITH HOLD FOR SELECT id, a FROM t ORDER BY id', values: [] },
  { sql: 'FETCH 2 FROM p1', values: [] },
  { sql: 'FETCH ALL FROM p0', values: [] },
  { sql: 'MOVE 1 FROM p0', values: [] },
  { sql: 'CLOSE p0', values: [] },
  { sql: 'SHOW datestyle', values: [] },
  { sql: 'EXECUTE s1', values: [] },
  { sql: 'CREATE TABLE made AS SELECT id FROM t', values: [] },
  { sql: 'VACUUM t', values: [] },
  { sql: 'TRUNCATE t, u', values: [] },
  { sql: 'ALTER TABLE t ADD COLUMN c int DEFAULT 3', values: [] },
  { sql: 'ALTER TABLE t DROP COLUMN IF EXISTS c', values: [] },
  { sql: 'SELECT FROM t WHERE id = 1', values: [] },
  { sql: 'SELECT nonsense FROM t', values: [] },
  { sql: 'SELECT 1; SELECT 2', values: [] },
  { sql: 'SELEC 1', values: [] },
];

const simpleTexts: readonly string[] = [
  'SELECT id, b FROM t ORDER BY id',
  'SELECT 1; SELECT 2',
  "INSERT INTO t VALUES (20, 1, 'twenty'); SELECT 1 / (random() * 0)::int; SELECT 3",
  "INSERT INTO t VALUES (21, 1, 'x'), (22, 2, 'y')",
  'INSERT INTO u VALUES (500, 1)',
  'INSERT INTO u VALUES (500, 1); DELETE FROM u',
  'BEGIN',
  'BEGIN; INSERT INTO t VALUES (30, 3, NULL)',
  'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
  'START TRANSACTION; SAVEPOINT s; SELECT 1 / (random() * 0)::int; ROLLBACK TO s; COMMIT',
  'COMMIT',
  'COMMIT',
  'COMMIT AND CHAIN',
  'ROLLBACK',
  'ROLLBACK; SELECT 4',
  'SAVEPOINT s',
  'ROLLBACK TO s',
  'RELEASE s',
  'SET CONSTRAINTS ALL IMMEDIATE',
  'SELECT 5; COMMIT; SELECT 6',
  'SELECT 7; VACUUM t',
  'DELETE FROM t WHERE id = 20; BEGIN; DELETE FROM t WHERE id = 21; SELECT 8',
  'PREPARE s1 AS SELECT id FROM t WHERE a = 1 ORDER BY id',
  'EXECUTE s0',
  'EXECUTE s1',
  'EXECUTE s2 (4)',
  'DEALLOCATE s1',
  'DEALLOCATE ALL',
  'DISCARD ALL',
  'DECLARE p0 CURSOR FOR SELECT * FROM t ORDER BY id',
  'DECLARE p1 CURSOR WITH HOLD FOR SELECT id, b FROM t ORDER BY id',
  'FETCH 2 FROM p0',
  'FETCH BACKWARD 1 FROM p0',
  'FETCH 3 FROM p1; FETCH 3 FROM p1',
  'MOVE ALL IN p1',
  'CLOSE p0',
  'CLOSE ALL',
  'UPDATE t SET a = 7 WHERE CURRENT OF p0',
  'COPY (TABLE t ORDER BY id) TO STDOUT',
  'COPY (SELECT id, b FROM t ORDER BY id) TO STDOUT (FORMAT csv, HEADER); SELECT 9',
  'COPY t FROM STDIN',
  'COPY t FROM STDIN; SELECT 10',
  'COPY u FROM STDIN (FORMAT csv); COPY t FROM STDIN',
  'CREATE TABLE IF NOT EXISTS made (id int)',
  'DROP TABLE IF EXISTS made',
  'DROP TABLE t CASCADE',
  'DROP TABLE IF EXISTS u, t',
  'CREATE TABLE IF NOT EXISTS t (id int PRIMARY KEY, a int, b text)',
  'CREATE TABLE IF NOT EXISTS u (id bigint, x numeric)',
  'ALTER TABLE t ADD COLUMN c int DEFAULT 3',
  'ALTER TABLE t DROP COLUMN c',
  'ALTER TABLE t ALTER COLUMN a TYPE bigint',
  'ALTER TABLE t ALTER COLUMN a TYPE int',
  'ALTER TABLE t RENAME COLUMN b TO renamed',
  'ALTER TABLE t RENAME COLUMN renamed TO b',
  'CREATE INDEX IF NOT EXISTS t_a ON t (a)',
  'DROP INDEX IF EXISTS t_a',
  'CREATE OR REPLACE VIEW v AS SELECT id, a FROM t',
  'TRUNCATE u',
  'SET application_name = sequence',
  "SET datestyle = 'SQL, DMY'",
  'SET LOCAL datestyle = ISO',
  'RESET ALL',
  'SHOW transaction_isolation',
  "DO $$ BEGIN RAISE NOTICE 'told'; END $$",
  'LISTEN n; NOTIFY n',
  'SELECT nonsense',
  'SELEC',
];

const copyLines: readonly string[] = [
  '40\t1\tforty\n',
  '41\t\\N\tpart',
  'ial\n42\t2\ttwo\n',
  '1,2.5\n',
  '9,1\n',
  'bad line\n',
  '40\t1\tagain\n',
  '\\.\n',
  '3,-1\n',
];

/** Functions of the same oid everywhere: int4pl, btrim, length, int4div. */
const functions: readonly (readonly [number, readonly (string | null)[]])[] = [
  [177, ['3', '4']],
  [885, [' within ']],
  [1317, [null]],
  [154, ['1', '0']],
  [177, ['3']],
  [999_999, []],
];

export class MessageGenerator {
  private readonly random: Random;
  /** What each name was last parsed from; the server may have forgotten it. */
  private readonly prepared = new Map<string, Prepared>();
  private readonly bound = new Map<string, Prepared>();

  constructor(random: Random) {
    this.random = random;
  }

  /** Messages that are sent at once. */
  steps(): Step[] {
    const steps: Step[] = [];
    for (let count = 1 + this.random(4); count > 0; count--) steps.push(...this.group());
    return steps;
  }

  private group(): Step[] {
    switch (this.random(12)) {
      case 0:
      case 1:
      case 2:
        return this.whole();
      case 3:
        return [this.parse()];
      case 4:
        return [this.bind(), this.execute()];
      case 5:
        return [this.execute(), ...(this.random(2) === 0 ? [this.execute()] : [])];
      case 6:
        return [this.describe()];
      case 7:
        return [this.close()];
      case 8:
        return this.copy();
      case 9:
        return [this.random(2) === 0 ? syncStep : flushStep];
      case 10:
        return this.random(4) === 0 ? [this.functionCall()] : [this.simple()];
      default:
        return [this.simple()];
    }
  }

  private pick<Item>(items: readonly Item[]): Item {
    return items[this.random(items.length)];
  }

  private statementName(): string {
    return this.pick(['', '', 's0', 's1', 's2']);
  }

  private portalName(): string {
    return this.pick(['', '', 'p0', 'p1']);
  }

  private whole(): Step[] {
    const name = this.statementName();
    const portal = this.portalName();
    const steps = [this.parse(name), this.bind(portal, name)];
    if (this.random(2) === 0) steps.push(this.describe('P', portal));
    steps.push(this.execute(portal));
    if (this.random(3) === 0) steps.push(this.execute(portal));
    if (this.random(3) === 0) steps.push(syncStep);
    return steps;
  }

  private parse(name = this.statementName()): Step {
    const prepared = this.pick(preparedStatements);
    this.prepared.set(name, prepared);
    const { sql } = prepared;
    return { label: `Parse ${name}: ${sql}`, bytes: message.parse(sql, { name }) };
  }

  private bind(portal = this.portalName(), statement = this.statementName()): Step {
    const prepared = this.prepared.get(statement) ?? { sql: '', values: [] };
    this.bound.set(portal, prepared);
    const values = prepared.values.map((list) => this.pick(list));
    if (this.random(30) === 0) values.push('1');
    const resultFormats = this.pick([[], [], [0], [1]]);
    return {
      label: `Bind ${portal} ${statement} ${JSON.stringify(values)} ${resultFormats.join()}`,
      bytes: message.bind({ portal, statement, values, resultFormats }),
    };
  }

  private describe(kind = this.pick(['S', 'P'] as const), name?: string): Step {
    const named = name ?? (kind === 'S' ? this.statementName() : this.portalName());
    return { label: `Describe ${kind} ${named}`, bytes: message.describe(kind, named) };
  }

  private close(): Step {
    const kind = this.pick(['S', 'P'] as const);
    const name = kind === 'S' ? this.statementName() : this.portalName();
    return { label: `Close ${kind} ${name}`, bytes: message.close(kind, name) };
  }

  private execute(portal = this.portalName()): Step {
    // Before a statement that writes has returned all its rows, PostgreSQL's next one does not see what it wrote.
    const writes = /INSERT|UPDATE|DELETE|EXECUTE/.test(this.bound.get(portal)?.sql ?? '');
    const limit = writes ? 0 : this.pick([0, 0, 1, 2, 3]);
    return { label: `Execute ${portal} ${limit}`, bytes: message.execute(portal, limit) };
  }

  private copy(): Step[] {
    if (this.random(6) === 0) return [copyFailStep];
    const steps: Step[] = [];
    for (let count = this.random(4); count > 0; count--) {
      const line = this.pick(copyLines);
      steps.push({
        label: `CopyData ${JSON.stringify(line)}`,
        bytes: frame('d', Buffer.from(line)),
      });
    }
    // Where an error in the data is told, before the end or at it, is a matter of time.
    if (steps.length > 0 || this.random(2) === 0) steps.push(copyDoneStep);
    return steps;
  }

  private simple(): Step {
    const sql = this.pick(simpleTexts);
    return { label: `Query ${sql}`, bytes: message.query(sql) };
  }

  private functionCall(): Step {
    const [oid, values] = this.pick(functions);
    return {
      label: `FunctionCall ${oid} ${JSON.stringify(values)}`,
      bytes: message.functionCall(oid, values),
    };
  }
}

const syncStep: Step = { label: 'Sync', bytes: message.sync };
const flushStep: Step = { label: 'Flush', bytes: message.flush };
const copyDoneStep: Step = { label: 'CopyDone', bytes: frame('c', Buffer.alloc(0)) };
const copyFailStep: Step = { label: 'CopyFail', bytes: frame('f', Buffer.from('no more\0')) };
