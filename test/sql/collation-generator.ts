// Random queries over texts under collations: equality and order of every kind. Which of several equal texts
// stands for all of them is not defined, so results show a text in a form that equal ones share.

import type { Random } from './query-generator.ts';

const letters = ['a', 'A', 'b', 'B', 'ä', 'Ä', 'é', 'e', 'E', '1', '-', ' ', 'ß', 'ss'];

interface TextColumn {
  readonly name: string;
  /** Can be compared with each other. */
  readonly group: 'caseless' | 'letters' | 'english' | 'plain';
}

const columns: readonly TextColumn[] = [
  { name: 'ci', group: 'caseless' },
  { name: 'cv', group: 'caseless' },
  { name: 'base', group: 'letters' },
  { name: 'en', group: 'english' },
  { name: 'plain', group: 'plain' },
];

/** Two tables: one with indexes, one with keys. Both have nulls. */
export function collatedTables(random: Random): string[] {
  const generator = new CollationQueries(random);
  const row = (id: number): string => {
    const values = columns.map(() => (random(12) === 0 ? 'NULL' : generator.literal()));
    return `(${[id, ...values, random(4)].join(', ')})`;
  };
  const rows = (count: number): string =>
    Array.from({ length: count }, (_, id) => row(id)).join(', ');
  return [
    `CREATE COLLATION caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
    `CREATE COLLATION letters (provider = icu, locale = 'und-u-ks-level1', deterministic = false)`,
    `CREATE FUNCTION is_less(l text, r text) RETURNS boolean LANGUAGE sql AS 'SELECT l < r'`,
    `CREATE FUNCTION is_same(l text, r text) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN l = r; END'`,
    ...['t', 'u'].map(
      (name) =>
        `CREATE TABLE ${name} (id int, ci text COLLATE caseless, cv varchar(20) COLLATE caseless, base text COLLATE letters, en text COLLATE "en-x-icu", plain text, n int)`,
    ),
    'CREATE INDEX ON t (ci)',
    'CREATE INDEX ON t (base, n)',
    'CREATE INDEX ON t (en)',
    'CREATE INDEX ON t (n, cv)',
    'CREATE UNIQUE INDEX ON u (ci)',
    'CREATE UNIQUE INDEX ON u (plain COLLATE letters)',
    `INSERT INTO t VALUES ${rows(150)}`,
    `INSERT INTO u VALUES ${rows(60)} ON CONFLICT DO NOTHING`,
  ];
}

export class CollationQueries {
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  private pick<Item>(items: readonly Item[]): Item {
    return items[this.random(items.length)];
  }

  literal(): string {
    const length = this.random(3) + (this.random(8) === 0 ? 0 : 1);
    return `'${Array.from({ length }, () => this.pick(letters)).join('')}'`;
  }

  /** One text for all that are equal. */
  private shown({ group }: TextColumn, text: string): string {
    switch (group) {
      case 'caseless':
        return `upper((${text}) COLLATE "en-x-icu")`;
      case 'letters':
        return `upper(translate(${text}, 'äÄé', 'aAe') COLLATE "en-x-icu")`;
      default:
        return text;
    }
  }

  private list(): string {
    return Array.from({ length: 1 + this.random(11) }, () => this.literal()).join(', ');
  }

  private condition(alias: string, depth = 1): string {
    const column = `${alias}.${this.pick(columns).name}`;
    const operator = this.pick(['=', '=', '<>', '<', '<=', '>', '>=']);
    const forms = [
      () => `${column} ${operator} ${this.literal()}`,
      () => `${this.literal()} ${operator} ${column}`,
      () => `${column} ${this.pick(['', 'NOT '])}IN (${this.list()})`,
      () => `${column} BETWEEN ${this.literal()} AND ${this.literal()}`,
      () => `${column} IS ${this.pick(['', 'NOT '])}DISTINCT FROM ${this.literal()}`,
      () => `${column} ${operator} ${this.pick(['ANY', 'ALL'])} (ARRAY[${this.list()}])`,
      () => `(${column}, ${alias}.n) ${operator} (${this.literal()}, ${this.random(4)})`,
      () => `nullif(${column}, ${this.literal()}) IS NULL`,
      () => `CASE ${column} WHEN ${this.literal()} THEN true ELSE ${alias}.n > 1 END`,
      () => `is_less(${column}, ${this.literal()})`,
      () => `is_same(${column}, ${this.literal()})`,
      () => `ARRAY[${column}, 'x'] ${operator} ARRAY[${this.literal()}, 'X']`,
      () => `ARRAY[${column}] && ARRAY[${this.list()}]`,
      () => `array_position(ARRAY[${this.list()}], ${column}) = 1`,
      () => `greatest(${column}, ${this.literal()}) = ${column}`,
      () => `${alias}.${this.pick(['en', 'plain'])} ILIKE ${this.literal()}`,
      () => `${alias}.plain COLLATE ${this.pick(['caseless', 'letters', '"C"'])} = ${column}`,
    ];
    if (depth > 0 && this.random(3) === 0) {
      const [left, right] = [this.condition(alias, depth - 1), this.condition(alias, depth - 1)];
      return this.pick([`(${left} AND ${right})`, `(${left} OR ${right})`, `NOT (${left})`]);
    }
    return this.pick(forms)();
  }

  private where(alias: string): string {
    return this.random(3) === 0 ? '' : ` WHERE ${this.condition(alias)}`;
  }

  /** t's and u's columns that have one collation. */
  private pair(): readonly [left: string, right: string] {
    const left = this.pick(columns);
    const right = this.pick(columns.filter(({ group }) => group === left.group));
    return [`t.${left.name}`, `u.${right.name}`];
  }

  query(): string {
    const column = this.pick(columns);
    const { name } = column;
    const [left, right] = this.pair();
    const shown = this.shown(column, name);
    const set = this.pick(['UNION', 'INTERSECT', 'EXCEPT', 'INTERSECT ALL', 'EXCEPT ALL']);
    const total = `${name}, ${shown}, id`;
    const forms = [
      () => `SELECT id FROM t${this.where('t')}`,
      () => `SELECT id FROM u${this.where('u')}`,
      () => `SELECT ${shown}, count(*), sum(n) FROM t${this.where('t')} GROUP BY ${name}`,
      () => `SELECT n, ${shown}, count(*) FROM t GROUP BY GROUPING SETS ((n, ${name}), (n), ())`,
      () => `SELECT count(DISTINCT ${name}), ${this.extremes(column)} FROM t${this.where('t')}`,
      () => `SELECT n, count(DISTINCT ${name}), ${this.extremes(column)} FROM t GROUP BY n`,
      () => `SELECT DISTINCT ON (${name}) ${shown}, n FROM t ORDER BY ${name}, n`,
      () => `SELECT ${shown} FROM (SELECT DISTINCT ${name} FROM t${this.where('t')}) s`,
      () => `SELECT t.id, u.id FROM t JOIN u ON ${left} = ${right}${this.where('t')}`,
      () => `SELECT t.id, u.id FROM t LEFT JOIN u ON ${left} = ${right} AND t.n < u.n`,
      () => `SELECT t.id, u.id FROM t FULL JOIN u ON ${left} = ${right}`,
      () => `SELECT t.id, u.id FROM t, u WHERE ${left} < ${right} AND t.n = u.n`,
      () =>
        `SELECT id FROM t WHERE ${this.pick(['', 'NOT '])}EXISTS (SELECT FROM u WHERE ${left} = ${right})`,
      () => `SELECT id FROM t WHERE ${left} ${this.pick(['', 'NOT '])}IN (SELECT ${right} FROM u)`,
      () => `SELECT id, (SELECT count(*) FROM u WHERE ${left} = ${right}) FROM t`,
      () => `SELECT ${shown} FROM (SELECT ${name} FROM t ${set} SELECT ${name} FROM u) s`,
      () => `SELECT string_agg(id::text, ',' ORDER BY ${total}) FROM t${this.where('t')}`,
      () => `SELECT array_agg(DISTINCT ${name === 'en' ? 'en' : 'plain'}) FROM t`,
      () =>
        `SELECT id, rank() OVER (ORDER BY ${name}), count(*) OVER (PARTITION BY ${name}) FROM t`,
      () => `SELECT id, min(en) OVER (PARTITION BY n ORDER BY ${total}) FROM t`,
      () => `SELECT id FROM (SELECT id FROM t ORDER BY ${total} LIMIT ${this.random(20)}) s`,
      () =>
        `SELECT id FROM (SELECT id FROM t ORDER BY ${name} DESC, id LIMIT ${this.random(20)}) s`,
      () =>
        `WITH RECURSIVE r AS (SELECT ${name} FROM t UNION SELECT r.${name} || '' FROM r) SELECT count(*) FROM r`,
    ];
    return this.pick(forms)();
  }

  private extremes(column: TextColumn): string {
    const { name } = column;
    return ['min', 'max'].map((extreme) => this.shown(column, `${extreme}(${name})`)).join(', ');
  }
}
