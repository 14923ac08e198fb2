// Random queries over values of other types: arrays, intervals, time zones and numbers at their limits.

import { QueryForms } from './query-forms.ts';
import { literal, type Random } from './query-generator.ts';

/** To be made beside the tables of query-generator.ts. */
export function valueStatements(random: Random): string[] {
  const statements = [
    'CREATE TABLE r5 (k int, z timestamptz, i interval, q numeric, s smallint, v int[], u text COLLATE "C", o bigint)',
  ];
  const pick = <Item>(items: readonly Item[]): Item => items[random(items.length)];
  for (let row = 0; row < 40; row++) {
    const values = [
      String(random(9)),
      `timestamptz '2024-0${1 + random(9)}-${10 + random(18)} 0${random(9)}:30+0${random(3)}'`,
      `interval '${pick(['1 mon', '30 days', '720 hours', '-1 day', '1 year 2 mons', '0', '36:00:00', '1 day 12:00'])}'`,
      pick([
        '0',
        '1e-16',
        '99999999999999999999.99',
        '-99999999999999999999.99',
        "'NaN'",
        "'Infinity'",
        "'-Infinity'",
        '0.5',
        '2.50',
      ]),
      pick(['32767', '-32768', '0', '7', '-1']),
      literal('int[]', random),
      literal('text', random),
      pick(['9223372036854775807', '-9223372036854775808', '4611686018427387904', '3', '0']),
    ].map((value) => (random(9) === 0 ? 'NULL' : value));
    statements.push(`INSERT INTO r5 VALUES (${values.join(', ')})`);
  }
  return statements;
}

export class QueryValues extends QueryForms {
  protected overValues(): string {
    return this.pick([
      () => this.arrays(),
      () => this.times(),
      () => this.extremes(),
      () => this.framesOverOther(),
    ])();
  }

  private arrays(): string {
    const value = this.pick([
      'l || b',
      'array_remove(l, 1)',
      'l[1:2]',
      'cardinality(l)',
      'array_position(l, 2)',
      "array_to_string(l, ',', '-')",
      'l[2]',
      'ARRAY(SELECT x * 2 FROM unnest(l) x ORDER BY x)',
      '(SELECT sum(x) FROM unnest(l) x)',
      'array_cat(l, ARRAY[b])',
      'b = ANY (l)',
      'l < ARRAY[2, 1]',
      "coalesce(l, '{}') @> ARRAY[1]",
      'l && ARRAY[1, 3]',
    ]);
    return this.pick([
      `SELECT ${value} FROM r3`,
      `SELECT l, count(*), max(b) FROM r3 GROUP BY l`,
      `SELECT DISTINCT ${value} FROM r3 WHERE l IS NOT NULL`,
      `SELECT p.l, q.v FROM r3 p JOIN r5 q ON p.l = q.v`,
      `SELECT array_agg(${value} ORDER BY b, c, h, m, l, j) FROM r3 WHERE b > 0 AND cardinality(l) = 2 AND array_position(l, NULL) IS NULL`,
      `SELECT x, count(*) FROM r3, unnest(l) x GROUP BY x`,
      `SELECT b, min(l), max(l) FROM r3 GROUP BY b`,
    ]);
  }

  private times(): string {
    const value = this.pick([
      'z + i',
      'z - i',
      "date_trunc('month', z)",
      'extract(epoch FROM i)',
      'z::date',
      "z AT TIME ZONE 'America/New_York'",
      'i * 2',
      'justify_interval(i)',
      'extract(dow FROM z)',
      "age(z, timestamptz '2024-01-01 00:00+00')",
      "date_bin('6 hours', z, timestamptz '2024-01-01 00:00+00')",
      '-i',
      'z::timestamp',
      "to_char(z, 'YYYY-MM-DD HH24:MI TZH')",
      "i > interval '1 month'",
    ]);
    return this.pick([
      `SELECT ${value} FROM r5`,
      'SELECT i, count(*) FROM r5 GROUP BY i',
      `SELECT ${value}, count(*), min(z), max(i), sum(i) FROM r5 GROUP BY 1`,
      `SELECT DISTINCT ${value} FROM r5 WHERE i >= interval '30 days'`,
      'SELECT p.k, q.k FROM r5 p JOIN r5 q ON p.i = q.i AND p.z < q.z',
      `SELECT k, sum(i) OVER (ORDER BY z RANGE BETWEEN interval '40 days' PRECEDING AND CURRENT ROW) FROM r5`,
      `SELECT max(k) OVER (ORDER BY z RANGE BETWEEN CURRENT ROW AND interval '2 months' FOLLOWING) FROM r5`,
      'SELECT f, count(*) FROM r2 JOIN r5 ON f = z::date OR f > z GROUP BY f',
    ]);
  }

  private extremes(): string {
    const value = this.pick([
      'q * 2',
      'q + 0.1',
      'q / 3',
      'round(q, 2)',
      'trunc(q)',
      's + 1',
      's * 1::smallint',
      '-s::int',
      'o - 1',
      'o / 2',
      'o % 1000',
      'abs(q)',
      'q::text',
      'o::numeric * o',
      's::int * 70000',
      'floor(q)',
      'q > o',
      'least(q, o)',
      'o & 255',
      'o >> 3',
    ]);
    return this.pick([
      `SELECT ${value} FROM r5`,
      `SELECT k, max(q), min(q), count(DISTINCT q) FROM r5 GROUP BY k`,
      `SELECT sum(q), avg(q) FROM r5 WHERE q < 1e30 AND q > -1e30`,
      'SELECT sum(o), avg(o)::numeric(30, 3), sum(s), max(o) FROM r5',
      'SELECT k, sum(o) FROM r5 GROUP BY k',
      'SELECT q, count(*) FROM r5 GROUP BY q',
      'SELECT p.k, q.k FROM r5 p JOIN r5 q ON p.q = q.q',
      'SELECT p.k, r1.b FROM r5 p LEFT JOIN r1 ON r1.a = p.s OR r1.b = p.o',
      'SELECT sum(o) OVER (ORDER BY k, o ROWS 2 PRECEDING) FROM r5 WHERE o IS NOT NULL',
      'SELECT k, q FROM r5 ORDER BY q DESC NULLS LAST, k, z, i, s, v, u, o LIMIT 9',
    ]);
  }

  private framesOverOther(): string {
    const order = this.pick(['z', 'f', 'q', 'k']);
    const frame = {
      z: "RANGE BETWEEN interval '20 days' PRECEDING AND interval '1 day' FOLLOWING EXCLUDE TIES",
      f: "RANGE BETWEEN interval '10 days' PRECEDING AND CURRENT ROW",
      q: 'RANGE BETWEEN 1.5 PRECEDING AND 0.5 FOLLOWING',
      k: `GROUPS BETWEEN ${this.random(3)} PRECEDING AND ${this.random(2)} FOLLOWING${this.pick(['', ' EXCLUDE TIES', ' EXCLUDE CURRENT ROW', ' EXCLUDE GROUP'])}`,
    }[order];
    const [table, number] = order === 'f' ? ['r2', 'a'] : ['r5', 'k'];
    const call = this.pick([
      `count(*)`,
      `sum(${number})`,
      `min(${number})`,
      `count(DISTINCT ${number})`,
      `max(${number}) FILTER (WHERE ${number} > 2)`,
    ]);
    const usable = call.includes('DISTINCT') ? call.replace('DISTINCT ', '') : call;
    return `SELECT ${order}, ${usable} OVER (ORDER BY ${order}${this.pick(['', ' DESC', ' NULLS FIRST'])} ${frame}) FROM ${table}${this.pick(['', ` WHERE ${number} IS NOT NULL`])}`;
  }
}
