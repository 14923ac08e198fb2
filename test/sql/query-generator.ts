// Random tables and random queries over them, the same for the same seed. Queries stay in the part of
// SQL whose answer is determined: rows are compared as multisets unless the query orders all its
// columns; float results are avoided.

export type Random = (limit: number) => number;

/** Park and Miller's generator. */
export function seededGenerator(seed: number): Random {
  let state = (seed % 2147483646) + 1;
  return (limit) => {
    state = (state * 48271) % 2147483647;
    return state % limit;
  };
}

export type ColumnType =
  | 'int'
  | 'bigint'
  | 'numeric'
  | 'text'
  | 'date'
  | 'bool'
  | 'timestamp'
  | 'int[]'
  | 'jsonb';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
}

const tables: readonly Table[] = [
  {
    name: 'r1',
    columns: [
      { name: 'a', type: 'int' },
      { name: 'b', type: 'int' },
      { name: 'c', type: 'text' },
      { name: 'd', type: 'numeric' },
    ],
  },
  {
    name: 'r2',
    columns: [
      { name: 'a', type: 'int' },
      { name: 'e', type: 'bigint' },
      { name: 'f', type: 'date' },
      { name: 'g', type: 'bool' },
    ],
  },
  {
    name: 'r3',
    columns: [
      { name: 'b', type: 'int' },
      { name: 'c', type: 'text' },
      { name: 'h', type: 'numeric' },
      { name: 'm', type: 'timestamp' },
      { name: 'l', type: 'int[]' },
      { name: 'j', type: 'jsonb' },
    ],
  },
  {
    name: 'r4',
    columns: [
      { name: 'a', type: 'int' },
      { name: 'c', type: 'text' },
    ],
  },
];

/** Statements that make and fill the tables: nulls, duplicates, and one empty table. */
export function setupStatements(random: Random): string[] {
  const statements: string[] = [];
  for (const table of tables) {
    const columns = table.columns.map(({ name, type }) => `${name} ${type}`).join(', ');
    statements.push(`CREATE TABLE ${table.name} (${columns})`);
    const count = table.name === 'r4' ? 0 : 20 + random(60);
    for (let row = 0; row < count; row++) {
      const values = table.columns.map(({ type }) =>
        random(7) === 0 ? 'NULL' : literal(type, random),
      );
      statements.push(`INSERT INTO ${table.name} VALUES (${values.join(', ')})`);
    }
  }
  statements.push('CREATE INDEX ON r1 (a)', 'CREATE INDEX ON r2 (a, e)', 'CREATE INDEX ON r3 (c)');
  return statements;
}

export function literal(type: ColumnType, random: Random): string {
  switch (type) {
    case 'int':
      return random(20) === 0
        ? String(random(2) === 0 ? 2147483647 : -2147483648)
        : String(random(12) - 3);
    case 'bigint':
      return random(20) === 0 ? '9223372036854775807' : String(random(12) - 3);
    case 'numeric':
      return `${random(200) - 50}.${random(100)}`;
    case 'text':
      return `'${['', 'a', 'b', 'ab', 'B', 'ba', 'é', '%', 'zz'][random(9)]}'`;
    case 'date':
      return `date '2024-0${1 + random(9)}-${10 + random(18)}'`;
    case 'bool':
      return random(2) === 0 ? 'true' : 'false';
    case 'timestamp':
      return random(15) === 0
        ? `timestamp '${random(2) === 0 ? '-' : ''}infinity'`
        : `timestamp '2024-02-${10 + random(19)} ${10 + random(13)}:30'`;
    case 'int[]':
      return `'{${Array.from({ length: random(4) }, () => (random(6) === 0 ? 'NULL' : random(4))).join(',')}}'::int[]`;
    case 'jsonb':
      return `'${['null', '1', '"a"', '[1, 2]', '{"a": 1}', '{"b": null, "a": 2}', '[]'][random(7)]}'::jsonb`;
  }
}

export interface Scope {
  readonly columns: readonly { readonly text: string; readonly type: ColumnType }[];
  readonly from: string;
}

export class QueryGenerator {
  protected readonly random: Random;
  private aliases = 0;

  constructor(random: Random) {
    this.random = random;
  }

  query(): string {
    const { random } = this;
    this.startQuery();
    switch (random(6)) {
      case 0:
        return `${this.plainSelect(1)} ${['UNION', 'UNION ALL', 'EXCEPT', 'INTERSECT'][random(4)]} ${this.plainSelect(1)}`;
      case 1:
        return this.groupedSelect();
      case 2: {
        const inner = this.groupedSelect();
        return `WITH w AS (${inner}) SELECT count(*), count(DISTINCT k1), min(n1) FROM w`;
      }
      default:
        return this.plainSelect(1 + random(3));
    }
  }

  protected startQuery(): void {
    this.aliases = 0;
  }

  protected pick<Item>(items: readonly Item[]): Item {
    return items[this.random(items.length)];
  }

  protected source(): Scope {
    const table = this.pick(tables);
    const alias = `t${++this.aliases}`;
    return {
      from: `${table.name} ${alias}`,
      columns: table.columns.map(({ name, type }) => ({ text: `${alias}.${name}`, type })),
    };
  }

  protected from(): Scope {
    let scope = this.source();
    // Products of three tables take too long where windows are made over them.
    let isProduct = false;
    for (let joins = this.random(3); joins > 0; joins--) {
      const other = this.source();
      const both: Scope = { from: '', columns: [...scope.columns, ...other.columns] };
      const join = this.pick(['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN', 'CROSS JOIN']);
      if (join === 'CROSS JOIN' && !isProduct) {
        isProduct = true;
        scope = { ...both, from: `${scope.from} CROSS JOIN ${other.from}` };
      } else {
        const left = scope.columns.filter(({ type }) => type === 'int' || type === 'bigint');
        const right = other.columns.filter(({ type }) => type === 'int' || type === 'bigint');
        const kind = join === 'CROSS JOIN' ? 'JOIN' : join;
        const extra =
          kind !== 'FULL JOIN' && this.random(3) === 0 ? ` AND ${this.predicate(both, 0)}` : '';
        if (left.length === 0 || right.length === 0)
          scope = { ...both, from: `${scope.from} CROSS JOIN ${other.from}` };
        else
          scope = {
            ...both,
            from: `${scope.from} ${kind} ${other.from} ON ${this.pick(left).text} = ${this.pick(right).text}${extra}`,
          };
      }
    }
    return scope;
  }

  protected plainSelect(columnCount: number): string {
    const scope = this.from();
    // Set operations need the same types on both sides: every column is given as text.
    const columns = Array.from(
      { length: columnCount },
      () => `(${this.scalar(scope, this.pick(['int', 'text', 'date']))})::text`,
    );
    const distinct = this.random(4) === 0 ? 'DISTINCT ' : '';
    return `SELECT ${distinct}${columns.join(', ')} FROM ${scope.from}${this.where(scope)}`;
  }

  private groupedSelect(): string {
    const scope = this.from();
    const key = this.pick(scope.columns).text;
    const numeric = scope.columns.filter(({ type }) => type === 'int' || type === 'numeric');
    const value = numeric.length === 0 ? '1' : this.pick(numeric).text;
    const aggregate = this.pick([
      'count(*)',
      `count(${value})`,
      `sum(${value})`,
      `min(${value})`,
      `max(${value})`,
      `count(DISTINCT ${value})`,
      `sum(${value}) FILTER (WHERE ${this.predicate(scope, 0)})`,
    ]);
    const having = this.random(3) === 0 ? ` HAVING count(*) > ${this.random(4)}` : '';
    return `SELECT ${key} AS k1, ${aggregate} AS n1 FROM ${scope.from}${this.where(scope)} GROUP BY ${key}${having}`;
  }

  protected where(scope: Scope): string {
    return this.random(3) === 0 ? '' : ` WHERE ${this.predicate(scope, 2)}`;
  }

  private scalar(scope: Scope, type: ColumnType): string {
    const fitting = scope.columns.filter((column) => column.type === type);
    const column = fitting.length === 0 ? literal(type, this.random) : this.pick(fitting).text;
    switch (this.random(6)) {
      case 0:
        return `coalesce(${column}, ${literal(type, this.random)})`;
      case 1:
        return `CASE WHEN ${this.predicate(scope, 0)} THEN ${column} ELSE ${literal(type, this.random)} END`;
      case 2:
        return `nullif(${column}, ${literal(type, this.random)})`;
      case 3:
        return type === 'text' ? `upper(${column}) || 'x'` : column;
      default:
        return column;
    }
  }

  protected predicate(scope: Scope, depth: number): string {
    const { random } = this;
    if (depth > 0 && random(2) === 0) {
      const left = this.predicate(scope, depth - 1);
      const right = this.predicate(scope, depth - 1);
      return this.pick([`(${left} AND ${right})`, `(${left} OR ${right})`, `NOT (${left})`]);
    }
    const column = this.pick(scope.columns);
    switch (random(depth > 0 ? 9 : 6)) {
      case 0:
        return `${column.text} IS ${random(2) === 0 ? '' : 'NOT '}NULL`;
      case 1:
        return `${column.text} IN (${literal(column.type, random)}, ${literal(column.type, random)}${random(5) === 0 ? ', NULL' : ''})`;
      case 2:
        return `${column.text} BETWEEN ${literal(column.type, random)} AND ${literal(column.type, random)}`;
      case 3:
        return `${column.text} IS DISTINCT FROM ${literal(column.type, random)}`;
      case 6:
        return this.existsPredicate(scope);
      case 7:
        return this.inPredicate(column);
      case 8:
        return `${column.text} = ${this.pick(['ANY', 'ALL'])} (SELECT ${this.subqueryColumn(column.type)})`;
      default:
        return `${column.text} ${this.pick(['=', '<>', '<', '<=', '>', '>='])} ${literal(column.type, random)}`;
    }
  }

  private existsPredicate(scope: Scope): string {
    const inner = this.source();
    const outer = scope.columns.filter(({ type }) => type === 'int' || type === 'bigint');
    const own = inner.columns.filter(({ type }) => type === 'int' || type === 'bigint');
    const link =
      outer.length === 0 || own.length === 0
        ? 'true'
        : `${this.pick(own).text} = ${this.pick(outer).text}`;
    return `${this.random(2) === 0 ? '' : 'NOT '}EXISTS (SELECT 1 FROM ${inner.from} WHERE ${link} AND ${this.predicate(inner, 0)})`;
  }

  private inPredicate(column: { readonly text: string; readonly type: ColumnType }): string {
    return `${column.text} ${this.random(2) === 0 ? '' : 'NOT '}IN (SELECT ${this.subqueryColumn(column.type)})`;
  }

  private subqueryColumn(type: ColumnType): string {
    const inner = this.source();
    const fitting = inner.columns.filter((column) => column.type === type);
    const value = fitting.length === 0 ? literal(type, this.random) : this.pick(fitting).text;
    return `${value} FROM ${inner.from}${this.random(2) === 0 ? '' : ` WHERE ${this.predicate(inner, 0)}`}`;
  }
}
