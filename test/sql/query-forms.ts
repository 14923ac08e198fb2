// More forms of random queries, over the tables of query-generator.ts: windows, grouping sets, LIMIT, DISTINCT
// ON, LATERAL, WITH, ordered aggregates. Where the answer depends on an order, the order is over all
// columns that can tell rows apart.

import { QueryGenerator, type Scope } from './query-generator.ts';

export class QueryForms extends QueryGenerator {
  override query(): string {
    this.startQuery();
    switch (this.random(16)) {
      case 0:
        return this.windowSelect();
      case 1:
        return this.groupingSets();
      case 2:
        return this.limited();
      case 3:
        return this.distinctOn();
      case 4:
        return this.lateral();
      case 5:
        return this.withQueries();
      case 6:
        return this.orderedAggregates();
      case 7:
        return this.recursive();
      case 8:
      case 9:
        return this.repeated();
      case 10:
      case 11:
        return this.groupedJoin();
      default:
        return super.query();
    }
  }

  /** All columns, so that rows which are not told apart are equal. */
  private totalOrder(scope: Scope): string {
    return scope.columns.map(({ text }) => `${text}${this.direction()}`).join(', ');
  }

  private direction(): string {
    return this.pick(['', '', ' DESC', ' NULLS FIRST', ' DESC NULLS LAST']);
  }

  private numberOf(scope: Scope): string {
    const numbers = scope.columns.filter(({ type }) => type === 'int' || type === 'numeric');
    return numbers.length === 0 ? String(this.random(5)) : this.pick(numbers).text;
  }

  private windowSelect(): string {
    const scope = this.from();
    const { random } = this;
    const partition = random(3) === 0 ? '' : `PARTITION BY ${this.pick(scope.columns).text} `;
    const value = this.pick(scope.columns).text;
    const number = this.numberOf(scope);
    const total = this.totalOrder(scope);
    const calls = Array.from({ length: 1 + random(3) }, () => {
      const rows = this.rowsFrame();
      const key = this.pick(scope.columns).text;
      return this.pick([
        () => `rank() OVER (${partition}ORDER BY ${key}${this.direction()})`,
        () => `dense_rank() OVER (${partition}ORDER BY ${key}, ${value}${this.direction()})`,
        () => `count(*) OVER (${partition}ORDER BY ${key}${this.direction()})`,
        () => `sum(${number}) OVER (${partition}ORDER BY ${key} ${this.groupsFrame()})`,
        () => `max(${value}::text) OVER (${partition}ORDER BY ${key} ${this.groupsFrame()})`,
        () => `row_number() OVER (${partition}ORDER BY ${total})`,
        () => `lag(${value}, ${random(3)}) OVER (${partition}ORDER BY ${total})`,
        () => `lead(${number}, 1, 7) OVER (${partition}ORDER BY ${total})`,
        () => `sum(${number}) OVER (${partition}ORDER BY ${total} ${rows})`,
        () => `first_value(${value}) OVER (${partition}ORDER BY ${total} ${rows})`,
        () => `nth_value(${value}, 2) OVER (${partition}ORDER BY ${total} ${rows})`,
        () =>
          `count(${value}) FILTER (WHERE ${this.predicate(scope, 0)}) OVER (${partition}ORDER BY ${total} ${rows})`,
        () =>
          `${this.pick(['percent_rank', 'cume_dist'])}() OVER (${partition}ORDER BY ${key}${this.direction()})`,
        () => `${this.pick(['sum', 'avg', 'min', 'max'])}(${number}) OVER (${partition})`,
        () => `${this.pick(['sum', 'avg'])}(${number}) OVER (${partition}ORDER BY ${key})`,
        () =>
          `${this.pick(['min', 'max', 'avg', 'last_value'])}(${number}) OVER (${partition}ORDER BY ${total} ${rows})`,
        () => `ntile(${1 + random(4)}) OVER (${partition}ORDER BY ${total})`,
        () =>
          `${this.pick(['min', 'sum', 'count'])}(${number}) OVER (${partition}ORDER BY ${number}${this.pick(['', ' DESC'])} ${this.rangeFrame()})`,
      ])();
    });
    const select = `SELECT ${value}, ${calls.join(', ')} FROM ${scope.from}${this.where(scope)}`;
    if (random(4) > 0) return select;
    const first = `row_number() OVER (${partition}ORDER BY ${total}) AS n`;
    return `SELECT n, count(*), min(v) FROM (SELECT ${number} AS v, ${first} FROM ${scope.from}${this.where(scope)}) w WHERE n <= ${1 + random(5)} GROUP BY n`;
  }

  private rowsFrame(): string {
    const { random } = this;
    const start = this.pick(['UNBOUNDED PRECEDING', `${random(4)} PRECEDING`, 'CURRENT ROW']);
    const end = this.pick(['UNBOUNDED FOLLOWING', `${random(4)} FOLLOWING`, 'CURRENT ROW']);
    const exclude = this.pick([
      '',
      '',
      '',
      ' EXCLUDE CURRENT ROW',
      ' EXCLUDE GROUP',
      ' EXCLUDE TIES',
    ]);
    return `ROWS BETWEEN ${start} AND ${end}${exclude}`;
  }

  private groupsFrame(): string {
    const { random } = this;
    const start = this.pick(['UNBOUNDED PRECEDING', `${random(3)} PRECEDING`, 'CURRENT ROW']);
    const end = this.pick(['UNBOUNDED FOLLOWING', `${random(3)} FOLLOWING`, 'CURRENT ROW']);
    return `GROUPS BETWEEN ${start} AND ${end}${this.pick(['', ' EXCLUDE GROUP', ' EXCLUDE TIES'])}`;
  }

  private rangeFrame(): string {
    const { random } = this;
    const bound = (): string => `${random(4)} ${this.pick(['PRECEDING', 'FOLLOWING'])}`;
    const start = this.pick(['UNBOUNDED PRECEDING', `${random(4)} PRECEDING`, bound()]);
    const end = this.pick(['UNBOUNDED FOLLOWING', `${random(4)} FOLLOWING`, 'CURRENT ROW']);
    const isEmpty = start.endsWith('FOLLOWING') && end === 'CURRENT ROW';
    const exclude = this.pick(['', '', ' EXCLUDE CURRENT ROW', ' EXCLUDE GROUP', ' EXCLUDE TIES']);
    return `RANGE BETWEEN ${start} AND ${isEmpty ? 'UNBOUNDED FOLLOWING' : end}${exclude}`;
  }

  private groupingSets(): string {
    const scope = this.from();
    const first = this.pick(scope.columns).text;
    const second = this.pick(scope.columns).text;
    const sets = this.pick([
      `ROLLUP (${first}, ${second})`,
      `CUBE (${first}, ${second})`,
      `GROUPING SETS ((${first}), (${second}), ())`,
      `GROUPING SETS ((${first}, ${second}), (${first}))`,
      `${first}, ROLLUP (${second})`,
    ]);
    const number = this.numberOf(scope);
    const having = this.random(3) === 0 ? ` HAVING count(*) > ${this.random(5)}` : '';
    return `SELECT ${first}, ${second}, grouping(${first}, ${second}), count(*), sum(${number}), count(DISTINCT ${number}) FROM ${scope.from}${this.where(scope)} GROUP BY ${sets}${having}`;
  }

  private limited(): string {
    const scope = this.from();
    const columns = Array.from({ length: 1 + this.random(3) }, () => this.pick(scope.columns).text);
    const order = columns.map((_column, index) => `${index + 1}${this.direction()}`);
    const ties = this.random(4) === 0;
    const count = this.random(12);
    const limit = ties ? `FETCH FIRST ${count} ROWS WITH TIES` : `LIMIT ${count}`;
    return `SELECT ${columns.join(', ')} FROM ${scope.from}${this.where(scope)} ORDER BY ${order.join(', ')} OFFSET ${this.random(5)} ${limit}`;
  }

  private distinctOn(): string {
    const scope = this.from();
    const key = this.pick(scope.columns).text;
    const value = this.pick(scope.columns).text;
    return `SELECT DISTINCT ON (${key}) ${key}, ${value} FROM ${scope.from}${this.where(scope)} ORDER BY ${key}${this.direction()}, ${this.totalOrder(scope)}`;
  }

  private lateral(): string {
    const outer = this.source();
    const inner = this.source();
    const both: Scope = { from: '', columns: [...outer.columns, ...inner.columns] };
    const join = this.pick(['CROSS JOIN LATERAL', 'LEFT JOIN LATERAL']);
    const on = join === 'LEFT JOIN LATERAL' ? ' ON true' : '';
    const value = this.pick(inner.columns).text;
    const body = this.pick([
      () => `SELECT count(*) AS v FROM ${inner.from} WHERE ${this.predicate(both, 1)}`,
      () =>
        `SELECT ${value} AS v FROM ${inner.from} WHERE ${this.predicate(both, 1)} ORDER BY ${this.totalOrder(inner)} LIMIT 2`,
      () => `SELECT DISTINCT ${value} AS v FROM ${inner.from} WHERE ${this.predicate(both, 0)}`,
    ])();
    return `SELECT ${this.pick(outer.columns).text}, s.v FROM ${outer.from} ${join} (${body}) s${on}${this.where(outer)}`;
  }

  private withQueries(): string {
    const kept = this.pick(['', 'MATERIALIZED ', 'NOT MATERIALIZED ']);
    const body = this.plainSelect(2);
    const join = this.pick(['JOIN', 'LEFT JOIN', 'FULL JOIN']);
    return `WITH w (x, y) AS ${kept}(${body}), v AS (SELECT x, count(*) AS n FROM w GROUP BY x) SELECT w.y, v.n FROM w ${join} v ON w.x = v.x`;
  }

  /** The same FROM and WHERE at two places of the statement. */
  private repeated(): string {
    const scope = this.from();
    const rows = `FROM ${scope.from}${this.where(scope)}`;
    const key = this.pick(scope.columns).text;
    const value = this.pick(scope.columns).text;
    const number = this.numberOf(scope);
    return this.pick([
      () =>
        `SELECT ${key}, sum(${number}), count(${value}) ${rows} GROUP BY ${key} HAVING count(*) >= (SELECT min(${number}) ${rows})`,
      () =>
        `SELECT p.y, q.n FROM (SELECT ${key} AS x, ${value} AS y ${rows}) p ${this.pick(['JOIN', 'LEFT JOIN'])} (SELECT ${key} AS x, count(*) AS n, max(${number}) AS m ${rows} GROUP BY ${key}) q ON p.x = q.x`,
      () =>
        `SELECT count(*), (SELECT sum(${number}) ${rows}), (SELECT count(DISTINCT ${value}) ${rows}) ${rows}`,
      () =>
        `SELECT x FROM (SELECT ${key} AS x, ${number} AS n ${rows}) p WHERE n > (SELECT avg(${number}) ${rows}) OR x IN (SELECT ${key} ${rows})`,
      () => `SELECT ${value} ${rows} UNION ALL (SELECT DISTINCT ${value} ${rows})`,
    ])();
  }

  /** Aggregates over one side of a join, which may be computed before it. */
  private groupedJoin(): string {
    const { random } = this;
    const join = () => this.pick(['JOIN', 'LEFT JOIN', 'LEFT JOIN', 'RIGHT JOIN']);
    const value = this.pick(['y.e', 'x.b', 'z.h', 'y.a', 'z.b', 'x.d']);
    const filter = this.pick(['', '', ` FILTER (WHERE ${value} > ${random(4)})`]);
    const aggregates = [
      'count(*)',
      `count(${value})${filter}`,
      `sum(${value})`,
      `min(${value})`,
      `max(${value} + 1)`,
      `avg(${value})`,
      `sum(${value} * 2.5)${filter}`,
      `bool_or(${value} > 2)`,
    ].filter(() => random(3) === 0);
    const third = this.pick(['', ` ${join()} r3 z ON z.b = x.b`, ` ${join()} r3 z ON z.b < y.a`]);
    const usesThird = `${value}${aggregates.join()}`.includes('z.');
    const rows = `r1 x ${join()} r2 y ON x.a = y.a${usesThird && third === '' ? ' JOIN r3 z ON z.b = x.b' : third}`;
    const key = this.pick(['x.a', 'y.a', 'x.b, x.a', 'x.a % 3', 'y.g', 'x.b, y.f', 'x.c']);
    const where = this.pick(['', '', ' WHERE x.b > 1 OR y.g', ' WHERE x.b < y.a::bigint + 3']);
    const having = this.pick(['', '', ` HAVING count(${value}) > 1`]);
    return `SELECT ${[key, ...aggregates, 'count(*)'].join(', ')} FROM ${rows}${where} GROUP BY ${key}${having}`;
  }

  private orderedAggregates(): string {
    const scope = this.from();
    const key = this.pick(scope.columns).text;
    const value = this.pick(scope.columns).text;
    const number = this.numberOf(scope);
    return `SELECT ${key}, array_agg(${value}::text ORDER BY ${value}${this.direction()}), string_agg(DISTINCT ${value}::text, ',' ORDER BY ${value}::text DESC), percentile_disc(0.4) WITHIN GROUP (ORDER BY ${number}), (SELECT count(*) FROM r1 WHERE r1.a > count(${number})) FROM ${scope.from}${this.where(scope)} GROUP BY ${key}`;
  }

  private recursive(): string {
    const start = this.random(6) - 2;
    const union = this.pick(['UNION', 'UNION ALL']);
    return `WITH RECURSIVE s (n, depth) AS (SELECT ${start}, 0 ${union} SELECT r1.b, depth + 1 FROM s JOIN r1 ON r1.a = s.n WHERE depth < 2) SELECT n, depth, count(*) FROM s GROUP BY n, depth`;
  }
}
