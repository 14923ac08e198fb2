// One action of a rule: its statement with the rows that it is for as one more element of FROM, and with the
// rule's condition.

import type { InsertStmt, Node, NotifyStmt, SelectStmt } from '@pgsql/types';
import { notSupported, type RuleDescriptor } from '#common';
import type { LogicalPlan, PlanColumn } from '../logical-plan.ts';
import type { BoundModification } from './modification.ts';
import { type Binder, storedSource } from './context.ts';
import { bodyOf, listItems, nodeTag } from './node.ts';
import { type RuleRows, ruleRowsNode } from './rule-rows.ts';
import type { StatementRows } from './rule-statement.ts';
import { Scope } from './scope.ts';
import { parseStored } from './view.ts';

export interface BoundAction {
  readonly command: BoundModification['command'] | 'SELECT' | 'NOTIFY';
  readonly plan: LogicalPlan;
  readonly columns: readonly PlanColumn[];
}

export interface RuleActionRequest {
  /** The stored text of the statement. */
  readonly action: string;
  readonly rule: Pick<RuleDescriptor, 'condition' | 'event'>;
  readonly rows: Pick<StatementRows, 'table' | 'isBare' | 'plan' | 'old' | 'new'>;
  /** RETURNING of the action counts; otherwise it is left out. */
  readonly keepsReturning: boolean;
  readonly relation: { readonly owner: number };
  readonly binder: Binder;
  readonly modification: (node: Node, scope: Scope) => BoundModification;
}

export function bindRuleAction(request: RuleActionRequest): BoundAction {
  const { binder, rows, relation } = request;
  const { statement, temporalClauses } = parseStored(request.action);
  const isNotify = bodyOf(statement, 'NotifyStmt') !== undefined;
  const joined = withRows(
    statement,
    ruleRowsNode(rows.table, actionRows(request, statement)),
    request.keepsReturning,
  );
  const { ruledView } = binder;
  binder.ruledView = undefined;
  try {
    return binder.nested(() =>
      binder.asOwner(relation.owner, () =>
        binder.withSource(storedSource(temporalClauses), () => {
          const scope = new Scope(binder, undefined);
          const select = bodyOf(joined, 'SelectStmt');
          return select === undefined
            ? request.modification(joined, scope)
            : { command: isNotify ? 'NOTIFY' : 'SELECT', ...binder.grammar.select(select, scope) };
        }),
      ),
    );
  } finally {
    binder.ruledView = ruledView;
  }
}

/** An action that reads no row of a statement for all rows is carried out once, as in PostgreSQL. */
function actionRows({ rows, rule }: RuleActionRequest, statement: Node): RuleRows {
  const { plan, old, new: written } = rows;
  const reads = [statement, ...(rule.condition ? [conditionNode(rule.condition.sql)] : [])].some(
    (node) => namesSide(node, 'old') || (rule.event === 'update' && namesSide(node, 'new')),
  );
  if (rows.isBare && !reads)
    return { plan: { kind: 'singleRow', outputs: [] }, old: undefined, new: undefined };
  return { plan, old, new: written };
}

/** Is there a column old.… or new.… in the tree? */
export function namesSide(tree: Node, side: 'old' | 'new'): boolean {
  const pending: unknown[] = [tree];
  while (pending.length > 0) {
    const each = pending.pop();
    if (typeof each !== 'object' || each === null) continue;
    const fields = 'ColumnRef' in each ? bodyOf(each as Node, 'ColumnRef')?.fields : undefined;
    if (fields !== undefined && bodyOf(fields[0], 'String')?.sval === side) return true;
    pending.push(...Object.values(each));
  }
  return false;
}

export function conditionNode(sql: string): Node {
  const { statement } = parseStored(`SELECT ${sql}`);
  return bodyOf(bodyOf(statement, 'SelectStmt')?.targetList?.[0], 'ResTarget')!.val!;
}

function withRows(statement: Node, rows: Node, keepsReturning: boolean): Node {
  const notify = bodyOf(statement, 'NotifyStmt');
  if (notify !== undefined) return { SelectStmt: notifyQuery(notify) };
  const select = bodyOf(statement, 'SelectStmt');
  if (select !== undefined) return { SelectStmt: joinedSelect(select, rows) };
  const insert = bodyOf(statement, 'InsertStmt');
  if (insert !== undefined) {
    const { returningClause, ...rest } = joinedInsert(insert, rows);
    return { InsertStmt: keepsReturning && returningClause ? { ...rest, returningClause } : rest };
  }
  const update = bodyOf(statement, 'UpdateStmt');
  if (update !== undefined) {
    const { returningClause, ...rest } = update;
    const joined = { ...rest, fromClause: [rows, ...lateral(update.fromClause)] };
    return {
      UpdateStmt: keepsReturning && returningClause ? { ...joined, returningClause } : joined,
    };
  }
  const remove = bodyOf(statement, 'DeleteStmt');
  if (remove !== undefined) {
    const { returningClause, ...rest } = remove;
    const joined = { ...rest, usingClause: [rows, ...lateral(remove.usingClause)] };
    return {
      DeleteStmt: keepsReturning && returningClause ? { ...joined, returningClause } : joined,
    };
  }
  throw notSupported(
    `${nodeTag(statement).replace('Stmt', '').toUpperCase()} as the action of a rule`,
  );
}

/** NOTIFY is carried out once, whatever rows there are. */
function notifyQuery({ conditionname = '', payload = '' }: NotifyStmt): SelectStmt {
  const text = (sval: string): Node => ({ A_Const: { sval: { sval } } });
  const funcname: Node[] = [{ String: { sval: 'pg_catalog' } }, { String: { sval: 'pg_notify' } }];
  const val: Node = { FuncCall: { funcname, args: [text(conditionname), text(payload)] } };
  return {
    targetList: [{ ResTarget: { val } }],
    limitOption: 'LIMIT_OPTION_DEFAULT',
    op: 'SETOP_NONE',
  };
}

/** Subqueries in FROM may read old and new. */
function lateral(nodes: readonly Node[] | undefined): Node[] {
  return (nodes ?? []).map((node) => {
    const range = bodyOf(node, 'RangeSubselect');
    return range === undefined ? node : { RangeSubselect: { ...range, lateral: true } };
  });
}

function joinedSelect(select: SelectStmt, rows: Node): SelectStmt {
  if (select.valuesLists !== undefined || (select.op !== undefined && select.op !== 'SETOP_NONE'))
    return besides(select, rows);
  return { ...select, fromClause: [rows, ...lateral(select.fromClause)] };
}

/** The query for each of the rows. */
function besides(select: SelectStmt, rows: Node): SelectStmt {
  const name = '*RULE*';
  const derived: Node = {
    RangeSubselect: {
      lateral: true,
      subquery: { SelectStmt: select },
      alias: { aliasname: name },
    },
  };
  const fields: Node[] = [{ String: { sval: name } }, { A_Star: {} }];
  return {
    targetList: [{ ResTarget: { val: { ColumnRef: { fields } } } }],
    fromClause: [rows, derived],
    limitOption: 'LIMIT_OPTION_DEFAULT',
    op: 'SETOP_NONE',
  };
}

/** VALUES becomes a query over the rows, so that its values may read them; DEFAULT is left out of it. */
function joinedInsert(insert: InsertStmt, rows: Node): InsertStmt {
  const select = bodyOf(insert.selectStmt, 'SelectStmt');
  const lists = select?.valuesLists?.map((list) => listItems(list));
  if (select !== undefined && lists === undefined)
    return { ...insert, selectStmt: { SelectStmt: joinedSelect(select, rows) } };
  const [first = [], ...others] = lists ?? [];
  const isDefault = first.map((_item, at) =>
    [first, ...others].every((items) => nodeTag(items[at]) === 'SetToDefault'),
  );
  const lastValue = isDefault.lastIndexOf(false);
  if (insert.cols === undefined && isDefault.indexOf(true) < lastValue && isDefault.includes(true))
    throw notSupported('DEFAULT without a column list in a rule');
  const values = [first, ...others].map((items) => items.filter((_item, at) => !isDefault[at]));
  const cols = insert.cols?.filter((_column, at) => isDefault[at] !== true);
  return {
    ...insert,
    ...(cols === undefined ? {} : { cols }),
    ...(lists === undefined ? { cols: [] } : {}),
    selectStmt: { SelectStmt: valuesQuery(values, rows) },
  };
}

function valuesQuery(lists: readonly (readonly Node[])[], rows: Node): SelectStmt {
  const form = { limitOption: 'LIMIT_OPTION_DEFAULT', op: 'SETOP_NONE' } as const;
  if (lists.length > 1) {
    const valuesLists = lists.map((items): Node => ({ List: { items: [...items] } }));
    return besides({ valuesLists, ...form }, rows);
  }
  const targetList = lists[0].map((val): Node => ({ ResTarget: { val } }));
  return { targetList, fromClause: [rows], ...form };
}
