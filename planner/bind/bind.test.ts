// Goal: what the binder says besides names and types of results (those are compared with PostgreSQL in
// test/bind): the shape of plans, parameters, positions, limits. Method: small statements over a catalog
// in memory.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { DatabaseError, TypeOid, type Expression } from '#common';
import type { BoundQuery, LogicalPlan } from '../logical-plan.ts';
import { inputsOf } from '../optimize/plan-tree.ts';
import { loadParser, parseStatements } from '../parse/index.ts';
import type { BindContext } from './context.ts';
import { bindStatement } from './statement.ts';
import { bindColumnDefault, bindStoredExpression, bindTableChecks } from './table-expression.ts';
import { testContext } from './testing.ts';

before(() => loadParser());

const context = testContext(
  {
    account: {
      columns: ['id int4 not null', 'owner text', 'balance numeric:655366', 'opened date'],
      key: ['id'],
      checks: { positive: 'balance >= 0', named: "owner <> ''" },
      defaults: { opened: 'CURRENT_DATE' },
    },
    entry: {
      columns: ['id int4 not null', 'account int4', 'amount int8', 'doubled int8'],
      key: ['id'],
      identity: { id: 'by default' },
      generated: { doubled: 'amount * 2' },
    },
  },
  {
    rich: {
      columns: ['id int4'],
      sql: 'SELECT account.id FROM public.account WHERE account.balance > 1000',
    },
  },
);

function bind(sql: string, overrides: Partial<BindContext> = {}): BoundQuery {
  const [parsed] = parseStatements(sql);
  return bindStatement(parsed, { ...context, ...overrides });
}

function failure(sql: string, overrides: Partial<BindContext> = {}): DatabaseError {
  try {
    bind(sql, overrides);
  } catch (error) {
    if (error instanceof DatabaseError) return error;
    throw error;
  }
  return assert.fail(`no error: ${sql}`);
}

/** Kinds of the nodes from the root to the first leaf. */
function spine(plan: LogicalPlan): string[] {
  const [input] = inputsOf(plan);
  return input === undefined ? [plan.kind] : [plan.kind, ...spine(input)];
}

function find<Kind extends LogicalPlan['kind']>(
  plan: LogicalPlan,
  kind: Kind,
): Extract<LogicalPlan, { kind: Kind }> {
  const pending: LogicalPlan[] = [plan];
  for (let node = pending.shift(); node !== undefined; node = pending.shift()) {
    if (node.kind === kind) return node as Extract<LogicalPlan, { kind: Kind }>;
    pending.push(...inputsOf(node));
  }
  return assert.fail(`no ${kind}`);
}

test('operators of a query stand in the order in which they are computed', () => {
  const sql = `SELECT owner, count(*) AS n, rank() OVER (ORDER BY count(*)) FROM account
    WHERE balance > 0 GROUP BY owner HAVING count(*) > 1 ORDER BY n LIMIT 3`;
  assert.deepEqual(spine(bind(sql).plan), [
    'limit',
    'sort',
    'project',
    'window',
    'filter',
    'aggregate',
    'filter',
    'scan',
  ]);
});

test('a scan makes the columns that are read, and no others', () => {
  const scan = find(bind('SELECT owner FROM account WHERE id = 1').plan, 'scan');
  assert.deepEqual(
    scan.outputs.map((column) => column.name),
    ['owner', 'id'],
  );
});

test('volatile targets are computed after sorting', () => {
  const late = bind('SELECT id, random() FROM account ORDER BY id').plan;
  assert.deepEqual(spine(late), ['project', 'sort', 'scan']);
  assert.deepEqual(spine(bind('SELECT id FROM account ORDER BY id').plan), [
    'sort',
    'project',
    'scan',
  ]);
});

test('lateral joins are marked when the right side reads the left', () => {
  const dependent = bind('SELECT * FROM account a, LATERAL (SELECT a.id AS x) s').plan;
  const independent = bind('SELECT * FROM account a, LATERAL (SELECT 1 AS x) s').plan;
  assert.equal(find(dependent, 'join').lateral, true);
  assert.equal(find(independent, 'join').lateral, false);
});

test('an aggregate over outer columns belongs to the outer query', () => {
  const { plan } = bind('SELECT (SELECT sum(a.balance)) FROM account a');
  assert.equal(find(plan, 'aggregate').aggregates.length, 1);
});

test('equal aggregates are computed once', () => {
  const { plan } = bind('SELECT sum(id), sum(id) + 1 FROM account HAVING sum(id) > 0');
  assert.equal(find(plan, 'aggregate').aggregates.length, 1);
});

test('the primary key determines the other columns of its table', () => {
  const { plan } = bind('SELECT id, owner FROM account GROUP BY id');
  assert.equal(find(plan, 'aggregate').groupKeys.length, 2);
  assert.equal(failure('SELECT id, owner FROM account GROUP BY balance').sqlState, '42803');
});

test('parameters take the types of their places', () => {
  const { parameterTypes } = bind('SELECT * FROM account WHERE id = $1 AND owner LIKE $2 LIMIT $3');
  assert.deepEqual(
    parameterTypes.map((type) => type.oid),
    [TypeOid.int4, TypeOid.text, TypeOid.int8],
  );
  assert.equal(failure('SELECT $1 IS NULL').sqlState, '42P18');
  assert.equal(failure('SELECT $1::int + length($1)').sqlState, '42883');
  assert.equal(failure('SELECT $1', { allowParameters: false }).sqlState, '42P02');
});

test('a parameter with two types is refused with both names', () => {
  const error = failure('INSERT INTO account (id, owner) VALUES ($1, $1)');
  assert.equal(error.sqlState, '42P08');
  assert.equal(error.detail, 'integer versus text');
});

test('lifted literals have their own types, and pin what the binder reads', () => {
  const literalParameters = [
    { kind: 'integer', text: '7' },
    { kind: 'decimal', text: '1.5' },
    { kind: 'string', text: 'x' },
  ] as const;
  const sql = 'SELECT id FROM account WHERE id = $1 AND balance > $2 AND owner = $3';
  const bound = bind(sql, { literalParameters });
  assert.deepEqual(
    bound.parameterTypes.map((type) => type.oid),
    [TypeOid.int4, TypeOid.numeric, TypeOid.text],
  );
  assert.deepEqual(bound.pinnedParameters, []);
  const ordinal = bind('SELECT id FROM account ORDER BY $1', {
    literalParameters: [{ kind: 'integer', text: '1' }],
  });
  assert.deepEqual(ordinal.pinnedParameters, [{ index: 0, value: 1 }]);
});

test('positions count UTF-16 units of the text that was sent', () => {
  assert.equal(failure("SELECT 'ä😀', nope FROM account").position, "SELECT 'ä😀', ".length);
});

test('a view is bound in its own text: no positions, all its tables touched', () => {
  const bound = bind('SELECT id FROM rich');
  assert.equal(bound.relations.length, 2);
  assert.equal(bound.results[0].tableOid, context.catalog.findRelation(2200, 'rich')?.oid);
});

test('FOR SYSTEM_TIME reaches the tables below a view', () => {
  const past = bind("SELECT id FROM rich FOR SYSTEM_TIME AS OF '2024-01-01'").plan;
  assert.equal(find(past, 'scan').temporal.system.kind, 'asOf');
  assert.equal(find(bind('SELECT id FROM rich').plan, 'scan').temporal.system.kind, 'current');
});

test('pseudo-columns are there by name and not in *', () => {
  assert.equal(bind('SELECT * FROM account').results.length, 4);
  assert.equal(bind('SELECT _tx_from FROM account').results[0].type.oid, TypeOid.timestamptz);
});

test('INSERT gives every column a value: sequence, default, generated', () => {
  const { plan } = bind('INSERT INTO entry (amount) VALUES (5)');
  assert.ok(plan.kind === 'insert');
  assert.deepEqual(
    plan.assignments.map((assignment) => assignment.attributeNumber),
    [1, 2, 3, 4],
  );
  const doubled = plan.assignments[3].value;
  assert.ok(doubled.kind === 'call' && doubled.arguments[0].kind === 'column');
});

test('UPDATE recomputes generated columns', () => {
  const { plan } = bind('UPDATE entry SET amount = amount + 1');
  assert.ok(plan.kind === 'update');
  assert.deepEqual(
    plan.assignments.map((assignment) => assignment.attributeNumber),
    [3, 4],
  );
});

test('checks and defaults of a table are bound over its attributes', () => {
  const table = context.catalog.tableByOid(context.catalog.findRelation(2200, 'account')!.oid)!;
  const checks = bindTableChecks(table, context);
  assert.deepEqual(
    checks.map(({ constraintName, attributes }) => [constraintName, attributes]),
    [
      ['named', [2]],
      ['positive', [3]],
    ],
  );
  const opened = bindColumnDefault(table, 4, context);
  assert.equal(opened?.kind, 'sqlValue');
  const bound = bindStoredExpression('balance * id', { place: 'indexExpression', context, table });
  assert.deepEqual(bound.attributes, [1, 3]);
});

test('rows that an outer join made up are null as a whole', () => {
  const { plan } = bind('SELECT e FROM account a LEFT JOIN entry e ON e.account = a.id');
  assert.ok(plan.kind === 'project');
  const [row]: readonly Expression[] = plan.expressions;
  assert.equal(row.kind, 'case');
});

test('deep statements are refused with 54001, wide ones are bound in reasonable time', () => {
  const nested = `SELECT ${'('.repeat(1)}${'abs('.repeat(3000)}1${')'.repeat(3000)})`;
  assert.equal(failure(nested).sqlState, '54001');
  const wide = Array.from({ length: 1600 }, (_, index) => `sum(id + ${index})`).join(', ');
  assert.equal(bind(`SELECT ${wide} FROM account`).results.length, 1600);
  const columns = Array.from({ length: 1700 }, () => 'id').join(', ');
  assert.equal(failure(`SELECT ${columns} FROM account`).sqlState, '54011');
});
