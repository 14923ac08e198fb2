// Random INSERT, UPDATE and DELETE over two tables with constraints, in transactions with savepoints. What
// a statement does never depends on the order in which it meets rows: a row has at most one source row, and
// keys change one at a time or to values that no row has had (PostgreSQL checks UNIQUE row by row, so that
// b || '+' over several rows fails or not depending on which row comes first).

import type { Random } from './query-generator.ts';

export const writeTables: readonly string[] = [
  `CREATE TABLE w1 (id int PRIMARY KEY, a int, b text DEFAULT 'new', c numeric(6, 2) CHECK (c < 900),
     d int GENERATED ALWAYS AS (a * 2) STORED, e int[], UNIQUE (a, b))`,
  `CREATE TABLE w2 (id int PRIMARY KEY, w1_id int REFERENCES w1 ON DELETE CASCADE ON UPDATE CASCADE,
     other int REFERENCES w1 ON DELETE SET NULL, note text NOT NULL)`,
  'CREATE INDEX ON w1 (c)',
  `CREATE UNIQUE INDEX ON w2 (lower(note)) WHERE w1_id IS NOT NULL`,
];

/** What to compare after every statement. */
export const writeState: readonly string[] = [
  'SELECT id, a, b, c, d, e FROM w1 ORDER BY id',
  'SELECT id, w1_id, other, note FROM w2 ORDER BY id',
  'SELECT count(*), sum(c) FROM w1 WHERE c > 20',
];

export class WriteGenerator {
  private readonly random: Random;
  private inTransaction = false;
  private savepoints = 0;
  private updates = 0;

  constructor(random: Random) {
    this.random = random;
  }

  statement(): string {
    const { random } = this;
    if (random(6) === 0) return this.control();
    return this.pick([
      () => this.insertFirst(),
      () => this.insertFirst(),
      () => this.insertSecond(),
      () => this.upsert(),
      () => this.update(),
      () => this.update(),
      () => this.updateKey(),
      () => this.remove(),
      () => this.several(),
    ])();
  }

  private control(): string {
    const { random } = this;
    if (!this.inTransaction) {
      this.inTransaction = true;
      this.savepoints = 0;
      return 'BEGIN';
    }
    switch (random(4)) {
      case 0:
        this.savepoints++;
        return `SAVEPOINT s${this.savepoints}`;
      case 1:
        return this.savepoints === 0 ? 'SAVEPOINT s0' : `ROLLBACK TO s${this.savepoints}`;
      default:
        this.inTransaction = false;
        return random(3) === 0 ? 'ROLLBACK' : 'COMMIT';
    }
  }

  private pick<Item>(items: readonly Item[]): Item {
    return items[this.random(items.length)];
  }

  private id(): number {
    return this.random(30);
  }

  private text(): string {
    return this.pick([`'x'`, `'y'`, `'Y'`, `'z'`, 'NULL', `'w' || ${this.random(20)}`]);
  }

  private number(): string {
    return this.pick([String(this.random(9)), 'NULL', `${this.random(100)}.${this.random(100)}`]);
  }

  private firstRow(): string {
    const { random } = this;
    const c = random(25) === 0 ? '950' : this.number();
    const e = this.pick(['NULL', `'{1,2}'`, `ARRAY[${random(5)}]`]);
    return `(${this.id()}, ${random(8)}, ${this.text()}, ${c}, ${e})`;
  }

  private insertFirst(): string {
    const rows = Array.from({ length: 1 + this.random(3) }, () => this.firstRow());
    const returning = this.random(2) === 0 ? ' RETURNING id, d, b' : '';
    const conflict = this.random(3) === 0 ? ' ON CONFLICT DO NOTHING' : '';
    return `INSERT INTO w1 (id, a, b, c, e) VALUES ${rows.join(', ')}${conflict}${returning}`;
  }

  private insertSecond(): string {
    const note = this.random(12) === 0 ? 'NULL' : `'n${this.random(40)}'`;
    return this.pick([
      `INSERT INTO w2 VALUES (${this.id()}, ${this.id()}, ${this.pick([String(this.id()), 'NULL'])}, ${note})`,
      `INSERT INTO w2 SELECT id + ${this.random(20)}, id, NULL, 'N' || id FROM w1 WHERE a = ${this.random(8)}`,
      `INSERT INTO w2 SELECT ${this.id()}, max(id), min(id), ${note} FROM w1`,
    ]);
  }

  private upsert(): string {
    return this.pick([
      `INSERT INTO w1 (id, a, b, c, e) VALUES ${this.firstRow()} ON CONFLICT (id) DO UPDATE SET c = coalesce(w1.c, 0) + 1, e[2] = excluded.id WHERE w1.a IS DISTINCT FROM ${this.random(8)} RETURNING *`,
      `INSERT INTO w1 (id, a, b, c, e) VALUES ${this.firstRow()} ON CONFLICT (a, b) DO UPDATE SET c = excluded.c RETURNING id`,
      `INSERT INTO w2 VALUES (${this.id()}, ${this.id()}, NULL, 'N${this.random(40)}') ON CONFLICT (lower(note)) WHERE w1_id IS NOT NULL DO UPDATE SET note = excluded.note || '!' RETURNING id, note`,
    ]);
  }

  private condition(): string {
    return this.pick([
      `id = ${this.id()}`,
      `id < ${this.id()}`,
      `a = ${this.random(8)}`,
      `c > ${this.random(100)}`,
      `b IN ('x', 'y')`,
      `id IN (SELECT w1_id FROM w2)`,
      `EXISTS (SELECT 1 FROM w2 WHERE w2.other = w1.id)`,
    ]);
  }

  private update(): string {
    const mark = `+${this.updates++}`;
    const set = this.pick([
      `c = c + ${this.random(30)}.5`,
      `b = b || '${mark}'`,
      `c = (SELECT count(*) FROM w1 x WHERE x.a = w1.a)`,
      `(b, c) = (SELECT min(note) || '${mark}', count(*) FROM w2 WHERE w1_id = w1.id)`,
      `e[${1 + this.random(4)}] = id`,
      `c = DEFAULT, e = NULL`,
      `e = array_append(e, a)`,
    ]);
    return this.pick([
      `UPDATE w1 SET ${set} WHERE ${this.condition()} RETURNING id, b, c, e`,
      `UPDATE w1 SET ${set} WHERE ${this.condition()}`,
      `UPDATE w1 SET c = s.n FROM (SELECT w1_id, count(*) n FROM w2 GROUP BY w1_id) s WHERE s.w1_id = w1.id`,
      `UPDATE w2 SET note = note || '${this.random(9)}' WHERE id = ${this.id()}`,
    ]);
  }

  private updateKey(): string {
    return this.pick([
      `UPDATE w1 SET id = ${this.id()} WHERE id = ${this.id()}`,
      `UPDATE w1 SET a = ${this.random(8)} WHERE id = ${this.id()} RETURNING *`,
      `UPDATE w2 SET w1_id = ${this.id()} WHERE id = ${this.id()}`,
    ]);
  }

  private remove(): string {
    return this.pick([
      `DELETE FROM w1 WHERE id = ${this.id()} RETURNING *`,
      `DELETE FROM w2 WHERE id > ${10 + this.id()}`,
      `DELETE FROM w1 USING (SELECT DISTINCT other FROM w2) s WHERE s.other = w1.id AND w1.a = ${this.random(8)}`,
      `DELETE FROM w1 WHERE a = ${this.random(8)} AND c < (SELECT avg(c) FROM w1)`,
    ]);
  }

  private several(): string {
    return this.pick([
      `WITH gone AS (DELETE FROM w2 WHERE id < ${this.id()} RETURNING w1_id) SELECT count(*), (SELECT count(*) FROM w2) FROM gone`,
      `WITH changed AS (UPDATE w1 SET c = 1 WHERE a = ${this.random(8)} RETURNING id) SELECT count(*), (SELECT sum(c) FROM w1) FROM changed`,
      `WITH moved AS (DELETE FROM w2 WHERE other = ${this.id()} RETURNING id, note) INSERT INTO w2 SELECT id + 100, NULL, NULL, note FROM moved RETURNING id`,
    ]);
  }
}
