// Still more forms of random queries, over the tables of query-generator.ts and query-values.ts: joins without
// equalities, subqueries within subqueries, groups of groups, grouping sets over expressions, set operations of
// several parts, LATERAL over functions, recursion over pairs.

import type { Scope } from './query-generator.ts';
import { QueryValues } from './query-values.ts';

export class QueryShapes extends QueryValues {
  override query(): string {
    this.startQuery();
    switch (this.random(24)) {
      case 0:
      case 1:
        return this.unequalJoin();
      case 2:
      case 3:
        return this.nestedSubqueries();
      case 4:
        return this.groupsOfGroups();
      case 5:
        return this.setsOverExpressions();
      case 6:
        return this.severalSetOperations();
      case 7:
        return this.lateralFunctions();
      case 8:
        return this.recursivePairs();
      case 9:
      case 10:
      case 11:
      case 12:
        return this.overValues();
      case 13:
        return this.distinctOnExpressions();
      case 14:
        return this.correlatedAggregates();
      case 15:
        return this.parenthesizedJoins();
      default:
        return super.query();
    }
  }

  private comparison(): string {
    return this.pick(['<', '<=', '>', '>=', '<>', '=', 'IS DISTINCT FROM', 'IS NOT DISTINCT FROM']);
  }

  private unequalJoin(): string {
    const join = (): string => this.pick(['JOIN', 'LEFT JOIN', 'LEFT JOIN', 'RIGHT JOIN']);
    const conditions = [
      'x.a < y.a',
      `x.b ${this.comparison()} y.a AND x.a = y.a`,
      'x.a = y.a AND (x.b > 2 OR y.g)',
      'x.a BETWEEN y.a AND y.e',
      `x.a = y.a AND x.c > '${this.pick(['', 'a', 'zz'])}' AND y.f IS NOT NULL`,
      'x.a IN (y.a, y.e)',
      'coalesce(x.a, 0) = coalesce(y.a, 0)',
      'x.a = y.a AND x.b IS NULL',
      'false',
      '(x.a = y.a) IS NOT FALSE AND x.b = 3',
      'x.a = y.a AND EXISTS (SELECT 1 FROM r3 z WHERE z.b = y.a)',
      'x.a = y.a AND x.b IN (SELECT b FROM r3)',
    ];
    const third = this.pick([
      '',
      '',
      ` ${join()} r3 w ON w.b = x.b AND w.c IS NOT DISTINCT FROM x.c`,
      ` ${join()} r4 w ON w.a = y.a OR w.a IS NULL`,
      ` FULL JOIN r4 w ON w.a = y.a`,
    ]);
    const where = this.pick([
      '',
      ' WHERE x.a IS NULL OR y.a > 1',
      ' WHERE y.g IS NOT TRUE',
      ' WHERE coalesce(x.b, y.a) < 5',
      ' WHERE x.c IS NULL',
    ]);
    const columns = this.pick([
      'x.a, x.c, y.e',
      'count(*), sum(x.b), min(y.f)',
      'x.b, y::text',
      'DISTINCT x.a, y.a',
    ]);
    return `SELECT ${columns} FROM r1 x ${join()} r2 y ON ${this.pick(conditions)}${third}${where}`;
  }

  /** A condition over `outer`, whose subqueries nest to this depth. */
  private nested(outer: string, depth: number): string {
    const alias = `n${depth}`;
    const [table, key, other] = this.pick([
      ['r1', 'a', 'b'],
      ['r1', 'b', 'a'],
      ['r2', 'a', 'e'],
      ['r3', 'b', 'b'],
      ['r4', 'a', 'a'],
    ] as const);
    const own = `${alias}.${key}`;
    const inner =
      depth === 0 ? `${alias}.${other} > ${this.random(5)}` : this.nested(own, depth - 1);
    const both = this.pick([
      inner,
      `${inner} OR ${own} = 3`,
      `NOT (${inner})`,
      `${own} = ${outer} AND ${inner}`,
    ]);
    const rows = `FROM ${table} ${alias} WHERE ${both}`;
    return this.pick([
      `EXISTS (SELECT 1 ${rows})`,
      `NOT EXISTS (SELECT 1 ${rows} AND ${own} <= ${outer})`,
      `${outer} IN (SELECT ${own} ${rows})`,
      `${outer} NOT IN (SELECT ${own} ${rows} AND ${own} IS NOT NULL)`,
      `${outer} NOT IN (SELECT ${alias}.${other} ${rows})`,
      `${outer} < (SELECT max(${own}) ${rows})`,
      `${outer} > ALL (SELECT ${own} ${rows})`,
      `(SELECT count(*) ${rows} AND ${own} = ${outer}) ${this.comparison()} ${this.random(4)}`,
      `(SELECT ${outer} + 0::bigint FROM ${table} ${alias} WHERE ${inner} LIMIT 1) IS NOT NULL`,
    ]);
  }

  private nestedSubqueries(): string {
    const [table, key] = this.pick([
      ['r1', 'a'],
      ['r1', 'b'],
      ['r2', 'a'],
      ['r3', 'b'],
    ] as const);
    const condition = this.nested(`o.${key}`, 1 + this.random(2));
    return this.pick([
      () => `SELECT o.${key}, count(*) FROM ${table} o WHERE ${condition} GROUP BY 1`,
      () => `SELECT o.${key}, ${condition} FROM ${table} o`,
      () => `SELECT o.${key} FROM ${table} o LEFT JOIN r4 e ON ${condition} WHERE o.${key} > 0`,
      () => `SELECT count(*) FILTER (WHERE ${condition}) FROM ${table} o`,
    ])();
  }

  private groupsOfGroups(): string {
    const inner = this.pick([
      'SELECT a, b, count(*) AS n, sum(d) AS s FROM r1 GROUP BY a, b',
      'SELECT a, g::int AS b, count(e) AS n, sum(e::numeric) AS s FROM r2 GROUP BY a, g',
      'SELECT DISTINCT a, b, 1::bigint AS n, d AS s FROM r1',
      'SELECT x.a, x.b, count(*) AS n, sum(x.d) AS s FROM r1 x LEFT JOIN r2 y USING (a) GROUP BY x.a, x.b HAVING count(y.e) > 0',
    ]);
    const outer = this.pick([
      'a, sum(n), max(s), count(*)',
      'a, sum(sum(n)) OVER (ORDER BY a), count(*)',
      'a, avg(n)::numeric(20, 6), array_agg(b ORDER BY b, n)',
      'a, sum(n) FILTER (WHERE b > 1), bool_and(s > 0), rank() OVER (ORDER BY sum(n) DESC)',
      'a, count(DISTINCT b), sum(DISTINCT n)',
    ]);
    const having = this.pick(['', ' HAVING sum(n) > 2', ' HAVING a IS NOT NULL AND count(*) > 1']);
    return `SELECT ${outer} FROM (${inner}) i GROUP BY a${having}`;
  }

  private setsOverExpressions(): string {
    const keys = this.pick([
      ['a % 3', 'upper(c)'],
      ['a + b::bigint', 'c IS NULL'],
      ['coalesce(a, 0)', 'CASE WHEN b > 2 THEN 1 ELSE 0 END'],
      ['length(c)', 'a'],
    ]);
    const sets = this.pick([
      `ROLLUP (${keys.join(', ')})`,
      `CUBE (${keys.join(', ')})`,
      `GROUPING SETS ((${keys[0]}), (${keys[1]}), (), (${keys.join(', ')}))`,
      `GROUPING SETS (ROLLUP (${keys.join(', ')}), (${keys[1]}))`,
      `${keys[0]}, GROUPING SETS ((${keys[1]}), ())`,
      `DISTINCT ROLLUP (${keys.join(', ')}), ROLLUP (${keys[0]})`,
    ]);
    const where = this.pick(['', ' WHERE a > 1', ' WHERE false']);
    const extra = this.pick([
      '',
      ', count(DISTINCT c)',
      ', max(d) FILTER (WHERE a > 2)',
      ', sum(count(*)) OVER ()',
    ]);
    return `SELECT ${keys.join(', ')}, grouping(${keys.join(', ')}), count(*), sum(b)${extra} FROM r1${where} GROUP BY ${sets}`;
  }

  private severalSetOperations(): string {
    const part = (): string =>
      this.pick([
        'SELECT a, c FROM r1',
        'SELECT b, c FROM r3',
        'SELECT a, c FROM r4',
        'SELECT DISTINCT b, c FROM r1 WHERE a > 1',
        'SELECT k, u COLLATE "C" FROM r5',
        "VALUES (1, 'a'), (NULL, NULL), (2, 'b')",
        '(SELECT a, c FROM r1 ORDER BY a, b, c, d LIMIT 5)',
        'SELECT a, max(c) FROM r1 GROUP BY a',
      ]);
    const operation = (): string =>
      this.pick(['UNION', 'UNION ALL', 'EXCEPT', 'EXCEPT ALL', 'INTERSECT', 'INTERSECT ALL']);
    let text = part();
    for (let count = 1 + this.random(3); count > 0; count--)
      text =
        this.random(3) === 0
          ? `(${text}) ${operation()} ${part()}`
          : `${text} ${operation()} ${part()}`;
    return this.pick([
      text,
      `SELECT a, count(*) FROM (${text}) p (a, c) GROUP BY a`,
      `SELECT p.a FROM (${text}) p (a, c) JOIN r1 ON r1.a = p.a WHERE p.a < 5`,
      `SELECT * FROM (${text}) p (a, c) WHERE a > 1 AND c IS NOT NULL`,
    ]);
  }

  private lateralFunctions(): string {
    const body = this.pick([
      'generate_series(1, o.a % 4) f (v)',
      'unnest(ARRAY[o.a, o.b, NULL]) WITH ORDINALITY f (v, n)',
      '(SELECT o.a + g::bigint FROM generate_series(0, 1) g) f (v)',
      '(VALUES (o.a), (o.b)) f (v)',
      '(SELECT max(i.b) FROM r3 i WHERE i.b <= o.a) f (v)',
      '(SELECT i.a FROM r2 i WHERE i.a = o.a GROUP BY i.a HAVING count(*) > 1) f (v)',
      '(SELECT o.b UNION ALL SELECT i.b FROM r3 i WHERE i.b = o.b) f (v)',
      '(SELECT DISTINCT ON (i.b) i.b FROM r3 i WHERE i.b > o.a ORDER BY i.b LIMIT 1) f (v)',
    ]);
    const [join, on] = this.pick([
      ['CROSS JOIN LATERAL', ''],
      ['LEFT JOIN LATERAL', ' ON true'],
      ['LEFT JOIN LATERAL', ' ON f.v > 1'],
      ['JOIN LATERAL', ' ON f.v = o.b'],
    ] as const);
    return `SELECT o.a, o.b, f.v FROM r1 o ${join} ${body}${on}${this.pick(['', ' WHERE o.a < 6', ' WHERE f.v IS NOT NULL'])}`;
  }

  private recursivePairs(): string {
    const union = this.pick(['UNION', 'UNION ALL']);
    const step = this.pick([
      'SELECT r1.a, r1.b, p.depth + 1 FROM pairs p JOIN r1 ON r1.a = p.y WHERE p.depth < 2',
      'SELECT p.y, p.x, p.depth + 1 FROM pairs p WHERE p.depth < 3',
      'SELECT p.x, r2.a, p.depth + 1 FROM pairs p LEFT JOIN r2 ON r2.a = p.y AND r2.g WHERE p.depth < 2',
      'SELECT p.x, p.y, p.depth + 1 FROM pairs p WHERE p.depth < 3 AND EXISTS (SELECT 1 FROM r3 WHERE r3.b = p.y)',
    ]);
    const last = this.pick([
      'SELECT depth, count(*), sum(x::bigint) FROM pairs GROUP BY depth',
      'SELECT DISTINCT x, y FROM pairs',
      'SELECT p.x, count(*) FROM pairs p JOIN pairs q ON p.x = q.y GROUP BY p.x',
    ]);
    return `WITH RECURSIVE pairs (x, y, depth) AS (SELECT DISTINCT a, b, 0 FROM r1 WHERE a < 4 ${union} ${step}) ${last}`;
  }

  private distinctOnExpressions(): string {
    return this.pick([
      'SELECT DISTINCT ON (a % 3) a % 3, a, b, c, d FROM r1 ORDER BY a % 3, a, b, c, d',
      "SELECT DISTINCT ON (coalesce(c, '')) c, b, d FROM r1 ORDER BY coalesce(c, ''), c, b DESC NULLS LAST, d, a",
      'SELECT count(*) FROM (SELECT DISTINCT ON (a, g) a, g, e FROM r2 ORDER BY a, g, e, f) x WHERE e > 1',
      'SELECT DISTINCT ON (l) l, b FROM r3 ORDER BY l, b, c, h, m, j',
      "SELECT DISTINCT ON (i) i::text < 'z', k FROM r5 ORDER BY i, k",
    ]);
  }

  private correlatedAggregates(): string {
    const inner = this.pick([
      '(SELECT count(*) FROM r2 y WHERE y.a = x.a)',
      '(SELECT sum(y.e::numeric) FROM r2 y WHERE y.a > x.b)',
      '(SELECT max(y.f) FROM r2 y WHERE y.a = x.a AND y.g = (x.b > 2))',
      "(SELECT string_agg(z.c, ',' ORDER BY z.c) FROM r3 z WHERE z.b = x.b)",
      '(SELECT count(*) FROM r2 y JOIN r3 z ON z.b = y.a WHERE y.a = x.a OR z.b = x.b)',
      '(SELECT y.e FROM r2 y WHERE y.a = x.a ORDER BY y.e DESC NULLS LAST LIMIT 1)',
      '(SELECT count(DISTINCT z.c) + x.a::bigint FROM r3 z WHERE z.b = x.b GROUP BY z.b)',
      'ARRAY(SELECT y.e FROM r2 y WHERE y.a = x.a ORDER BY y.e)',
    ]);
    return this.pick([
      `SELECT x.a, ${inner} FROM r1 x`,
      `SELECT x.a, count(*) FROM r1 x WHERE ${inner} IS NOT NULL GROUP BY x.a`,
      `SELECT ${inner} AS k, count(*), sum(x.b) FROM r1 x GROUP BY k`,
      `SELECT x.c, max(${inner}) FROM r1 x GROUP BY x.c`.replace('max(ARRAY', 'max(ARRAY'),
      `SELECT x.a, ${inner} FROM r1 x LEFT JOIN r4 ON r4.a = x.a ORDER BY ${inner}, x.a LIMIT 0`,
      `SELECT x.a, row_number() OVER (PARTITION BY ${inner} ORDER BY x.a, x.b, x.c, x.d) FROM r1 x`,
    ]);
  }

  private parenthesizedJoins(): string {
    const join = (): string => this.pick(['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN']);
    const where: Scope = {
      from: '',
      columns: [
        { text: 'x.a', type: 'int' },
        { text: 'y.a', type: 'int' },
        { text: 'z.b', type: 'int' },
        { text: 'z.c', type: 'text' },
      ],
    };
    const inner = `(r2 y ${join()} r3 z ON y.a = z.b)`;
    return `SELECT x.a, x.c, y.e, z.h, ${this.pick(['z.b', 'coalesce(z.b, x.a)', 'y.a IS NULL'])} FROM r1 x ${join()} ${inner} ON x.${this.pick(['a', 'b'])} = ${this.pick(['y.a', 'z.b'])}${this.where(where)}`;
  }
}
