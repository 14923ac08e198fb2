// SEARCH and CYCLE of WITH RECURSIVE (SQL:1999; PostgreSQL's rewriteSearchCycle.c): columns that both terms
// make in addition. The sequence of SEARCH orders rows depth or breadth first; CYCLE keeps the path to a row
// and marks the row that repeats one of it, from which the recursion does not go on.

import type { CommonTableExpr, Node, RangeVar, SelectStmt } from '@pgsql/types';
import { databaseError, type Expression, sqlType, TypeOid } from '#common';
import { functionRegistry } from '#functions';
import { at, syntaxError } from '../errors.ts';
import type { LogicalPlan, PlanColumn } from '../logical-plan.ts';
import { type BoundSelect, exactPlan, extend } from './bound-select.ts';
import { coerceToCommon, selectCommonType } from './common-type.ts';
import { booleanType, constant, int8Type } from './expression-build.ts';
import { bodyOf, stringsOf } from './node.ts';
import { bindOperator } from './operator-call.ts';
import { columnReference, type Scope } from './scope.ts';
import { requireEquality } from './sort-key.ts';
import { typeName } from './type-name.ts';

const recordType = sqlType(TypeOid.record);
/** record[] */
const recordsType = sqlType(2287);

interface Mark {
  readonly value: Expression;
  readonly otherwise: Expression;
}

/** The columns that the clauses add to the query's own. */
export class AddedColumns {
  readonly columns: readonly PlanColumn[];
  private readonly own: readonly PlanColumn[];
  private readonly cte: CommonTableExpr;
  private readonly scope: Scope;
  private readonly mark: Mark | undefined;

  /** 42601, 42701, 42804, 42883 for what the clauses name wrongly. */
  constructor(cte: CommonTableExpr, own: readonly PlanColumn[], scope: Scope) {
    this.cte = cte;
    this.own = own;
    this.scope = scope;
    const { search_clause: search, cycle_clause: cycle } = cte;
    checkNames(cte, own, (location) => scope.position(location));
    this.mark = cycle === undefined ? undefined : bindMark(cycle, scope);
    const columns: PlanColumn[] = [];
    if (search !== undefined) {
      const type = search.search_breadth_first === true ? recordType : recordsType;
      columns.push(scope.newColumn(search.search_seq_column ?? '', type));
    }
    if (cycle !== undefined && this.mark !== undefined) {
      columns.push(
        scope.newColumn(cycle.cycle_mark_column ?? '', this.mark.value.type),
        scope.newColumn(cycle.cycle_path_column ?? '', recordsType),
      );
    }
    this.columns = columns;
  }

  /** The step's query with the columns of the round before added to what it makes. */
  widened(step: SelectStmt): SelectStmt {
    const name = this.cte.ctename ?? '';
    const isSelect = step.op === undefined || step.op === 'SETOP_NONE';
    if (!isSelect || step.valuesLists !== undefined) {
      throw databaseError(
        'featureNotSupported',
        'with a SEARCH or CYCLE clause, the right side of the UNION must be a SELECT',
      );
    }
    const range = hidesItself(name, step) ? undefined : referenceTo(name, step.fromClause);
    if (range === undefined) {
      throw databaseError(
        'featureNotSupported',
        `with a SEARCH or CYCLE clause, the recursive reference to WITH query "${name}" must be at the top level of its right-hand SELECT`,
      );
    }
    const alias = range.alias?.aliasname ?? name;
    const added = this.columns.map((column): Node => {
      const fields: Node[] = [{ String: { sval: alias } }, { String: { sval: column.name } }];
      return { ResTarget: { val: { ColumnRef: { fields } } } };
    });
    return { ...step, targetList: [...(step.targetList ?? []), ...added] };
  }

  /** The first term with the columns as they begin. */
  first(base: BoundSelect): LogicalPlan {
    const { search_clause: search, cycle_clause: cycle } = this.cte;
    const made: Expression[] = [];
    if (search !== undefined) {
      const fields = this.fields(search.search_col_list, base.columns);
      made.push(
        search.search_breadth_first === true
          ? row([constant(0, int8Type), ...fields])
          : records([row(fields)]),
      );
    }
    if (cycle !== undefined)
      made.push(
        this.mark!.otherwise,
        records([row(this.fields(cycle.cycle_col_list, base.columns))]),
      );
    return extend(
      exactPlan(base),
      made.map((expression, index) => ({ column: this.columns[index], expression })),
    );
  }

  /** The step with the columns as they go on; rows that are marked are gone on from no more. */
  next(step: BoundSelect): BoundSelect {
    const { search_clause: search, cycle_clause: cycle } = this.cte;
    const count = this.own.length;
    const before = step.columns
      .slice(count)
      .map((column) => columnReference(column.id, column.type));
    const own = step.columns.slice(0, count);
    const made: Expression[] = [];
    let plan: LogicalPlan = exactPlan(step);
    if (search !== undefined)
      made.push(this.nextSequence(before[0], this.fields(search.search_col_list, own)));
    if (cycle !== undefined) {
      const [mark, path] = before.slice(-2);
      const next = row(this.fields(cycle.cycle_col_list, own));
      made.push(this.nextMark(next, path), joined(path, records([next])));
      const condition = bindOperator('<>', mark, this.mark!.value, this.scope, undefined);
      plan = { kind: 'filter', input: plan, condition, barrier: false, outputs: plan.outputs };
    }
    const columns = made.map(({ type }, index) =>
      this.scope.newColumn(this.columns[index].name, type),
    );
    const outputs = [...own, ...columns];
    const expressions = [...own.map(({ id, type }) => columnReference(id, type)), ...made];
    return { plan: { kind: 'project', input: plan, expressions, outputs }, columns: outputs };
  }

  private nextSequence(before: Expression, fields: readonly Expression[]): Expression {
    if (this.cte.search_clause?.search_breadth_first !== true)
      return joined(before, records([row(fields)]));
    const depth: Expression = {
      kind: 'field',
      argument: before,
      ordinal: 0,
      name: '*DEPTH*',
      type: int8Type,
    };
    return row([bindOperator('+', depth, constant(1, int8Type), this.scope, undefined), ...fields]);
  }

  private nextMark(next: Expression, path: Expression): Expression {
    const equality = functionRegistry
      .operatorsNamed('=')
      .find(({ left, right }) => left === TypeOid.record && right === TypeOid.record)!;
    const repeats: Expression = {
      kind: 'arrayComparison',
      quantifier: 'any',
      functionOid: equality.functionOid,
      operatorOid: equality.oid,
      left: next,
      array: path,
      type: booleanType,
    };
    const { value, otherwise } = this.mark!;
    return {
      kind: 'case',
      branches: [{ when: repeats, then: value }],
      otherwise,
      type: value.type,
    };
  }

  private fields(
    nodes: readonly Node[] | undefined,
    columns: readonly PlanColumn[],
  ): readonly Expression[] {
    return stringsOf(nodes).map((name) => {
      const column = columns[this.own.findIndex((each) => each.name === name)];
      return columnReference(column.id, column.type);
    });
  }
}

function row(fields: readonly Expression[]): Expression {
  return { kind: 'row', fields, type: recordType };
}

function records(elements: readonly Expression[]): Expression {
  return { kind: 'array', nested: false, elements, type: recordsType };
}

function joined(left: Expression, right: Expression): Expression {
  const [concatenation] = functionRegistry.functionsNamed('array_cat');
  return {
    kind: 'call',
    functionOid: concatenation.oid,
    arguments: [left, right],
    type: recordsType,
  };
}

function bindMark(cycle: NonNullable<CommonTableExpr['cycle_clause']>, scope: Scope): Mark {
  const { binder } = scope;
  const bind = (node: Node | undefined, otherwise: boolean): Expression =>
    node === undefined ? constant(otherwise, booleanType) : scope.bind(node);
  const sides = [bind(cycle.cycle_mark_value, true), bind(cycle.cycle_mark_default, false)];
  const type = selectCommonType(sides, 'CYCLE', binder);
  const [value, otherwise] = sides.map((side) => coerceToCommon(side, type, 'CYCLE', binder));
  requireEquality(value, binder, undefined);
  if (cycle.cycle_mark_value !== undefined)
    binder.context.record?.marks.set(cycle, [value, otherwise]);
  const hasInequality = functionRegistry
    .operatorsNamed('<>')
    .some(({ left }) => left === value.type.oid);
  if (!hasInequality && value.type.oid !== TypeOid.varchar) {
    throw databaseError(
      'undefinedFunction',
      `could not identify an inequality operator for type ${typeName(value.type, binder)}`,
    );
  }
  return { value, otherwise };
}

/** A WITH query of the step has taken the name. */
function hidesItself(name: string, step: SelectStmt): boolean {
  return (step.withClause?.ctes ?? []).some(
    (node) => bodyOf(node, 'CommonTableExpr')?.ctename === name,
  );
}

/** The reference to the query itself among the elements of FROM, joins entered. */
function referenceTo(name: string, nodes: readonly Node[] | undefined): RangeVar | undefined {
  for (const node of nodes ?? []) {
    const range = bodyOf(node, 'RangeVar');
    if (range !== undefined && range.schemaname === undefined && range.relname === name)
      return range;
    const join = bodyOf(node, 'JoinExpr');
    const found = join === undefined ? undefined : referenceTo(name, [join.larg!, join.rarg!]);
    if (found !== undefined) return found;
  }
  return undefined;
}

type Positions = (location: number | undefined) => number | undefined;

function checkNames(
  { search_clause: search, cycle_clause: cycle }: CommonTableExpr,
  own: readonly PlanColumn[],
  position: Positions,
): void {
  const isOwn = (name: string | undefined): boolean => own.some((column) => column.name === name);
  const checkList = (nodes: readonly Node[] | undefined, word: string, place?: number): void => {
    const seen = new Set<string>();
    for (const name of stringsOf(nodes)) {
      if (!isOwn(name))
        throw syntaxError(`${word} column "${name}" not in WITH query column list`, place);
      if (seen.has(name)) {
        throw databaseError(
          'duplicateColumn',
          `${word} column "${name}" specified more than once`,
          at(place),
        );
      }
      seen.add(name);
    }
  };
  const refuseOwn = (name: string | undefined, what: string, place?: number): void => {
    if (!isOwn(name)) return;
    throw syntaxError(
      `${what} column name "${name}" already used in WITH query column list`,
      place,
    );
  };
  const refuseSame = (same: boolean, what: string, place?: number): void => {
    if (same) throw syntaxError(`${what} column name are the same`, place);
  };
  const searchPlace = position(search?.location);
  const cyclePlace = position(cycle?.location);
  if (search !== undefined) {
    checkList(search.search_col_list, 'search', searchPlace);
    refuseOwn(search.search_seq_column, 'search sequence', searchPlace);
  }
  if (cycle === undefined) return;
  const { cycle_mark_column: mark, cycle_path_column: path } = cycle;
  checkList(cycle.cycle_col_list, 'cycle', cyclePlace);
  refuseOwn(mark, 'cycle mark', cyclePlace);
  refuseOwn(path, 'cycle path', cyclePlace);
  refuseSame(mark === path, 'cycle mark column name and cycle path', cyclePlace);
  const sequence = search?.search_seq_column;
  refuseSame(sequence === mark, 'search sequence column name and cycle mark', searchPlace);
  refuseSame(sequence === path, 'search sequence column name and cycle path', searchPlace);
}
